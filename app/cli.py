"""The command line: `telecrew`."""

import contextlib
import io
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from app.ending import ENDING
from core.export import ExportFormat
from core.redaction import Redaction
from core.settings import (
    Role,
    Settings,
    SettingsError,
    given_texts,
    load_settings,
    secrets_of,
)

T = TypeVar("T")

HIDDEN = Redaction()
"""What this process knows of secrets: they are in none of its words."""

app = typer.Typer(
    name="telecrew",
    help="Collect messages from Telegram groups with a crew of your own user accounts, "
    "commanded from a chat.\n\nNew here? `telecrew demo` shows everything without an account. "
    "For real use: `telecrew init`, `telecrew login`, `telecrew run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
accounts_app = typer.Typer(help="The accounts of the crew.", no_args_is_help=True)
app.add_typer(accounts_app, name="accounts")

HIGHEST_PORT = 65_535


def _port(text: str) -> Any:
    """An option that takes a port."""
    return typer.Option(help=text, min=0, max=HIGHEST_PORT)


Traffic = Annotated[
    float,
    typer.Option(help="New messages a second in the local Telegram; 0: it stands still.", min=0),
]
NewFile = Annotated[Path, typer.Option("--env-file", help="The file to write.")]
EnvFile = Annotated[
    Path | None,
    typer.Option(
        help="File of settings, `.env` where none is named and one is there. "
        "The environment wins over it."
    ),
]
NoEnvFile = Annotated[bool, typer.Option("--no-env-file", help="Settings of the environment only.")]


@app.callback()
def quiet() -> None:
    """Commands that end soon log warnings only, and never to standard output."""
    from app.logs import configure_logs

    HIDDEN.learn(secrets_of(given_texts(None)))
    configure_logs(level="WARNING", secrets=HIDDEN)


@app.command()
def init(env_file: NewFile = Path(".env")) -> None:
    """Write a file of settings: asks for what it needs, checks it, makes fresh keys.

    Answers are read one a line when standard input is no terminal.
    """
    from app.init import write_settings
    from app.terminal import StandardTerminal

    _run(lambda: write_settings(env_file, StandardTerminal(HIDDEN)))


@app.command()
def run(env_file: EnvFile = None, *, no_env_file: NoEnvFile = False) -> None:
    """Run bot and collector in one process, until Ctrl-C."""
    _serve(env_file, no_env_file, "bot", "collector")


@app.command()
def bot(env_file: EnvFile = None, *, no_env_file: NoEnvFile = False) -> None:
    """Run the control bot only; collectors may be on other machines."""
    _serve(env_file, no_env_file, "bot")


@app.command()
def collector(env_file: EnvFile = None, *, no_env_file: NoEnvFile = False) -> None:
    """Run a collector only. Any number of them share the accounts and the work."""
    _serve(env_file, no_env_file, "collector")


@app.command()
def sandbox(
    port: Annotated[int, _port("HTTP port; 0 takes a free one.")] = 0,
    mtproto_port: Annotated[int, _port("MTProto port; 0 takes a free one.")] = 0,
    data_dir: Annotated[Path | None, typer.Option(help="Where its key is kept.")] = None,
    traffic: Traffic = 0.5,
) -> None:
    """Run a local Telegram to try and to test against, and print how to point the product at it."""
    from app.sandbox import serve_sandbox
    from app.terminal import show

    _run(
        lambda: serve_sandbox(
            port=port,
            mtproto_port=mtproto_port,
            data_dir=data_dir,
            say=show,
            traffic=traffic,
        )
    )


@app.command()
def demo(
    port: Annotated[int, _port("Port of the chat page; 0 takes a free one.")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the demo's data here; without it, it goes at the end.")
    ] = None,
    metrics_port: Annotated[int, _port("Serve metrics and health here; 0: nowhere.")] = 0,
    traffic: Traffic = 0.5,
) -> None:
    """Try everything: a local Telegram, MongoDB, bot and collector, and a chat page to click."""
    from app.demo import demo as run_demo
    from app.terminal import show

    _run(
        lambda: run_demo(
            port=port, data_dir=data_dir, say=show, metrics_port=metrics_port, traffic=traffic
        )
    )


@app.command()
def login(
    phone: Annotated[
        str | None, typer.Argument(help="With country code. Asked for when left out.")
    ] = None,
    env_file: EnvFile = None,
) -> None:
    """Sign an account in: phone, code, and the two-step password if there is one.

    The code is typed here and nowhere else. For scripts, the answers are read from standard
    input, one a line.
    """
    from app.login import login as sign_in
    from app.terminal import StandardTerminal, show

    HIDDEN.learn([phone or ""])
    account = _run(lambda: sign_in(_settings(_file(env_file)), StandardTerminal(HIDDEN), phone))
    show(f"Signed in: {account.name} is account #{account.id} of the crew.")


@accounts_app.command("list")
def list_accounts(env_file: EnvFile = None) -> None:
    """Show every account: its state, and what to do where one cannot work."""
    from app.accounts import show_accounts

    _run(lambda: show_accounts(_settings(_file(env_file))))


@app.command(context_settings={"ignore_unknown_options": True})  # ids begin with a minus
def export(
    chat: Annotated[str, typer.Argument(help="A collected chat: @name, t.me link, or id.")],
    kind: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = (
        ExportFormat.JSONL
    ),
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A file; standard output when left out.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="UTC, such as 2026-01-31.")] = None,
    until: Annotated[datetime | None, typer.Option(help="UTC, included.")] = None,
    env_file: EnvFile = None,
) -> None:
    """Write a chat's messages as JSON Lines (every field) or CSV (for spreadsheets).

    A basic group, which each account numbers for itself, is written account by account.
    """
    from app.export import export_chat

    _run(
        lambda: export_chat(
            _settings(_file(env_file)),
            chat,
            kind=kind,
            out=out,
            since=_utc(since),
            until=_utc(until),
        )
    )


@app.command()
def doctor(env_file: EnvFile = None) -> None:
    """Check settings, keys, MongoDB, Bot API, Telegram, clock and libraries; say what to do."""
    from app.doctor_report import report

    file = _file(env_file)
    settings = _settings(file)
    if not _run(lambda: report(settings, file)):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(f"telecrew {installed_version('telecrew')}")


def main() -> None:
    """Run the command line. What nobody foresaw ends it with a traceback, without secrets."""
    ENDING.heed()
    from app.unforeseen import traceback_of, watch

    watch(HIDDEN)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(OSError):
                stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the edge of the process
        sys.stderr.write(traceback_of(error, HIDDEN))
        sys.exit(1)


def _serve(env_file: Path | None, no_env_file: NoEnvFile, *roles: Role) -> None:
    from app.logs import configure_logs
    from app.service import serve

    settings = _settings(None if no_env_file else _file(env_file))
    configure_logs(level=settings.log_level, format=settings.log_format, secrets=HIDDEN)
    _run(lambda: serve(settings, *roles))


def _file(named: Path | None) -> Path | None:
    """The file of settings: the one that was named, which has to be there, else `.env`."""
    if named is None:
        return Path(".env")
    if not named.exists():
        _fail(f"{named} is not there. Name a file of settings that is, or make it: telecrew init.")
    return named


def _settings(env_file: Path | None) -> Settings:
    try:
        HIDDEN.learn(secrets_of(given_texts(env_file)))
        return load_settings(env_file)
    except SettingsError as error:
        _fail(str(error))


def _run(job: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a command; an error that we have words for is told in them, with status 1."""
    try:
        return ENDING.run(job)
    except BrokenPipeError:
        raise typer.Exit(128 + signal.SIGPIPE) from None
    except (Exception, BaseExceptionGroup) as error:
        from app.errors import explained

        text = explained(error)
        if text is None:
            raise
        _fail(text)


def _fail(text: str) -> NoReturn:
    from app.terminal import complain

    complain(HIDDEN.text(text), style="red")
    raise typer.Exit(1)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
