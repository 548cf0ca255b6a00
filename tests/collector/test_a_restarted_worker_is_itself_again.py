"""A worker that was killed and starts again takes its own accounts at once, whoever else is there:
its identity is a file of DATA_DIR under a lock that ends with its process.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from leasing import lease
from service import CLOCK, make_worker, recruit, working
from waiting import wait_until

from collector.identity import identity_in, worker_identity
from db.database import Database
from sandbox.seed import small_world
from sandbox.server import Sandbox

LEASE_SECONDS = 30.0
WITHIN = 1.0
HOLDER = """\
import sys, time
from pathlib import Path
from collector.identity import worker_identity
with worker_identity(Path(sys.argv[1])) as name:
    print(name, flush=True)
    time.sleep(60)
"""


def test_two_workers_of_one_folder_are_two_and_each_is_the_same_again(tmp_path: Path) -> None:
    with worker_identity(tmp_path) as one:
        with worker_identity(tmp_path) as two:
            assert one != two
        with worker_identity(tmp_path) as again:
            assert again == two
    with worker_identity(tmp_path) as first:
        assert first == one == identity_in(tmp_path)
    assert identity_in(tmp_path, 1) == two


def test_workers_of_two_folders_are_never_the_same(tmp_path: Path) -> None:
    with worker_identity(tmp_path / "one") as one, worker_identity(tmp_path / "two") as two:
        assert one != two


def copied(source: Path, target: Path) -> None:
    shutil.copytree(source, target)


def archived(source: Path, target: Path) -> None:
    shutil.unpack_archive(shutil.make_archive(str(target), "tar", source), target)


def linked(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=os.link)


def replaced(source: Path, target: Path) -> None:
    """As an editor or a backup does: a new file under the old name, of the same content."""
    shutil.copytree(source, target)
    shutil.rmtree(source)
    shutil.copytree(target, source)


@pytest.mark.parametrize("way", [copied, archived, linked, replaced])
def test_a_copy_of_a_folder_on_a_host_of_the_same_name_is_another_worker(
    tmp_path: Path, way: Callable[[Path, Path], None]
) -> None:
    with worker_identity(tmp_path / "one"):
        way(tmp_path / "one", tmp_path / "two")
        with worker_identity(tmp_path / "two") as two, worker_identity(tmp_path / "one") as again:
            assert two != again


def test_a_disk_that_was_cloned_or_moved_to_another_kernel_is_another_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is the very same to look at; only the kernel that keeps the lock is not."""
    with worker_identity(tmp_path) as here:
        pass
    (tmp_path / "boot_id").write_text("another")
    monkeypatch.setattr("collector.identity.BOOT_ID", tmp_path / "boot_id")
    with worker_identity(tmp_path) as there:
        assert there != here


async def test_copies_of_a_worker_leave_each_other_their_accounts(
    database: Database, tmp_path: Path
) -> None:
    """Both run, each in the belief that it is the only one: neither takes the other's."""
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=2)) as sandbox:
        await recruit(database, sandbox, sandbox.world.accounts)
        with worker_identity(tmp_path / "one") as name:
            copied(tmp_path / "one", tmp_path / "two")
            one = make_worker(database, sandbox, name=name, lease_seconds=LEASE_SECONDS)
            async with working(one):
                await wait_until(lambda: one.connected() == 2, timeout=20)
                held = dict(one._leases.tokens)
                with worker_identity(tmp_path / "two") as same:
                    two = make_worker(database, sandbox, name=same, lease_seconds=LEASE_SECONDS)
                    async with working(two):
                        await wait_until(lambda: two._leases.silent_for() < 1, timeout=20)
                        await asyncio.sleep(1)
                        assert {*two._leases.tokens}.isdisjoint(one._leases.tokens)
                        assert one._leases.tokens.items() <= held.items()
        assert not sandbox.counters.key_violations


def test_an_identity_is_free_as_soon_as_its_process_is_killed(tmp_path: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        name = holder.stdout.readline().strip()
        with worker_identity(tmp_path) as other:
            assert other != name
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with worker_identity(tmp_path) as heir:
            assert heir == name


async def test_its_accounts_are_connected_within_a_second_though_its_leases_are_long(
    database: Database, tmp_path: Path
) -> None:
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=2)) as sandbox:
        accounts = await recruit(database, sandbox, sandbox.world.accounts)
        with worker_identity(tmp_path) as name:
            for _ in accounts:
                assert await lease(database, name, seconds=LEASE_SECONDS)
        with worker_identity(tmp_path) as again:
            heir = make_worker(database, sandbox, name=again, lease_seconds=LEASE_SECONDS)
            began = CLOCK.elapsed()
            async with working(heir):
                await wait_until(lambda: heir._leases.tokens.keys() == {1, 2})
                took = CLOCK.elapsed() - began
                await wait_until(lambda: heir.connected() == len(accounts))
        assert took < WITHIN
        assert set(heir._leases.tokens.values()) <= {2}


async def test_anybody_else_waits_for_their_end(database: Database) -> None:
    async with Sandbox(small_world(chats={"alpha_chat": 10}, accounts=1)) as sandbox:
        await recruit(database, sandbox, sandbox.world.accounts)
        assert await lease(database, "killed", seconds=1.0)
        other = make_worker(database, sandbox, name="other", lease_seconds=3.0)
        began = time.monotonic()
        async with working(other):
            await wait_until(lambda: other.connected() == 1, timeout=10)
        assert time.monotonic() - began > 1.0
