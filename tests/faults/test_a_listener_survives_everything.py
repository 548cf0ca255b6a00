"""Dropped, repeated and late updates, silent chats, broken lines, `kill -9`, a full queue and a
MongoDB that comes and goes: afterwards what is stored is what is in the world."""

from pathlib import Path

from bench.nursery import Nursery
from bench.soak.listening import SMALL, facts, listen_through


async def test_what_is_stored_is_what_is_in_the_world(tmp_path: Path, nursery: Nursery) -> None:
    found = await listen_through(tmp_path, SMALL, nursery)
    assert [fact for fact in facts(found, SMALL) if not fact.held] == [], found
