"""What is stored, and whose it is."""

from app.doctor.finding import Finding, poor
from core.errors import StoreError
from db.client import connect, database_of
from db.database import Database

SHOWN = 5
ADVICE = "They stay as they are. To keep or to delete them, send /earlier to the bot."


async def look_at_chats(uri: str, name: str) -> list[Finding]:
    """Whether there are chats of which nobody knows whose they are, and about which nobody decided:
    nothing deletes them by itself."""
    async with connect(uri) as client:
        database = Database(database_of(client, name))
        try:
            count = await database.claims.count_earlier(undecided=True)
            claims = [one for one in await database.claims.earlier() if not one.kept]
            shown = [await _line(database, claim.chat) for claim in claims[:SHOWN]]
        except StoreError:
            return []
    if not count:
        return []
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return [poor("Chats of earlier tasks", f"{count}: {', '.join(shown)}{more}", ADVICE)]


async def _line(database: Database, chat: int) -> str:
    known = await database.chats.get(chat)
    title = str(chat) if known is None or not known.title else known.title
    messages = database.messages
    count = sum([await messages.count(chat, box) for box in await messages.boxes(chat)])
    return f"{title} ({count} messages)"
