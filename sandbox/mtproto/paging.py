"""Which part of a history a request means."""

from telethon.tl import TLObject

from sandbox.chat import Chat
from sandbox.mtproto.blanks import BlankedChat
from sandbox.reading import Reading

MOST = 100


def ranks(read: Chat | BlankedChat | Reading, request: TLObject) -> tuple[int, int]:
    """The page as ranks: (oldest, above the newest). It begins below `offset_id` (or before
    `offset_date`), moved by `add_offset` towards older messages; `max_id` and `min_id` only
    sift what is on it."""
    newest, moment = read.count, request.offset_date
    if request.offset_id > 0:
        newest = read.rank(request.offset_id)
    elif moment is not None and (since := int(moment.timestamp())) > 0:
        newest = read.rank(read.first_id_since(since))
    newest -= request.add_offset
    oldest = max(0, newest - max(0, min(request.limit, MOST)))
    newest = max(0, min(newest, read.count))
    if request.max_id > 0:
        newest = min(newest, read.rank(request.max_id))
    if request.min_id > 0:
        oldest = max(oldest, read.rank(request.min_id + 1))
    return oldest, newest
