"""Around what cannot be decoded: the rest of its answer is asked for without it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from telethon.tl import types
from telethon.tl.types import messages

from collector.gateway import Page
from collector.telegram.mapping import made_page, of_chat, page_of
from collector.telegram.peers import marked
from collector.telegram.torn import DECODER, Torn
from core.chat import Peer
from core.errors import NotUnderstood, Retriable
from core.undecoded import Undecoded

log = structlog.get_logger(__name__)

Asked = dict[str, Any]
"""The fields of a request for a page of history."""

IN_A_ROW = 100
"""Messages of unknown kinds, one after the other, that are told apart."""

_HIGHEST = 2**31 - 1

_WITH_ID = (types.Message, types.MessageService, types.MessageEmpty)


class Isolating:
    """Pages of one chat, or of one topic of it. `ask` answers with a Page, with Telethon's object,
    or with a Torn."""

    def __init__(self, ask: Callable[[Asked], Awaitable[Any]], peer: Peer, box: str) -> None:
        self._ask = ask
        self._peer = peer
        self._box = box

    async def page(self, asked: Asked) -> Page:
        """The page, what of it cannot be decoded told as such. It ends with the first such message
        at the latest: whoever asks on from there gets the rest."""
        answer = await self._ask(asked)
        if isinstance(answer, Page):
            return answer
        if not isinstance(answer, Torn):
            return page_of(answer, self._peer, self._box)
        tell(answer, self._peer)
        if answer.stopped != "messages":
            return nameless(answer, self._peer, self._box)
        before = [one.id for one in answer.get("messages") if of_chat(one, self._peer)]
        if before:
            return await self._ending(asked, before, answer)
        lost = await self._lost(asked, answer)
        return Page(messages=(), empty=(), total=answer.get("count") or 1, undecoded=lost)

    async def _ending(self, asked: Asked, before: Sequence[int], answer: Torn) -> Page:
        """The messages before the one that cannot be decoded, with their names, and that one."""
        head = await self.page({**asked, "limit": len(answer.get("messages"))})
        if head.undecoded or set(head.ids()) != set(before):
            return head
        below = {**asked, "offset_id": min(before), "offset_date": None}
        lost = await self._lost(below, answer)
        return replace(head, total=answer.get("count") or head.total, undecoded=lost)

    async def _lost(self, asked: Asked, answer: Torn) -> tuple[Undecoded, ...]:
        """The message that `answer` stopped at, the first that `asked` is for; and those that
        follow it where none of them tells its id."""
        inner = answer.inner()
        if inner is not None and inner.cls in _WITH_ID and inner.get("id") is not None:
            one = undecoded(answer, inner, self._peer.chat, self._box)
            return () if one is None else (one,)
        answers, below = [answer], 0
        for skipped in range(1, IN_A_ROW + 1):
            found = await self._ask({**asked, "add_offset": skipped, "limit": 1})
            number = first_id(found)
            if number is not None:
                below = number
                break
            answers.append(found)
        else:
            raise NotUnderstood("a chat of nothing but unknown messages")
        ids = await self._ids(asked, below, len(answers))
        return tuple(
            self._unknown(number, one) for number, one in zip(reversed(ids), answers, strict=True)
        )

    def _unknown(self, number: int, answer: Torn) -> Undecoded:
        return Undecoded(
            chat=self._peer.chat,
            box=self._box,
            id=number,
            raw=answer.raw,
            why=answer.why,
            decoder=DECODER,
        )

    async def _ids(self, asked: Asked, below: int, count: int) -> list[int]:
        """The ids, ascending, of the `count` messages above `below`: of each, the highest offset
        below which it is not yet."""
        offset = asked["offset_id"]
        if offset and offset - 1 - below == count:
            return list(range(below + 1, offset))
        found: list[int] = []
        for place in range(count):
            found.append(await self._at(asked, below, place, found[-1] if found else below))
        return found

    async def _at(self, asked: Asked, below: int, place: int, last: int) -> int:
        """The id of the message at `place` above `below`; it is above `last`. Raises Retriable when
        another message is there by now."""
        outside, step = last + 1, 1
        there, unknown = await self._above(asked, below, place, outside + step)
        while not there:
            outside, step = outside + step, step * 2
            if outside + step > _HIGHEST:
                raise Retriable("an unknown message is gone", reason="server")
            there, unknown = await self._above(asked, below, place, outside + step)
        inside = outside + step
        while inside - outside > 1:
            middle = (inside + outside) // 2
            there, untold = await self._above(asked, below, place, middle)
            if there:
                inside, unknown = middle, untold
            else:
                outside = middle
        if not unknown:
            raise Retriable("an unknown message was followed by another", reason="server")
        return inside - 1

    async def _above(self, asked: Asked, below: int, place: int, offset: int) -> tuple[bool, bool]:
        """Whether more than `place` messages are between `below` and `offset`, and whether the last
        that is not counted tells no id."""
        changed = {"offset_id": offset, "offset_date": None, "add_offset": place, "limit": 1}
        number = first_id(await self._ask({**asked, **changed}))
        return number is None or number > below, number is None


class ByIds:
    """Messages that are asked for by their ids, without those that cannot be decoded."""

    def __init__(
        self, ask: Callable[[Sequence[int]], Awaitable[Any]], peer: Peer, box: str
    ) -> None:
        self._ask = ask
        self._peer = peer
        self._box = box

    async def page(self, ids: Sequence[int]) -> Page:
        """What is known of each."""
        answers, lost = await self.answers(ids)
        pages = [self._page(one) for one in answers]
        found = [message for page in pages for message in page.messages]
        empty = [number for page in pages for number in page.empty]
        total = len(found) + len(empty)
        return Page(messages=tuple(found), empty=tuple(empty), total=total, undecoded=tuple(lost))

    async def answers(self, ids: Sequence[int]) -> tuple[list[Any], list[Undecoded]]:
        """Answers in which all messages could be read (of a Torn one, not what came behind them),
        and the messages that could not."""
        waiting, answers, lost = [list(ids)], list[Any](), list[Undecoded]()
        while waiting:
            wanted = waiting.pop()
            answer = await self._ask(wanted) if wanted else None
            if not isinstance(answer, Torn) or answer.stopped != "messages":
                answers += [] if answer is None else [answer]
                continue
            tell(answer, self._peer)
            one = self._one(wanted, answer)
            if one is None:
                half = len(wanted) // 2
                waiting += [wanted[half:], wanted[:half]]
                continue
            lost.append(one)
            waiting.append([number for number in wanted if number != one.id])
        return answers, lost

    def _one(self, wanted: Sequence[int], answer: Torn) -> Undecoded | None:
        """The message that the answer stopped at, if it tells its id or is alone."""
        inner = answer.inner()
        if inner is not None and inner.cls in _WITH_ID and inner.get("id") in wanted:
            return undecoded(answer, inner, self._peer.chat, self._box)
        if len(wanted) > 1:
            return None
        return Undecoded(
            chat=self._peer.chat,
            box=self._box,
            id=wanted[0],
            raw=answer.raw,
            why=answer.why,
            decoder=DECODER,
        )

    def _page(self, answer: Any) -> Page:
        if isinstance(answer, Torn):
            return nameless(answer, self._peer, self._box)
        return page_of(answer, self._peer, self._box)


def nameless(answer: Torn, peer: Peer, box: str) -> Page:
    """A page whose messages could all be read, and what came behind them not: the names of some
    are not known."""
    found = answer.get("messages")
    if found is None:
        raise NotUnderstood(f"{answer.cls.__name__} stops at {answer.stopped}: {answer.why}")
    total = answer.get("count")
    return made_page(
        found,
        peer,
        box,
        users=answer.get("users") or (),
        chats=answer.get("chats") or (),
        total=len(found) if answer.cls is messages.Messages or total is None else total,
        pts=answer.get("pts"),
    )


def undecoded(answer: Torn, inner: Torn, chat: int, box: str) -> Undecoded | None:
    """The message whose beginning `inner` is; None if it is of another chat."""
    there = inner.get("peer_id")
    if there is not None and marked(there) != chat:
        return None
    return Undecoded(
        chat=chat,
        box=box,
        id=inner.get("id"),
        raw=answer.raw,
        why=answer.why,
        decoder=DECODER,
        date=inner.get("date"),
    )


def tell(answer: Torn, peer: Peer) -> None:
    """Log what was not understood."""
    log.warning("answer.torn", chat=peer.chat, at=answer.stopped, why=answer.why)


def first_id(answer: Any) -> int | None:
    """The id of the first message of an answer, 0 without one; None if it does not tell."""
    if isinstance(answer, Page):
        return max(answer.ids(), default=0)
    found = answer.get("messages") if isinstance(answer, Torn) else answer.messages
    if found:
        return int(found[0].id)
    if isinstance(answer, Torn) and answer.stopped == "messages":
        inner = answer.inner()
        number = None if inner is None or inner.cls not in _WITH_ID else inner.get("id")
        return None if number is None else int(number)
    return 0
