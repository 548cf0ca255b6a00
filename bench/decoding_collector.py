"""`telecrew collector` with the skimming reader switched off: `python -m` takes the same words."""

from dataclasses import replace

from app import cli, crew
from collector.telegram.settings import TelegramSettings
from core.settings import Settings

skimming = crew.telegram_settings


def decoding(settings: Settings) -> TelegramSettings:
    """The same connection, but every page is decoded by Telethon."""
    return replace(skimming(settings), skim=False)


if __name__ == "__main__":
    crew.telegram_settings = decoding
    cli.main()
