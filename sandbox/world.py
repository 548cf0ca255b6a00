"""One truth: who exists, which chats there are, what is in them."""

from collections.abc import Callable, Iterable
from hashlib import blake2b

from sandbox.basic_group import BasicGroup
from sandbox.box import Box
from sandbox.chat import Chat
from sandbox.membership import CHANNELS_LIMIT, PREMIUM_LIMIT, Membership
from sandbox.people import ControlBot, Person, SearchBot

Somebody = Person | ControlBot | SearchBot


class World:
    """Everything follows from the seed. Ids of chats are bare: MTProto's, without -100."""

    def __init__(
        self,
        *,
        seed: int,
        people: Iterable[Person],
        chats: Iterable[Chat] = (),
        bots: Iterable[ControlBot] = (),
        operator_id: int | None = None,
        stranger_id: int | None = None,
        groups: Iterable[BasicGroup] = (),
        search_bots: Iterable[SearchBot] = (),
        dead_invites: Iterable[str] = (),
        channels_limits: tuple[int, int] = (CHANNELS_LIMIT, PREMIUM_LIMIT),
    ) -> None:
        self.seed = seed
        self.people: dict[int, Person] = {person.id: person for person in people}
        self.chats: dict[int, Chat] = {chat.id: chat for chat in chats}
        self.bots: dict[str, ControlBot] = {bot.token: bot for bot in bots}
        self._operator_id = operator_id
        self._stranger_id = stranger_id
        self.groups: dict[int, BasicGroup] = {group.id: group for group in groups}
        self.search_bots: dict[int, SearchBot] = {bot.id: bot for bot in search_bots}
        self.dead_invites = frozenset(dead_invites)
        limit, premium = channels_limits
        self.membership = Membership(
            self._from_the_start, channels_limit=limit, premium_limit=premium
        )
        self.boxes: dict[int, Box] = {}
        self.box_made: Callable[[Box], None] = lambda _: None
        self.chat_added: Callable[[Chat], None] = lambda _: None
        self._order = {chat_id: at for at, chat_id in enumerate(self.chats)}
        self._usernames = {
            chat.username.lower(): chat for chat in self.chats.values() if chat.username
        }
        self._people_by_username = {
            person.username.lower(): person for person in self.people.values() if person.username
        }
        self._phones = {person.phone: person for person in self.accounts}

    @property
    def accounts(self) -> list[Person]:
        """The crew: people with a phone, in the order of their ids."""
        return [self.people[key] for key in sorted(self.people) if self.people[key].is_account]

    @property
    def control_bot(self) -> ControlBot:
        return next(iter(self.bots.values()))

    @property
    def operator(self) -> Person:
        """Somebody who may command the bot."""
        return self.people[self._operator_id or 0]

    @property
    def stranger(self) -> Person:
        """Somebody who may not."""
        return self.people[self._stranger_id or 0]

    def account_by_phone(self, phone: str) -> Person | None:
        digits = "".join(letter for letter in phone if letter.isdigit())
        return self._phones.get(digits)

    def chat(self, username: str) -> Chat:
        """The public chat of that name, in any letter case. Raises KeyError."""
        return self._usernames[username.lower().removeprefix("@")]

    def move_name(self, username: str, to: Chat | None, *, left: str = "") -> None:
        """A username leaves its chat, which is called `left` then, for another one, or for none."""
        old = self._usernames.pop(username.lower())
        old.username = left
        for chat, name in ((old, left), (to, username)):
            if chat is not None and name:
                self._usernames.pop(chat.username.lower(), None)
                chat.username = name
                self._usernames[name.lower()] = chat

    def find_chat(self, username: str) -> Chat | None:
        return self._usernames.get(username.lower())

    def titled(self, title: str) -> Chat:
        """A chat by its whole title: private ones have nothing else. Raises KeyError."""
        found = next((chat for chat in self.chats.values() if chat.title == title), None)
        if found is None:
            raise KeyError(title)
        return found

    def group(self, title: str) -> BasicGroup:
        """The basic group of that title. Raises KeyError."""
        return {group.title: group for group in self.groups.values()}[title]

    def find_person(self, username: str) -> Somebody | None:
        wanted = username.lower()
        for bot in (*self.bots.values(), *self.search_bots.values()):
            if bot.username.lower() == wanted:
                return bot
        return self._people_by_username.get(wanted)

    def find_somebody(self, user_id: int) -> Somebody | None:
        """Anybody who has an id: those who act, bots, and those who only write in the chats."""
        if user_id in self.people:
            return self.people[user_id]
        for bot in (*self.bots.values(), *self.search_bots.values()):
            if bot.id == user_id:
                return bot
        sources = (group.source for group in self.groups.values())
        for chat in (*self.chats.values(), *sources):
            if user_id in chat.senders:
                return chat.senders[user_id]
        return None

    def somebody(self, user_id: int) -> Somebody:
        """The same. Raises KeyError."""
        found = self.find_somebody(user_id)
        if found is None:
            raise KeyError(user_id)
        return found

    def joined(self, account: int, chat_id: int) -> bool:
        """Whether the account is in the chat or basic group."""
        return self.membership.inside(account, chat_id)

    def chats_of(self, account: int) -> list[Chat]:
        """Supergroups and channels."""
        return [chat for chat in self.chats.values() if self.joined(account, chat.id)]

    def groups_of(self, account: int) -> list[BasicGroup]:
        return [group for group in self.groups.values() if self.joined(account, group.id)]

    def insiders(self, chat_id: int) -> list[int]:
        """The accounts that are in it."""
        return [person.id for person in self.accounts if self.joined(person.id, chat_id)]

    def add_chat(self, chat: Chat) -> None:
        self.chats[chat.id] = chat
        self._order[chat.id] = len(self._order)
        if chat.username:
            self._usernames[chat.username.lower()] = chat
        self.chat_added(chat)

    def box(self, account: int) -> Box:
        """The account's box: made when first asked for, then always the same one."""
        box = self.boxes.get(account)
        if box is None:
            there = [one for one in self.groups.values() if self._from_the_start(account, one.id)]
            box = self.boxes[account] = Box(account, seed=self.seed, groups=there)
            self.box_made(box)
        return box

    def invited_by(self, invite: str) -> Chat | BasicGroup | None:
        """What the link of that hash leads to."""
        for one in (*self.chats.values(), *self.groups.values()):
            if invite and one.entrance.invite == invite:
                return one
        return None

    def first_readable(self, account: int, chat: Chat) -> int:
        """`available_min_id`: with hidden history, the newest message when the account came; for
        one that was there from the start, two fifths of the way. 0: all can be read."""
        if not chat.entrance.hidden_history:
            return 0
        since = self.membership.since(account, chat.id)
        return chat.seeded_top * 2 // 5 if since is None else since

    def _from_the_start(self, account: int, chat_id: int) -> bool:
        known = self.chats.get(chat_id) or self.groups.get(chat_id)
        if known is None:
            return False
        if known.entrance.insiders is not None:
            return account in known.entrance.insiders
        return known.public and (self._order[chat_id] + account) % 3 == 0

    def access_hash(self, viewer: int, kind: str, peer: int) -> int:
        """What `viewer` must show to speak of a "user" or a "channel": signed 64 bits."""
        key = f"{self.seed}:{viewer}:{kind}:{peer}".encode()
        return int.from_bytes(blake2b(key, digest_size=8).digest(), "little", signed=True)
