"""What nobody foresaw, told with its traceback and without secrets."""

import sys
import threading
import traceback

from core.foreign import escaped
from core.redaction import Redaction, without_contents


def traceback_of(error: BaseException, redaction: Redaction) -> str:
    """The traceback of an error as it may be shown."""
    told = "".join(traceback.format_exception(error))
    return escaped(redaction.text(without_contents(told)), keep="\n\t")


def watch(redaction: Redaction) -> None:
    """Let threads, and what Python cannot raise, tell their errors that way too."""

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            sys.stderr.write(traceback_of(args.exc_value, redaction))

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is not None:
            sys.stderr.write(traceback_of(args.exc_value, redaction))

    threading.excepthook = of_thread
    sys.unraisablehook = unraisable
