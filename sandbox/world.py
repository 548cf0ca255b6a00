"""One truth: who exists, which chats there are, what is in them."""

from collections.abc import Iterable
from hashlib import blake2b

from sandbox.chat import Chat
from sandbox.people import ControlBot, Person


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
    ) -> None:
        self.seed = seed
        self.people: dict[int, Person] = {person.id: person for person in people}
        self.chats: dict[int, Chat] = {chat.id: chat for chat in chats}
        self.bots: dict[str, ControlBot] = {bot.token: bot for bot in bots}
        self._operator_id = operator_id
        self._stranger_id = stranger_id
        self._order = {chat_id: at for at, chat_id in enumerate(self.chats)}
        self._usernames = {chat.username.lower(): chat for chat in self.chats.values()}
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

    def find_chat(self, username: str) -> Chat | None:
        return self._usernames.get(username.lower())

    def find_person(self, username: str) -> Person | ControlBot | None:
        wanted = username.lower()
        for bot in self.bots.values():
            if bot.username.lower() == wanted:
                return bot
        return self._people_by_username.get(wanted)

    def find_somebody(self, user_id: int) -> Person | ControlBot | None:
        """Anybody who has an id: those who act, bots, and those who only write in the chats."""
        if user_id in self.people:
            return self.people[user_id]
        for bot in self.bots.values():
            if bot.id == user_id:
                return bot
        for chat in self.chats.values():
            if user_id in chat.senders:
                return chat.senders[user_id]
        return None

    def somebody(self, user_id: int) -> Person | ControlBot:
        """The same. Raises KeyError."""
        found = self.find_somebody(user_id)
        if found is None:
            raise KeyError(user_id)
        return found

    def joined(self, account: int, chat_id: int) -> bool:
        """Whether the account is in the chat: each is in every third one."""
        at = self._order[chat_id]
        return (at + account) % 3 == 0

    def chats_of(self, account: int) -> list[Chat]:
        return [chat for chat in self.chats.values() if self.joined(account, chat.id)]

    def access_hash(self, viewer: int, kind: str, peer: int) -> int:
        """What `viewer` must show to speak of a "user" or a "channel": signed 64 bits."""
        key = f"{self.seed}:{viewer}:{kind}:{peer}".encode()
        return int.from_bytes(blake2b(key, digest_size=8).digest(), "little", signed=True)
