"""What is said in a basic group: one message, and a copy with its own id in each member's box."""

import time
from datetime import UTC, datetime

from telethon.tl import types

from sandbox.basic_group import BasicGroup
from sandbox.box import Peer
from sandbox.chat import Written
from sandbox.dice import Dice
from sandbox.world import World


def say(world: World, group: BasicGroup, text: str, dice: Dice) -> dict[int, int]:
    """Somebody says it to all accounts that are in the group. Returns account -> id."""
    sender, now = dice.pick(group.people), int(time.time())

    def make(message_id: int) -> Written:
        message = types.Message(
            id=message_id,
            peer_id=types.PeerChat(group.id),
            from_id=types.PeerUser(sender),
            date=datetime.fromtimestamp(now, UTC),
            message=text,
            noforwards=group.protected or None,
        )
        return Written(bytes(message), (sender,), (group.id,))

    there = Peer("chat", group.id)
    return {one: world.box(one).post(there, now, make) for one in world.insiders(group.id)}


def something(group: BasicGroup, dice: Dice) -> str:
    """What might be said next: something that was said there before."""
    for _ in range(20):
        said = group.source.message(dice.pick(group.source.ids()))
        if isinstance(said, types.Message) and said.message:
            return said.message
    return "👍"
