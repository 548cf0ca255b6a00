"""The accounts: whether the keys here open their sessions, and what the collectors say of them."""

from collections.abc import Sequence

from app.doctor.finding import Finding, bad, good, poor
from app.embedded_mongo import EmbeddedMongo, MongoFailure
from collector.telegram.vault import BadKeys, SessionVault, Unsealable
from core.account import DEAD_STATES, Account
from core.errors import StoreError
from core.settings import Settings, SettingsError
from core.standing import advice_for, in_brief, unusable
from db.database import Database, look_into_database

KEYS_ADVICE = (
    "Set SESSION_KEYS to the keys that the accounts signed in with, or sign them in again: "
    "telecrew login"
)


async def look_at_crew(settings: Settings) -> list[Finding]:
    """Every account that could work, as this machine and the collectors see it.

    A MongoDB that does not answer is told by another look.
    """
    uri = settings.mongodb_uri.get_secret_value()
    try:
        if uri:
            return await _look(settings, uri)
        embedded = EmbeddedMongo(settings.data_dir)
        if not embedded.founded:
            return []
        async with embedded as mongo:
            return await _look(settings, mongo.uri)
    except (StoreError, MongoFailure, SettingsError):
        return []


async def _look(settings: Settings, uri: str) -> list[Finding]:
    async with look_into_database(uri, settings.mongodb_db) as database:
        return await _judge(settings, database)


async def _judge(settings: Settings, database: Database) -> list[Finding]:
    crew = [one for one in await database.accounts.all() if one.state not in DEAD_STATES]
    if not crew:
        return []
    workers = await database.workers.all()
    findings = await _open_all(settings, database, crew)
    told: dict[str, list[Account]] = {}
    advice: dict[str, str] = {}
    for account in crew:
        if (unused := unusable(account, workers)) is not None:
            told.setdefault(in_brief(unused), []).append(account)
            advice[in_brief(unused)] = advice_for(unused)
    for what, accounts in told.items():
        findings.append(poor("Accounts", f"{_named(accounts)}: {what}", advice[what]))
    return findings or [good("Accounts", f"{len(crew)} can be opened and used")]


async def _open_all(
    settings: Settings, database: Database, crew: Sequence[Account]
) -> list[Finding]:
    keys = [key.get_secret_value() for key in settings.session_keys]
    try:
        vault = SessionVault(keys)
    except BadKeys:
        return []
    shut = [one for one in crew if not await _opens(vault, database, one)]
    if not shut:
        return []
    detail = f"the SESSION_KEYS here do not open the session of {_named(shut)}"
    return [bad("Accounts", detail, KEYS_ADVICE)]


async def _opens(vault: SessionVault, database: Database, account: Account) -> bool:
    sealed = await database.accounts.session(account.id)
    if sealed is None:
        return True
    try:
        vault.open(account.telegram_id or 0, sealed)
    except Unsealable:
        return False
    return True


def _named(accounts: Sequence[Account]) -> str:
    named = ", ".join(f"{one.name} (#{one.id})" for one in accounts[:5])
    more = len(accounts) - 5
    return f"{named} and {more} more" if more > 0 else named
