"""`python -m app.replica_set NAME HOST:PORT ...`: make a replica set of mongods that wait for it.

Ends with 0 once the set takes writes; changes nothing where there is one already.
"""

import asyncio
import sys
from pathlib import Path

from app.doctor.finding import State
from app.doctor.machine import CPU_INFO, look_at_processor
from db.replica_set import PATIENCE, NoReplicaSet, found_replica_set


def advice(cpu_info: Path = CPU_INFO) -> str:
    """What to do where this machine's processor cannot run a mongod; empty where it can."""
    processor = look_at_processor(cpu_info)
    if processor.state is State.OK:
        return ""
    return f" MongoDB 5 and newer needs AVX, which this processor lacks. {processor.advice}"


def main(words: list[str] | None = None, *, patience: float = PATIENCE) -> None:
    """Exits with 1, and with what to do, where no set comes about."""
    name, *members = sys.argv[1:] if words is None else words
    try:
        asyncio.run(found_replica_set(name, members, patience=patience))
    except NoReplicaSet as error:
        sys.exit(f"{error}{advice()}")


if __name__ == "__main__":
    main()
