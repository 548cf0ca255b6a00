"""`telecrew sandbox`: the local Telegram alone, and how to point the product at it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.demo import fresh_world
from app.tour import answers, invitations, public_chats
from sandbox.server import Sandbox, SandboxConfig


async def serve_sandbox(
    *,
    port: int,
    mtproto_port: int,
    data_dir: Path | None,
    say: Callable[[str], None],
    traffic: float = 0.0,
) -> None:
    """Run until cancelled. `traffic`: new messages a second."""
    config = SandboxConfig(
        http_port=port, mtproto_port=mtproto_port, data_dir=data_dir, traffic=traffic
    )
    async with Sandbox(fresh_world(), config) as sandbox:
        say(f"Chat page: {sandbox.chat_page_url}")
        say("Settings that point the product here (for `.env` or the environment):")
        for name, value in sandbox.environment().items():
            say(f"{name}={value}")
        say("Accounts to sign in with `telecrew login`:")
        for person in sandbox.world.accounts:
            say(f"  +{person.phone} {person.name}: {answers(person)}")
        say("Public chats:")
        for line in public_chats(sandbox.world):
            say(line)
        say("Invite links:")
        for line in invitations(sandbox.world):
            say(line)
        say("Search bots:")
        for bot in sandbox.world.search_bots.values():
            say(f"  @{bot.username} {bot.name}")
        say("Ctrl-C stops it.")
        await asyncio.Event().wait()
