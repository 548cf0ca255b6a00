"""Texts of the bot, in the language of whoever reads them. They stand in `locales/*/bot.ftl`."""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import structlog
from fluent.runtime import FluentBundle, FluentResource

from core.foreign import one_line

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent / "locales"
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "简体中文"}
_LOCALES: Mapping[str, str] = {"en": "en-US", "zh": "zh-CN"}


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


class Texts:
    """The texts of one language. A call gives HTML, `plain` the text for buttons and toasts."""

    def __init__(self, language: str, bundle: FluentBundle) -> None:
        self.language = language
        self._bundle = bundle

    def __call__(self, key: str, **args: object) -> Html:
        """The message as HTML; string arguments are escaped unless they are `Html`."""
        return Html(self._format(key, {name: _escaped(value) for name, value in args.items()}))

    def plain(self, key: str, **args: object) -> str:
        """The message as it is; for a place that shows no HTML."""
        return self._format(key, {name: _clean(value) for name, value in args.items()})

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return self._bundle.has_message(key)

    def _format(self, key: str, args: Mapping[str, object]) -> str:
        pattern = self._bundle.get_message(key).value if self.has(key) else None
        if pattern is None:
            log.error("text.missing", key=key, language=self.language)
            return key
        text, errors = self._bundle.format_pattern(pattern, dict(args))
        if errors:
            log.error("text.broken", key=key, language=self.language, error=str(errors[0]))
        return str(text)


class Locales:
    """Every language of the product."""

    def __init__(self, default: str = "en", folder: Path = FOLDER) -> None:
        self._texts = {
            language: Texts(language, _bundle(folder, language)) for language in LANGUAGES
        }
        self._default = default if default in LANGUAGES else "en"

    def of(self, chosen: str | None, telegram_language: str | None = None) -> Texts:
        """The texts for an operator: the chosen language, else their app's, else the default."""
        known = self._texts.get(chosen or "")
        return known or self._texts[self._of_app(telegram_language)]

    def _of_app(self, tag: str | None) -> str:
        primary = (tag or "").lower().replace("_", "-").partition("-")[0]
        return primary if primary in LANGUAGES else self._default


@cache
def _bundle(folder: Path, language: str) -> FluentBundle:
    """Read once a process: it takes a tenth of a second."""
    bundle = FluentBundle([_LOCALES[language]], use_isolating=False)
    source = (folder / language / "bot.ftl").read_text(encoding="utf-8")
    bundle.add_resource(FluentResource(source))
    return bundle


def _escaped(value: Any) -> object:
    clean = _clean(value)
    if isinstance(clean, str) and not isinstance(clean, Html):
        return escape(clean, quote=False)
    return clean


def _clean(value: Any) -> object:
    """Texts that are not ours become one line that does what ours do."""
    return one_line(value) if isinstance(value, str) and not isinstance(value, Html) else value
