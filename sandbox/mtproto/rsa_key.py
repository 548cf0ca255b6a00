"""The server's RSA key: made once, kept in a folder, used to open the key exchange."""

from hashlib import sha1, sha256
from pathlib import Path

import cryptg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox import tl

PRIVATE_NAME = "server_rsa.pem"
PUBLIC_NAME = "server_rsa_public.pem"
_SIZE = 256


class RsaKey:
    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        numbers = private.private_numbers()
        self._n, self._e = numbers.public_numbers.n, numbers.public_numbers.e
        self._parts = numbers
        self._private = private

    @classmethod
    def load_or_make(cls, folder: Path) -> "RsaKey":
        """The key of this folder; its public half lies beside it as PKCS#1 PEM."""
        path = folder / PRIVATE_NAME
        if path.exists():
            loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
            if not isinstance(loaded, rsa.RSAPrivateKey):
                raise TypeError(f"{path} is not an RSA key")
            key = cls(loaded)
        else:
            key = cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))
            path.write_bytes(key._private_pem())
            path.chmod(0o600)
        (folder / PUBLIC_NAME).write_bytes(key.public_pem())
        return key

    def public_pem(self) -> bytes:
        return self._private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.PKCS1
        )

    @property
    def fingerprint(self) -> int:
        """Signed 64 bits, as it travels."""
        n = tl.string(_big_endian(self._n))
        e = tl.string(_big_endian(self._e))
        tail = sha1(n + e, usedforsecurity=False).digest()[-8:]
        return int.from_bytes(tail, "little", signed=True)

    def open(self, encrypted: bytes) -> bytes | None:
        """Inner data with what pads it; both paddings in use are understood. None: neither fits."""
        number = int.from_bytes(encrypted, "big")
        if number >= self._n:
            return None
        clear = self._power(number).to_bytes(_SIZE, "big")
        return _rsa_pad(clear) or _old_padding(clear)

    def _power(self, number: int) -> int:
        """The private operation by the Chinese remainder theorem: a third of the time."""
        parts = self._parts
        by_p, by_q = pow(number, parts.dmp1, parts.p), pow(number, parts.dmq1, parts.q)
        return by_q + (by_p - by_q) * parts.iqmp % parts.p * parts.q

    def _private_pem(self) -> bytes:
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _rsa_pad(clear: bytes) -> bytes | None:
    masked, body = clear[:32], clear[32:]
    temporary = bytes(a ^ b for a, b in zip(masked, sha256(body).digest(), strict=True))
    padded = cryptg.decrypt_ige(body, temporary, bytes(32))
    data, digest = padded[:192][::-1], padded[192:]
    return data if sha256(temporary + data).digest() == digest else None


def _old_padding(clear: bytes) -> bytes | None:
    """One zero byte, SHA-1 of the data, the data, noise: the data's end is found by its digest."""
    if clear[0]:
        return None
    digest, rest = clear[1:21], clear[21:]
    for end in range(len(rest), 0, -1):
        if sha1(rest[:end], usedforsecurity=False).digest() == digest:
            return rest[:end]
    return None


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
