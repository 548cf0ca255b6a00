"""From `telecrew run` to the bot's first answer with the embedded MongoDB; memory at rest."""

import time
from pathlib import Path

import pytest
from process_side import Service, environment

from sandbox.seed import small_world
from sandbox.server import Sandbox

SOON = 60.0
"""Far above what is measured (see the figures that the test prints), for busy machines."""

AT_REST = 400 * 2**20


@pytest.mark.timeout(240)
async def test_the_first_answer_comes_soon_on_a_new_and_on_a_used_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=1)) as sandbox:
        given = environment(sandbox, "", "telecrew", tmp_path)
        figures = []
        for folder in ("new", "used"):
            service = Service(given)
            began = time.monotonic()
            await service.start()
            human = sandbox.bot_api.person(sandbox.world.operator.id)
            sent = await human.send("/start")
            await human.wait_for_message(
                lambda seen, sent=sent: seen.by_bot and seen.id > sent, SOON
            )
            figures.append((folder, time.monotonic() - began, await service.resident_bytes()))
            assert await service.stop() == 0
    with capsys.disabled():
        for folder, seconds, resident in figures:
            print(f"\nfirst answer, {folder} folder: {seconds:.1f} s; {resident / 2**20:.0f} MiB")
    assert all(resident < AT_REST for _, _, resident in figures)
