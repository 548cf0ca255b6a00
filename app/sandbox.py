"""`telecrew sandbox`: the local Telegram alone, and how to point the product at it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.demo import fresh_world
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
            password = f", password {person.password}" if person.password else ""
            say(f"  +{person.phone} {person.name}: code {person.login_code}{password}")
        say("Public chats:")
        public = [chat for chat in sandbox.world.chats.values() if chat.public]
        for chat in public:
            say(f"  @{chat.username} {chat.title}: {chat.count} messages")
        say("Search bots:")
        for bot in sandbox.world.search_bots.values():
            say(f"  @{bot.username} {bot.name}")
        say("Ctrl-C stops it.")
        await asyncio.Event().wait()
