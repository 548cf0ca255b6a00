"""The world follows from its seed, is written in Telethon's own bytes, and looks like Telegram."""

import asyncio
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from telethon.tl import types

from sandbox import chat as chats
from sandbox.chat import ChatKind
from sandbox.seed import demo_world, small_world

SIZES = {"alpha_chat": 900, "beta_news": 900, "gamma_forum": 900, "delta_chat": 900}
KINDS = {"beta_news": ChatKind.CHANNEL, "gamma_forum": ChatKind.FORUM}


def fingerprint(world):
    digest = sha256()
    for chat in world.chats.values():
        digest.update(f"{chat.username} {chat.title} {chat.members} {list(chat.ids())}".encode())
        for message_id in chat.ids():
            digest.update(chat.written(message_id).raw)
        for person in chat.senders.values():
            digest.update(f"{person}".encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def world():
    return small_world(chats=SIZES, kinds=KINDS, seed=3)


def test_two_worlds_of_one_seed_are_equal(world):
    assert fingerprint(world) == fingerprint(small_world(chats=SIZES, kinds=KINDS, seed=3))


def test_another_seed_is_another_world(world):
    other = small_world(chats=SIZES, kinds=KINDS, seed=4)
    assert list(other.chat("alpha_chat").ids()) != list(world.chat("alpha_chat").ids())
    assert other.chat("alpha_chat").message(1).date != world.chat("alpha_chat").message(1).date
    same = sum(
        other.chat("delta_chat").written(at) == world.chat("delta_chat").written(at)
        for at in world.chat("delta_chat").ids()
    )
    assert same == 0


async def test_another_process_makes_the_same_world(world):
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_one_seed_makes_one_world import KINDS, SIZES, fingerprint\n"
        "from sandbox.seed import small_world\n"
        "print(fingerprint(small_world(chats=SIZES, kinds=KINDS, seed=3)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert printed.decode().strip() == fingerprint(world)


def test_order_of_reading_changes_nothing(world, monkeypatch):
    monkeypatch.setattr(chats, "CACHED_BLOCKS", 2)
    again = small_world(chats=SIZES, kinds=KINDS, seed=3).chat("alpha_chat")
    truth = world.chat("alpha_chat")
    for message_id in reversed(truth.ids()):
        assert again.written(message_id) == truth.written(message_id)
    assert len(again._blocks) == 2


@pytest.mark.parametrize("username", SIZES)
def test_the_bytes_are_those_that_telethon_would_write(world, username):
    chat = world.chat(username)
    for message_id in chat.ids():
        assert bytes(chat.message(message_id)) == chat.written(message_id).raw


@pytest.mark.parametrize("username", SIZES)
def test_every_entity_lies_inside_its_text(world, username):
    seen = Counter()
    for message in world.chat(username).messages():
        text = (getattr(message, "message", None) or "").encode("utf-16-le")
        for entity in getattr(message, "entities", None) or ():
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            assert 0 <= start < end <= len(text)
            text[start:end].decode("utf-16-le")
            seen[type(entity).__name__] += 1
    assert len(seen) >= 6


def test_what_telegram_has_the_world_has(world):
    media, actions = Counter(), Counter()
    facts = Counter()
    for chat in world.chats.values():
        for message in chat.messages():
            if isinstance(message, types.MessageService):
                actions[type(message.action).__name__] += 1
                continue
            media[type(message.media).__name__] += 1
            facts["reply"] += message.reply_to is not None
            facts["forward"] += message.fwd_from is not None
            facts["edited"] += message.edit_date is not None
            facts["album"] += message.grouped_id is not None
            facts["reactions"] += message.reactions is not None
            facts["views"] += message.views is not None
            facts["author"] += message.post_author is not None
            facts["anonymous"] += isinstance(message.from_id, types.PeerChannel)
            if message.edit_date:
                assert message.edit_date > message.date
    assert min(facts[name] for name in ("reply", "forward", "edited", "album")) > 50
    assert min(facts[name] for name in ("reactions", "views", "author", "anonymous")) > 20
    kinds = ("Photo", "Document", "WebPage", "Poll", "Geo")
    assert all(media[f"MessageMedia{kind}"] for kind in kinds)
    assert {"MessageActionChannelCreate", "MessageActionTopicCreate"} < set(actions)
    assert {"MessageActionChatAddUser", "MessageActionPinMessage"} < set(actions)


def test_ids_have_holes_and_dates_never_fall(world):
    for chat in world.chats.values():
        ids = list(chat.ids())
        assert len(ids) == len(set(ids)) == chat.count == SIZES[chat.username]
        assert ids[0] == 1
        assert len(ids) < chat.top_id
        dates = [message.date for message in chat.messages()]
        assert dates == sorted(dates)
        hole = next(number for number in range(1, chat.top_id) if number not in chat)
        assert chat.message(hole) is None
        assert chat.message(0) is chat.message(chat.top_id + 1) is None


def test_albums_are_photos_of_one_sender_at_one_time(world):
    albums = {}
    for message in world.chat("alpha_chat").messages():
        if getattr(message, "grouped_id", None):
            albums.setdefault(message.grouped_id, []).append(message)
    assert len(albums) > 10
    for album in albums.values():
        assert len({(str(message.from_id), message.date) for message in album}) == 1
        assert all(message.photo for message in album)


def test_replies_and_topics_point_at_what_exists(world):
    for username in ("alpha_chat", "gamma_forum"):
        chat = world.chat(username)
        topics = Counter()
        for message in chat.messages():
            reply = message.reply_to
            if reply is None:
                continue
            assert reply.reply_to_msg_id in chat
            assert reply.reply_to_msg_id < message.id
            if reply.forum_topic:
                topics[reply.reply_to_top_id or reply.reply_to_msg_id] += 1
        assert set(topics) == (set(range(2, 7)) if chat.kind is ChatKind.FORUM else set())


def test_the_demo_world():
    world = demo_world()
    assert [bool(person.password) for person in world.accounts] == [False, True, False, False]
    assert len({person.phone for person in world.accounts}) == 4
    counts = sorted(chat.count for chat in world.chats.values() if chat.public)
    assert (len(counts), counts[0], counts[-1]) == (23, 500, 50_000)
    private = [chat for chat in world.chats.values() if not chat.public]
    assert all(world.invited_by(chat.entrance.invite) is chat for chat in private)
    assert sorted(group.title for group in world.groups.values()) == ["Weekend Hikers", "老友群"]
    assert {bot.style for bot in world.search_bots.values()} == {"entities", "plain"}
    assert {chat.language for chat in world.chats.values()} == {"en", "zh"}
    assert {chat.kind for chat in world.chats.values()} == set(ChatKind)
    assert not world.operator.is_account
    assert not world.stranger.is_account
    assert world.control_bot.token.startswith(f"{world.control_bot.id}:")


def test_a_tiny_world_and_an_empty_chat():
    world = small_world(chats={"none": 0, "one": 1, "five": 5}, kinds={"five": ChatKind.FORUM})
    assert [list(chat.ids()) for chat in world.chats.values()][:2] == [[], [1]]
    assert [message.id for message in world.chat("five").messages()] == [1, 2, 3, 4, 5]
