"""Who may use the bot."""

from core.operator import Operator, Role
from db.client import MongoDatabase
from db.codec import from_document


class Operators:
    """The `operators` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._operators = database["operators"]

    async def ensure_admin(self, operator: int) -> None:
        """Make sure that `operator` is known and an admin."""
        await self._operators.update_one(
            {"_id": operator},
            {"$set": {"role": Role.ADMIN}, "$setOnInsert": {"name": "", "language": None}},
            upsert=True,
        )

    async def get(self, operator: int) -> Operator | None:
        """The operator, or None for a stranger."""
        document = await self._operators.find_one({"_id": operator})
        return None if document is None else from_document(Operator, document)

    async def set_language(self, operator: int, language: str | None) -> None:
        """Remember a chosen language; None follows Telegram's again."""
        await self._operators.update_one({"_id": operator}, {"$set": {"language": language}})
