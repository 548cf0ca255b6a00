"""The demo's own lines sign its fourth account in, and its chat page names every chat."""

import asyncio
import os
import shlex
import stat
from pathlib import Path

import pytest
from browser_side import browser, chat_page
from demo_side import Chat, Demo, demo

ELSEWHERE = "mongodb://nobody.invalid:1/"


@pytest.mark.timeout(240)
async def test_the_fourth_account_is_signed_in_and_each_chat_has_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's a demo"
    given = {"MONGODB_URI": ELSEWHERE}
    async with demo("--data-dir", str(folder), **given) as running, browser() as chromium:
        lines = await told(running)
        assert stat.S_IMODE((folder / "demo.env").stat().st_mode) == 0o600
        (line,) = [one for one in lines if " login --env-file " in one]
        code = lines[lines.index(line) + 1].removeprefix("and answer with code ").rstrip(".")
        said = await paste(line, f"{code}\n", tmp_path)
        assert "Signed in: Dan Four is account #4 of the crew." in said
        async with chat_page(chromium, running.url) as page:
            chat = Chat(page)
            await chat.say("/accounts")
            shown = await chat.see("4 of 4 ready", timeout=60)
            assert (await shown.inner_text()).count("Dan Four #") == 1
            names = await page.locator("#chats .username").all_inner_texts()
            titles = await page.locator("#chats .title").all_inner_texts()
            assert all(titles)
            assert all(one.removeprefix("@").removeprefix("t.me/+") for one in names)
            links = [f"https://{one}" for one in names if one.startswith("t.me/+")]
            assert len(links) == 7
            assert [one.split()[0] for one in lines if "t.me/+" in one] == links
            for link in links:
                await chat.say(f"/newtask {link}")
                await looked_up(chat, expired="Expired" in link)


async def told(running: Demo) -> list[str]:
    """What it says until it has said everything."""
    assert running.process.stdout is not None
    lines = running.lines
    while not lines[-1].startswith("Ctrl-C"):
        lines.append((await running.process.stdout.readline()).decode().strip())
    return lines


async def paste(line: str, answers: str, folder: Path) -> str:
    """What the command says, in another folder than the demo's, and with nothing but a shell's
    environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        *shlex.split(line),
        cwd=folder,
        env=kept,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(answers.encode()), 90)
    assert process.returncode == 0, said.decode()
    return said.decode()


async def looked_up(chat: Chat, *, expired: bool) -> None:
    """The review says what is behind the link."""
    if expired:
        await chat.see("The invite link has expired", timeout=60)
    else:
        await chat.see(" members", timeout=60)
