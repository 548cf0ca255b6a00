"""Nothing in the product knows of the sandbox, and what it asks of a server is written down."""

import os
import re
from pathlib import Path

import pytest
from process_side import answering
from service import ended, start, stored_ids, world_ids

from core.run import RunState

ROOT = Path(__file__).parents[2]
METHODS = ROOT / "docs" / "methods.md"
ROOMS = ("bot", "collector", "core", "db")

HEAD = """# Methods that the product uses

Made from what the sandbox counted while the product signed an account in, looked a source up,
collected a chat and talked to an operator. Another MTProto or Bot API server has to know these.
`TELECREW_WRITE_METHODS=1 make test` writes this page anew.
"""


def test_no_room_of_the_product_names_the_sandbox() -> None:
    named = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.suffix in {".py", ".ftl"} and re.search("sandbox", path.read_text(), re.IGNORECASE)
    ]
    assert named == []


@pytest.mark.timeout(180)
async def test_the_methods_it_uses_are_the_ones_in_the_docs(make_crew) -> None:
    crew = await make_crew({"alpha_chat": 150}, accounts=1)
    sandbox = crew.sandbox
    service = await crew.start()
    await answering(sandbox)
    human = sandbox.bot_api.person(sandbox.world.operator.id)
    await human.send("/newtask @alpha_chat @alpha_chta")
    review = await human.wait_for_message(
        lambda seen: "alpha_chta" in seen.text and seen.edited, 30
    )
    assert any("Alpha Chat" in seen.text for seen in human.messages), review.text
    run = await start(crew.database, "@alpha_chat", chat=human.id)
    assert await ended(crew.database, run) == [RunState.DONE]
    assert await stored_ids(crew.database, sandbox, "alpha_chat") == world_ids(
        sandbox, "alpha_chat"
    )
    final = await human.wait_for_message(
        lambda seen: any("Export" in row for row in seen.buttons), 30
    )
    export = await human.press(final.id, "Export")
    await human.answered(export)
    choice = await human.wait_for_message(
        lambda seen: any("JSON Lines" in row for row in seen.buttons), 30
    )
    await human.press(choice.id, "JSON Lines")
    await human.wait_for_message(lambda seen: seen.document is not None, 60)
    await human.send("/cancel")
    assert await service.stop() == 0
    used = {method for _, method in sandbox.counters.totals} | set(sandbox.counters.bot_totals)
    if os.environ.get("TELECREW_WRITE_METHODS"):
        mtproto = {method for method in used if "." in method}
        METHODS.write_text(page(mtproto, used - mtproto))
    assert used <= set(re.findall(r"^- `(\S+)`$", METHODS.read_text(), re.MULTILINE))


def page(mtproto: set[str], bot_api: set[str]) -> str:
    parts = [HEAD]
    for title, methods in (("MTProto", mtproto), ("Bot API", bot_api)):
        parts.append(f"\n## {title}\n\n")
        parts.extend(f"- `{method}`\n" for method in sorted(methods))
    return "".join(parts)
