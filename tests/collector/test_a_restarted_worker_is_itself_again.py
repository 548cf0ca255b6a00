"""A worker that was killed and starts again takes its own accounts at once, whoever else is there:
its identity is a file of DATA_DIR under a lock that ends with its process.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from leasing import lease
from service import CLOCK, make_worker, recruit, working
from waiting import wait_until

from collector.identity import worker_identity
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
        assert first == one


def test_workers_of_two_folders_are_never_the_same(tmp_path: Path) -> None:
    with worker_identity(tmp_path / "one") as one, worker_identity(tmp_path / "two") as two:
        assert one != two


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
