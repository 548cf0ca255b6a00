"""What a storm has done so far."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts, as they grow."""

    kills: int = 0
    crashes: Counter[str] = field(default_factory=Counter)
    stops: int = 0
    freezes: int = 0
    mongod: Counter[str] = field(default_factory=Counter)
    cuts: Counter[str] = field(default_factory=Counter)
    floods: int = 0
    rounds: int = 0
    checked: int = 0
    different: list[str] = field(default_factory=list)
    retried: int = 0
    exits: Counter[str] = field(default_factory=Counter)
    """Ends that nobody ordered, by what was going on and the status."""
    last_words: dict[str, str] = field(default_factory=dict)
    """The last line of its log that such a service wrote, by the same."""
    again: Counter[str] = field(default_factory=Counter)
    """Runs that were started again, by why they did not end well."""
