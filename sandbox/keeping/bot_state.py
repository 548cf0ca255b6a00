"""One bot's chats, updates, menu and files, as JSON and back."""

import time
from dataclasses import asdict, fields
from typing import Any

from sandbox.bot_api.bot import BotState
from sandbox.bot_api.chats import AnyChat, PrivateChat
from sandbox.bot_api.entities import Text
from sandbox.bot_api.files import StoredFile
from sandbox.bot_api.groups import GroupChat
from sandbox.bot_api.posts import Post
from sandbox.bot_api.queries import Query
from sandbox.people import Person

Json = dict[str, Any]
GROUP_FIELDS = (
    "id",
    "title",
    "reads_all",
    "removed",
    "moved_to",
    "last_id",
    "keyboard",
    "pinned",
)
LEAP = 1000
"""Numbers left out after a crash: those of the last moment may have been given away already."""


def described(bot: BotState) -> Json:
    """All but the contents of files."""
    return {
        "chats": [_chat(chat) for chat in bot.chats],
        "groups": [_group(group) for group in bot.chats.groups.values()],
        "last_message": bot.chats.last_id,
        "updates": bot.webhook.untaken + bot.updates.pending(),
        "next_update": bot.updates.next_id,
        "allowed": bot.updates.allowed,
        "queries": [_query(query) for query in bot.queries.unanswered()],
        "next_query": bot.queries.next_id,
        "commands": [[*key, commands] for key, commands in bot.commands.lists.items()],
        "texts": [[*key, text] for key, text in bot.texts.items()],
        "menu_buttons": [[key, button] for key, button in bot.menu_buttons.items()],
        "webhook": bot.webhook.arrangement,
    }


def restore(bot: BotState, state: Json, files: list[StoredFile], *, clean: bool) -> None:
    """`clean`: the state is the last word of a process that ended in order."""
    leap = 0 if clean else LEAP
    for file in files:
        bot.files.restore(file)
    known = {file.id: file for file in files}
    for saved in state["chats"]:
        chat = bot.chats.admit(Person(**saved["person"]))
        _fill(chat, saved, known)
    for saved in state.get("groups", []):
        group = _group_of(saved, known)
        group.last_id += leap
        bot.chats.groups[group.id] = group
    bot.chats.last_id = state["last_message"] + leap
    bot.updates.restore(state["updates"], state["next_update"] + leap, state["allowed"])
    bot.queries.next_id = state["next_query"] + leap
    for saved in state["queries"]:
        pressed = time.monotonic() - (time.time() - saved.pop("pressed_at"))
        bot.queries.restore(Query(pressed=pressed, **saved))
    bot.commands.lists.update({(scope, code): lists for scope, code, lists in state["commands"]})
    bot.texts.update({(name, code): text for name, code, text in state["texts"]})
    bot.menu_buttons.update(dict(state["menu_buttons"]))


def about(file: StoredFile) -> Json:
    """A file without its content."""
    names = (field.name for field in fields(StoredFile) if field.name != "content")
    return {name: getattr(file, name) for name in names}


def _chat(chat: PrivateChat) -> Json:
    return {
        "person": asdict(chat.person),
        "language": chat.language,
        "started": chat.started,
        "blocked": chat.blocked,
        "keyboard": chat.keyboard,
        "pinned": chat.pinned,
        "posts": [_post(post) for post in chat.posts.values()],
    }


def _group(group: GroupChat) -> Json:
    plain = {name: getattr(group, name) for name in GROUP_FIELDS}
    return {
        **plain,
        "people": [asdict(person) for person in group.people.values()],
        "posts": [_post(post) for post in group.posts.values()],
    }


def _group_of(saved: Json, files: dict[str, StoredFile]) -> GroupChat:
    people = [Person(**person) for person in saved["people"]]
    group = GroupChat(**{name: saved[name] for name in GROUP_FIELDS})
    group.people = {person.id: person for person in people}
    _fill_posts(group, saved, files)
    return group


def _post(post: Post) -> Json:
    plain = {field.name: getattr(post, field.name) for field in fields(Post)}
    return {
        **plain,
        "text": [post.text.plain, post.text.entities],
        "file": post.file.id if post.file else None,
    }


def _query(query: Query) -> Json:
    return {
        "id": query.id,
        "person_id": query.person_id,
        "message_id": query.message_id,
        "data": query.data,
        "pressed_at": round(query.pressed - time.monotonic() + time.time(), 2),
    }


def _fill(chat: PrivateChat, saved: Json, files: dict[str, StoredFile]) -> None:
    chat.language, chat.started = saved["language"], saved["started"]
    chat.blocked, chat.keyboard, chat.pinned = saved["blocked"], saved["keyboard"], saved["pinned"]
    _fill_posts(chat, saved, files)


def _fill_posts(chat: AnyChat, saved: Json, files: dict[str, StoredFile]) -> None:
    for fields_of_post in saved["posts"]:
        text, file_id = Text(*fields_of_post.pop("text")), fields_of_post.pop("file")
        post = Post(text=text, file=files.get(file_id), **fields_of_post)
        chat.posts[post.id] = post
