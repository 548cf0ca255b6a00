"""What can go wrong, by who is at fault.

CrewError
|- Retriable            the network or Telegram's servers: try again
|  |- KeyDoubted         whoever answered knows the account's key not, or not any more: no proof
|- FloodError           the account must wait `seconds` before its next call of a family
|  |- Paced             it is our own pace that has it wait
|  |- DailyLimit        what we allow a day is used up
|- AccountError
|  |- AccountLost       its key is dead, it was signed out or banned
|  |- AccountLimited    may read, may not write or join for now
|  |- AccountFull       is in as many chats as Telegram allows; may do all else
|- SourceError
|  |- SourceUnknown     nobody has that name
|  |- SourceForbidden   this account may not read it
|  |- JoinPending       an administrator has to let the account in first
|- FileError
|  |- StaleReference    what Telegram gave to fetch the file by has expired: ask for it anew
|  |- FileGone          Telegram has the file no more
|  |- FileUnavailable   Telegram did not give it, and may another time
|- FolderError          the disk did not take a file
|- StoreError           MongoDB did not take a write
|- WorkerUnfit          the worker itself lacks something, a key or a right setting
|  |- ApplicationRejected  the API id itself is refused: nothing on it can work
|- LeaseGone            another worker holds the account now
|- Unexpected           ours: a reply or an error that no table knows
   |- NotUnderstood     a reply of a newer Telegram than this version knows
"""


class CrewError(Exception):
    """The root. `reason` is a key of the locale files; `detail` what its text may name."""

    reason = "unexpected"

    def __init__(self, message: str = "", *, reason: str | None = None, **detail: str) -> None:
        super().__init__(message or reason or self.reason)
        self.reason = reason or type(self).reason
        self.detail = detail


class Retriable(CrewError):
    """The network or Telegram's servers failed; the same call may work later."""

    reason = "network"


class KeyDoubted(Retriable):
    """The account's key was refused, but not in words that end it: a wrong server, or one that has
    trouble, answers like that, too. The account stays, is left to others and tried seldom.
    """

    reason = "key_unknown"


class BeingDeleted(CrewError):
    """What is stored of the chat is being deleted, so nothing of it may be stored just now."""

    reason = "being_deleted"


class FloodError(CrewError):
    """Telegram told the account to wait before the next call of `family`."""

    reason = "flood"

    def __init__(self, seconds: float, family: str) -> None:
        super().__init__(f"wait {seconds:.0f} s before {family}", family=family)
        self.seconds = seconds
        self.family = family


class Paced(FloodError):
    """The account's own pace has it wait; Telegram said nothing."""

    reason = "paced"


class DailyLimit(FloodError):
    """The account's own bound of a day is reached; Telegram said nothing."""

    reason = "daily_limit"


class AccountError(CrewError):
    """The account is at fault."""


class AccountLost(AccountError):
    """Its key is dead: signed out, revoked, or banned (`banned` tells)."""

    reason = "session_revoked"

    def __init__(self, message: str = "", *, reason: str, banned: bool = False) -> None:
        super().__init__(message, reason=reason)
        self.banned = banned


class AccountLimited(AccountError):
    """Telegram restricts the account; it may still read."""

    reason = "account_limited"


class AccountFull(AccountError):
    """The account can join nothing more; all else it can do."""

    reason = "too_many_chats"


class SourceError(CrewError):
    """The source is at fault."""


class SourceUnknown(SourceError):
    """No chat has that name."""

    reason = "source_unknown"


class SourceForbidden(SourceError):
    """The account may not read this chat."""

    reason = "source_forbidden"


class JoinPending(SourceError):
    """The account asked to be let in, and nobody has agreed yet."""

    reason = "join_pending"


class FileError(CrewError):
    """A file is at fault."""

    reason = "file_gone"


class StaleReference(FileError):
    """What Telegram gave to fetch the file by has expired."""

    reason = "file_reference"


class FileGone(FileError):
    """Telegram has the file no more."""


class FileUnavailable(FileError):
    """Telegram did not give a file or a part of it, for a reason of that file or of the data centre
    that has it: other files may come, and this one another time."""

    reason = "file_unavailable"


class FolderError(CrewError):
    """The disk did not take a file; `disk_full` where that is why."""

    reason = "folder_unusable"


class StoreError(CrewError):
    """MongoDB did not take a write, or did not answer."""

    reason = "store_unavailable"


class WorkerUnfit(CrewError):
    """The worker lacks what it needs to open or connect an account: another one may do better."""

    reason = "session_unreadable"


class ApplicationRejected(WorkerUnfit):
    """Telegram refuses the API id."""

    reason = "api_id_rejected"


class LeaseGone(CrewError):
    """The right to use the account ended; whatever it was doing is somebody else's now."""

    reason = "lease_gone"


class Unexpected(CrewError):
    """A reply or an error that no table knows: the job is set aside, the account stays."""


class NotUnderstood(Unexpected):
    """Telegram answered with what only a newer version can read, and nothing goes around it."""

    reason = "not_understood"
