"""Ports for servers that have to come back on the port they had."""

import random
import socket

HOST = "127.0.0.1"
PORTS = iter(random.sample(range(20_000, 27_000), 7_000))


def free_port() -> int:
    """A port that nobody listens on just now, another one at each call; OSError.

    It is none that the kernel gives to outgoing connections (from 32768 on): one of those may be
    taken by a client while the server that had it is started again.
    """
    for port in PORTS:
        try:
            socket.create_server((HOST, port)).close()
        except OSError:
            continue
        return port
    raise OSError(f"no port of {HOST} is free")
