"""A real MongoDB without Docker: one mongod in a folder, shared by the processes that use it."""

from app.embedded_mongo.failure import MongoFailure
from app.embedded_mongo.server import EmbeddedMongo

__all__ = ["EmbeddedMongo", "MongoFailure"]
