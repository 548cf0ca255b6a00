"""Which releases may work on one store, and which beside each other.

A store carries the schema that it was upgraded to, and the oldest one whose code may still work on
it. Raise SCHEMA when what is stored changes; raise OLDEST_BESIDE when code of the schema before
would spoil it or misread it; raise OLDEST_UPGRADED when a store of an older one is not understood.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

UNMARKED = 1
"""The schema of stores, and of programs, that say none: release 0.1.0 and its forerunners."""


class SchemaMismatch(Exception):
    """This program must not work on this store, or not beside who does; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSchema:
    """What a program knows: its own schema, and the oldest of programs beside it and of stores."""

    version: int
    oldest_beside: int
    oldest_upgraded: int
    release: str


THIS = CodeSchema(version=2, oldest_beside=1, oldest_upgraded=1, release=version("telecrew"))
"""What this program knows. 2: the store says its schema; kept counts are begun anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSchema:
    """What a store says: `release` upgraded it to `version`; programs below `oldest` keep off."""

    version: int
    oldest: int
    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A lease as it stood at one look: which account, whose, and what changes at each renewal."""

    account: int
    worker: str
    mark: str


def check_store(code: CodeSchema, store: StoreSchema) -> None:
    """Raise SchemaMismatch, with what to do, where this program must not work on this store."""
    if code.version < store.oldest:
        raise SchemaMismatch(
            f"This database belongs to Telecrew {store.release} (schema {store.version}). "
            f"This program is {code.release} and knows schema {code.version} only. "
            f"It changed nothing. Install Telecrew {store.release} or newer here, too."
        )
    if store.version < code.oldest_upgraded:
        raise SchemaMismatch(
            f"This database was last used by Telecrew {store.release} (schema {store.version}). "
            f"This program is {code.release} and upgrades from schema {code.oldest_upgraded} on. "
            "It changed nothing. Start a release between the two once, then this one."
        )


def upgraded(code: CodeSchema, store: StoreSchema) -> StoreSchema:
    """What the store says once this program works on it; never less than it said before."""
    if code.version <= store.version:
        return store
    return StoreSchema(
        version=code.version,
        oldest=max(store.oldest, code.oldest_beside),
        release=code.release,
    )


def too_old_beside(
    before: Iterable[Holder], now: Iterable[Holder], told: Mapping[str, int], oldest: int
) -> tuple[Holder, ...]:
    """Leases that were renewed between two looks by a worker which must not work beside us.

    `told`: the schema that each worker tells of itself. Who tells of itself and names no schema is
    UNMARKED; who renews leases and does not tell of itself at all is older than that.
    """
    marks = {(holder.account, holder.worker): holder.mark for holder in before}
    renewed = [
        holder
        for holder in now
        if marks.get((holder.account, holder.worker), holder.mark) != holder.mark
    ]
    return tuple(holder for holder in renewed if told.get(holder.worker, 0) < oldest)


def too_old_sentence(code: CodeSchema, holders: Iterable[Holder]) -> str:
    """What to do about collectors that are too old to work beside this one."""
    workers = ", ".join(sorted({holder.worker for holder in holders}))
    return (
        f"A collector that is too old for this database works on it: {workers}. It would end tasks "
        f"half-done. Stop it, or install Telecrew {code.release} there; then start this one again."
    )
