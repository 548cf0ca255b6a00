"""What can be tried in a world: each chat by what one types to name it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.basic_group import BasicGroup
from sandbox.chat import Chat
from sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`name`: `@username`, or an invite link. `note`: what is special about entering it: `group`
    (a basic group), `approval`, `peek`, `full` or `expired`. A dead invitation has no title."""

    key: str
    name: str
    title: str
    count: int
    note: str = ""


def places(world: World) -> Iterator[Place]:
    """Public chats, then those behind a link, then dead links. What nobody can name is left out."""
    there: list[Chat | BasicGroup] = [*world.chats.values(), *world.groups.values()]
    for chat in world.chats.values():
        if chat.public:
            name = f"@{chat.username}"
            yield Place(key=chat.username, name=name, title=chat.title, count=chat.count,
                        note=_note(chat))  # fmt: skip
    for one in there:
        invite = one.entrance.invite
        if invite and not one.public:
            yield Place(key=invite, name=link(invite), title=one.title, count=_count(one),
                        note=_note(one))  # fmt: skip
    for invite in world.dead_invites:
        yield Place(key=invite, name=link(invite), title="", count=0, note="expired")


def link(invite: str) -> str:
    """The link of an invitation, as people send it."""
    return f"https://t.me/+{invite}"


def _count(one: Chat | BasicGroup) -> int:
    return one.count if isinstance(one, Chat) else len(one.ids())


def _note(one: Chat | BasicGroup) -> str:
    if isinstance(one, BasicGroup):
        return "group"
    entrance = one.entrance
    marks = {"approval": entrance.approval, "peek": entrance.peek, "full": entrance.full}
    return next((name for name, there in marks.items() if there), "")
