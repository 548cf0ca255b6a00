"""Whatever is listed to be tried has a name that leads to it, and is told in both languages."""

import re
from pathlib import Path

from sandbox.places import places
from sandbox.seed import demo_world, small_world

TEXTS = Path(__file__).parents[2] / "sandbox" / "web" / "texts.js"


def test_each_name_leads_to_its_chat_and_none_is_left_out() -> None:
    world = demo_world()
    listed = list(places(world))
    found = []
    for one in listed:
        if one.name.startswith("@"):
            chat = world.find_chat(one.name.removeprefix("@"))
        else:
            assert one.name == f"https://t.me/+{one.key}"
            chat = world.invited_by(one.key)
        if one.note == "expired":
            assert chat is None
            assert one.key in world.dead_invites
            continue
        assert chat is not None
        assert chat.title == one.title
        found.append(chat.id)
    there = [*world.chats.values(), *world.groups.values()]
    assert sorted(found) == sorted(one.id for one in there if one.public or one.entrance.invite)
    assert len(listed) == len({one.name for one in listed}) == 30


def test_a_chat_that_nobody_can_name_is_not_listed() -> None:
    world = small_world(chats={"open_chat": 3, "Closed": 3}, private=["Closed"], groups={"Few": 3})
    assert [one.name for one in places(world)] == ["@open_chat"]


def test_every_note_has_a_text_in_both_languages() -> None:
    notes = {one.note for one in places(demo_world())} - {""}
    assert notes == {"approval", "peek", "full", "group", "expired"}
    text = TEXTS.read_text()
    for note in notes:
        assert len(re.findall(rf"\bnote_{note}: ", text)) == 2
