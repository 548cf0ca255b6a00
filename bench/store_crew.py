"""What stands beside the messages in a store of years: the crew, its workers, chats that are proven
and listened to, and what a search found.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.stage import CLOCK
from core.account import Account, AccountState, Lease
from core.chat import Chat, ChatKind
from core.found import FoundGroup
from core.span import Span
from core.subscription import Subscription, Want
from core.worker import Load
from db.client import Document, MongoDatabase
from db.codec import part, to_document

ACCOUNTS, WORKERS, FOUND = 200, 40, 2_000
SPANS = 4
"""Of each chat, as the janitor leaves them; the last one reaches its newest message."""


async def fill_crew(bare: MongoDatabase, chats: list[int], messages: int, run: str) -> None:
    """Make all of it for these chats, of so many messages each, and for the newest run."""
    made: dict[str, Iterator[Document]] = {
        "accounts": _accounts(),
        "workers": _workers(),
        "found": _found(run),
        "chats": _chats(chats, messages),
        "spans": _spans(chats, messages),
        "subscriptions": _subscriptions(chats, messages, run),
    }
    for collection, documents in made.items():
        await bare[collection].insert_many(list(documents), ordered=False)


def _accounts() -> Iterator[Document]:
    now = CLOCK.now()
    for number in range(1, ACCOUNTS + 1):
        yield to_document(
            Account(
                id=number,
                name=f"Account {number}",
                username=None,
                telegram_id=number,
                phone="+1 *** 1",
                state=AccountState.READY,
                is_default=number == 1,
                created_at=now,
                lease=Lease(worker=_worker(number), token=1, until=now + timedelta(days=1)),
            )
        )


def _workers() -> Iterator[Document]:
    now = CLOCK.now()
    load = part(Load(accounts=tuple(range(1, 6)), jobs=8))
    for number in range(WORKERS):
        yield {
            "_id": _worker(number),
            "host": f"host-{number}",
            "version": "1.0",
            "started_at": now + timedelta(seconds=number),
            "seen_at": now,
            "draining": False,
            "left_at": None,
            "load": load,
        }


def _worker(number: int) -> str:
    return f"w{number % WORKERS:04}@host"


def _found(run: str) -> Iterator[Document]:
    for rank in range(FOUND):
        group = FoundGroup(
            run=run,
            task="t",
            source=f"@found_{rank}",
            rank=rank,
            word="word",
            place="search",
            found_at=CLOCK.now(),
            title=f"Group {rank}",
            members=rank * 7 % FOUND,
        )
        yield {"_id": f"{run}:{rank}", **part(group)}


def _chats(chats: list[int], messages: int) -> Iterator[Document]:
    for number, chat in enumerate(chats):
        yield to_document(
            Chat(
                id=chat,
                kind=ChatKind.SUPERGROUP,
                title=f"Chat {number}",
                username=f"chat_{number}",
                top_id=messages,
            )
        )


def _spans(chats: list[int], messages: int) -> Iterator[Document]:
    """Each a little short of the next one, so that something is missing between them."""
    share = max(messages // SPANS, 2)
    for chat in chats:
        for place in range(SPANS):
            lo = place * share + 1
            span = Span(chat=chat, box="", lo=lo, hi=lo + share - 2, account=1, read_at=CLOCK.now())
            yield {"_id": f"{chat}:{place}", **part(span), "cut": None}


def _subscriptions(chats: list[int], messages: int, run: str) -> Iterator[Document]:
    for number, chat in enumerate(chats):
        given: dict[str, Any] = {"reader": number % ACCOUNTS + 1, "pushed": True, "live": True}
        yield to_document(
            Subscription(
                id=str(chat),
                chat=chat,
                box="",
                source=f"@chat_{number}",
                wants=(Want(run=run, task="t"),),
                begin=1,
                top=messages,
                moved_at=CLOCK.now(),
                **given,
            )
        )
