"""A sandbox in a process of its own, so that its work is not counted as the collector's.

`python -m bench.local_telegram '{"chats": {"name": 500}, "accounts": 2, "prepared": true}'` says in
one line of JSON how to reach it and who may sign in. `prepared`: all messages are made beforehand.
`inside`, if it is there, lists the chats that each of those people is a member of.
"""

import asyncio
import json
import sys
from typing import Any

from app.ending import ending_signals
from sandbox import chat
from sandbox.chat import Chat
from sandbox.seed import small_world
from sandbox.server import Sandbox

ALL_BLOCKS = 100_000


def main() -> None:
    asyncio.run(serve(json.loads(sys.argv[1])))


async def serve(wanted: dict[str, Any]) -> None:
    """Run until a signal."""
    stop = asyncio.Event()
    for number in ending_signals():
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    chat.CACHED_BLOCKS = ALL_BLOCKS
    world = small_world(chats=wanted["chats"], accounts=wanted["accounts"])
    if wanted["prepared"]:
        for one in world.chats.values():
            prepare(one)
    for person, names in zip(world.accounts, wanted.get("inside", ()), strict=False):
        for name in names:
            world.membership.enter(person.id, world.chat(name).id)
    async with Sandbox(world) as sandbox:
        people = [
            {"id": one.id, "phone": one.phone, "code": one.login_code} for one in world.accounts
        ]
        print(json.dumps({"settings": sandbox.environment(), "people": people}), flush=True)
        await stop.wait()


def prepare(one: Chat) -> None:
    """Make all messages of a chat."""
    one.page(0, one.count)


if __name__ == "__main__":
    main()
