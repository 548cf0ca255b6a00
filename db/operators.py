"""Who may use the bot."""

from core.operator import Operator, Role
from db.client import MongoDatabase
from db.codec import from_document
from db.errors import translates_errors


@translates_errors
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

    async def all(self) -> list[Operator]:
        """Every operator."""
        return [from_document(Operator, one) async for one in self._operators.find({})]

    async def set_language(self, operator: int, language: str | None) -> None:
        """Remember a chosen language; None follows Telegram's again."""
        await self._operators.update_one({"_id": operator}, {"$set": {"language": language}})

    async def seen(self, operator: int, *, name: str, telegram_language: str | None) -> None:
        """Keep the name and the app's language that came with an update of a known operator."""
        change = {"name": name, "telegram_language": telegram_language}
        await self._operators.update_one({"_id": operator}, {"$set": change})
