"""Two-step passwords: the server's half of SRP, so that a password never travels."""

import os
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha256

from telethon.tl import types

from sandbox.mtproto.prime import P_BYTES, SIZE, G, P

_ROUNDS = 100_000
_G_BYTES = G.to_bytes(SIZE, "big")
_K = int.from_bytes(sha256(P_BYTES + _G_BYTES).digest(), "big")
Algorithm = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a server keeps of a password."""

    algorithm: Algorithm
    value: int

    @classmethod
    def of(cls, password: str) -> "Verifier":
        salt1, salt2 = os.urandom(8), os.urandom(16)
        algorithm = Algorithm(salt1=salt1, salt2=salt2, g=G, p=P_BYTES)
        first = _hash(salt2, _hash(salt1, password.encode(), salt1), salt2)
        slow = pbkdf2_hmac("sha512", first, salt1, _ROUNDS)
        return cls(algorithm, pow(G, int.from_bytes(_hash(salt2, slow, salt2), "big"), P))


class Challenge:
    """One question; good for one answer."""

    def __init__(self, verifier: Verifier) -> None:
        self.id = int.from_bytes(os.urandom(7), "big")
        self._verifier = verifier
        self._secret = int.from_bytes(os.urandom(SIZE), "big")
        self.b = ((_K * verifier.value + pow(G, self._secret, P)) % P).to_bytes(SIZE, "big")

    def accepts(self, a: bytes, proof: bytes) -> bool:
        """Whether the answer was made with the right password."""
        number = int.from_bytes(a, "big")
        if not 1 < number < P - 1:
            return False
        padded = number.to_bytes(SIZE, "big")
        scramble = int.from_bytes(sha256(padded + self.b).digest(), "big")
        base = number * pow(self._verifier.value, scramble, P) % P
        shared = sha256(pow(base, self._secret, P).to_bytes(SIZE, "big")).digest()
        return proof == self._proof(padded, shared)

    def _proof(self, a: bytes, shared: bytes) -> bytes:
        algorithm = self._verifier.algorithm
        mixed = zip(sha256(P_BYTES).digest(), sha256(_G_BYTES).digest(), strict=True)
        return _hash(
            bytes(x ^ y for x, y in mixed),
            sha256(algorithm.salt1).digest(),
            sha256(algorithm.salt2).digest(),
            a,
            self.b,
            shared,
        )


def _hash(*pieces: bytes) -> bytes:
    return sha256(b"".join(pieces)).digest()
