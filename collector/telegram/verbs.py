"""What the gateway's areas of verbs share."""

from abc import ABC, abstractmethod
from typing import Any


class Verbs(ABC):
    """An area of verbs on one connected account."""

    @abstractmethod
    async def _call(self, request: Any) -> Any:
        """Send a request in its turn; raises only `core.errors`."""
