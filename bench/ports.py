"""Ports for servers that have to come back on the port they had."""

import random

from app.embedded_mongo.launch import is_free

PORTS = iter(random.sample(range(20_000, 27_000), 7_000))


def free_port() -> int:
    """A port that nobody has just now, another one at each call.

    It is none that the kernel gives to outgoing connections (from 32768 on): one of those may be
    taken by a client while the server that had it is started again.
    """
    return next(filter(is_free, PORTS))
