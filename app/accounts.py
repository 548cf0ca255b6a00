"""`telecrew accounts list`: the crew at a glance."""

from rich.table import Table

from app.store import open_store
from app.terminal import cell, show, show_table
from core.account import Account, AccountState
from core.settings import Settings
from core.standing import Unusable, advice_for, in_brief, unusable

ADVICE = {
    AccountState.SIGNED_OUT: "sign in: telecrew login",
    AccountState.LOST: "its session ended; sign in again: telecrew login",
    AccountState.BANNED: "banned by Telegram; use another account",
    AccountState.LIMITED: "limited by Telegram; it may still read",
    AccountState.FROZEN: "frozen by Telegram; it may still read",
    AccountState.RESTING: "wait; it goes on by itself",
    AccountState.PAUSED: "paused by an operator",
    AccountState.READY: "",
}


async def show_accounts(settings: Settings) -> None:
    """Print a table of all accounts."""
    async with open_store(settings, founds=False) as store:
        accounts = await store.database.accounts.all()
        running = await store.database.jobs.running_by_account()
        workers = await store.database.workers.all()
    if not accounts:
        show("No account yet. Sign one in: telecrew login")
        return
    table = Table(box=None, header_style="bold")
    for name in ("#", "name", "phone", "state", "jobs", "what to do"):
        table.add_column(name)
    for account in accounts:
        unused = unusable(account, workers)
        table.add_row(*map(cell, _cells(account, running.get(account.id, 0), unused)))
    show_table(table)


def _cells(account: Account, running: int, unused: Unusable | None) -> tuple[str, ...]:
    default = " (default)" if account.is_default else ""
    reason = f" ({account.reason})" if account.reason else ""
    return (
        str(account.id),
        f"{account.name}{default}",
        account.phone,
        f"{account.state}{reason}" if unused is None else in_brief(unused),
        str(running),
        ADVICE[account.state] if unused is None else advice_for(unused),
    )
