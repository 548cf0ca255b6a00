"""Which stored messages are of a topic of a forum."""

from db.client import Document

GENERAL = 1
"""The topic of messages that name none."""


def of_topic(topic: int | None) -> Document:
    """The part of a query that asks for a topic; of None nothing is asked."""
    if topic is None:
        return {}
    return {"topic": {"$in": [GENERAL, None]} if topic == GENERAL else topic}
