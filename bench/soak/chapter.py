"""What a chapter of the soak found."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A promise, what was seen of it in words or figures, and whether it held."""

    promise: str
    figure: str
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """`text`: Markdown that says what was done. `details`: Markdown to stand below the facts."""

    title: str
    text: str
    facts: tuple[Fact, ...]
    details: str = ""

    @property
    def held(self) -> bool:
        """Whether every promise held."""
        return all(fact.held for fact in self.facts)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as `soak.json` keeps them."""
        return {
            "title": self.title,
            "text": self.text,
            "details": self.details,
            "facts": [
                {"promise": one.promise, "figure": one.figure, "held": one.held}
                for one in self.facts
            ],
        }


class Soaking(Protocol):
    """A module that is a chapter. `quick`: just enough to see that everything works."""

    NAME: str

    async def run(self, quick: bool) -> Chapter:  # noqa: FBT001
        """Do it, and tell."""
        ...
