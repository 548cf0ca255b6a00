"""Callback queries: opened by a press, answered once, too old after a while."""

import time
from dataclasses import dataclass

from sandbox.bot_api.errors import bad_request


@dataclass(slots=True, kw_only=True)
class Query:
    """`pressed` is monotonic seconds. Answers: `text` as a toast, or as an alert to confirm."""

    id: str
    person_id: int
    message_id: int | None
    data: str
    pressed: float
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""


class Queries:
    def __init__(self, seed: int) -> None:
        self.next_id = (seed << 32) + 1
        self._open: dict[str, Query] = {}

    def open(self, person_id: int, message_id: int | None, data: str, *, key: str = "") -> Query:
        """A new query; `key` is its id where the caller brings one."""
        if not key:
            key, self.next_id = str(self.next_id), self.next_id + 1
        query = Query(
            id=key,
            person_id=person_id,
            message_id=message_id,
            data=data,
            pressed=time.monotonic(),
        )
        self._open[query.id] = query
        return query

    def answer(self, key: str, *, expires_after: float) -> Query:
        query = self._open.pop(key, None)
        if query is None or time.monotonic() - query.pressed > expires_after:
            raise bad_request(
                "query is too old and response timeout expired or query ID is invalid"
            )
        query.answered = True
        return query

    def restore(self, query: Query) -> None:
        self._open[query.id] = query

    def unanswered(self) -> list[Query]:
        return list(self._open.values())
