"""Two collectors: a killed one's accounts are taken over in time, a woken one keeps silent."""

from pathlib import Path

import pytest

from bench.nursery import Nursery
from bench.soak.takeover import PROMISED, take_over

LEASE_SECONDS = 3.0


@pytest.mark.timeout(120)
async def test_another_takes_over_and_who_wakes_too_late_sends_nothing(
    tmp_path: Path, nursery: Nursery
) -> None:
    found = await take_over(
        tmp_path,
        collectors=2,
        lease=LEASE_SECONDS,
        accounts=2,
        size=4_000,
        page_seconds=0.5,
        nursery=nursery,
    )
    assert found.accounts_killed > 0
    assert found.after_kill < LEASE_SECONDS + PROMISED
    assert found.accounts_frozen == found.connections > 0
    assert found.bytes_woken == 0
    assert found.key_violations == 0
    assert found.whole
