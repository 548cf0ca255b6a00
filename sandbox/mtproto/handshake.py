"""The key exchange: from a nonce to an auth key that client and server share."""

import os
import struct
import time
from hashlib import sha1

import cryptg
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from sandbox.mtproto import crypto
from sandbox.mtproto.keys import AuthKey, Keyring
from sandbox.mtproto.prime import P_BYTES, SIZE, G, P
from sandbox.mtproto.rsa_key import RsaKey

_SMALL_P, _SMALL_Q = 1_000_003, 1_000_033
_PQ = (_SMALL_P * _SMALL_Q).to_bytes(8, "big")
"""Telegram's takes a client half a tenth of a second to factorize; this one costs it nothing."""

_SECRET_SIZE = 32
"""Bytes of our exponent: twice the strength of the 128 bits that 2048-bit groups have, an eighth of
the work of a full one."""

_INNER = (
    types.PQInnerData,
    types.PQInnerDataDc,
    types.PQInnerDataTemp,
    types.PQInnerDataTempDc,
)


class HandshakeError(Exception):
    """The client did not follow the protocol."""


class Handshake:
    """One connection's exchange. The order of the three requests is checked by the nonces."""

    def __init__(self, rsa_key: RsaKey, keyring: Keyring) -> None:
        self._rsa_key = rsa_key
        self._keyring = keyring
        self._nonce = 0
        self._server_nonce = 0
        self._new_nonce = b""
        self._secret = 0

    def answer(self, body: bytes) -> bytes:
        """Raises HandshakeError."""
        try:
            with BinaryReader(body) as reader:
                request = reader.tgread_object()
        except Exception as error:
            raise HandshakeError("unreadable") from error
        if isinstance(request, functions.ReqPqMultiRequest | functions.ReqPqRequest):
            return self._res_pq(request.nonce)
        if getattr(request, "server_nonce", None) != self._server_nonce or not self._server_nonce:
            raise HandshakeError("unknown nonce")
        if isinstance(request, functions.ReqDHParamsRequest):
            return self._server_dh(request)
        if isinstance(request, functions.SetClientDHParamsRequest) and self._secret:
            return self._finish(request)
        raise HandshakeError("not a step of the exchange")

    def _res_pq(self, nonce: int) -> bytes:
        self._nonce = nonce
        self._server_nonce = int.from_bytes(os.urandom(16), "little", signed=True) or 1
        fingerprints = [self._rsa_key.fingerprint]
        return bytes(
            types.ResPQ(
                nonce=nonce,
                server_nonce=self._server_nonce,
                pq=_PQ,
                server_public_key_fingerprints=fingerprints,
            )
        )

    def _server_dh(self, request: functions.ReqDHParamsRequest) -> bytes:
        if request.public_key_fingerprint != self._rsa_key.fingerprint:
            raise HandshakeError("another server's key")
        clear = self._rsa_key.open(request.encrypted_data)
        if clear is None:
            raise HandshakeError("cannot be opened")
        inner = _read(clear)
        if not isinstance(inner, _INNER) or inner.server_nonce != self._server_nonce:
            raise HandshakeError("wrong inner data")
        self._new_nonce = inner.new_nonce.to_bytes(32, "little", signed=True)
        self._secret = int.from_bytes(os.urandom(_SECRET_SIZE), "big")
        answer = bytes(
            types.ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=self._server_nonce,
                g=G,
                dh_prime=P_BYTES,
                g_a=pow(G, self._secret, P).to_bytes(SIZE, "big"),
                server_time=int(time.time()),
            )
        )
        hashed = sha1(answer, usedforsecurity=False).digest() + answer
        padded = hashed + os.urandom(-len(hashed) % 16)
        encrypted = cryptg.encrypt_ige(padded, *self._keys())
        return bytes(
            types.ServerDHParamsOk(
                nonce=self._nonce, server_nonce=self._server_nonce, encrypted_answer=encrypted
            )
        )

    def _finish(self, request: functions.SetClientDHParamsRequest) -> bytes:
        if len(request.encrypted_data) % 16 or not request.encrypted_data:
            raise HandshakeError("not a multiple of 16")
        clear = cryptg.decrypt_ige(request.encrypted_data, *self._keys())
        inner = _read(clear[20:])
        if not isinstance(inner, types.ClientDHInnerData):
            raise HandshakeError("wrong inner data")
        g_b = int.from_bytes(inner.g_b, "big")
        if not 1 < g_b < P - 1:
            raise HandshakeError("g_b out of range")
        key = AuthKey(pow(g_b, self._secret, P).to_bytes(SIZE, "big"), self._first_salt())
        # Some clients drop a leading zero byte of the key: have them try again
        if key.data[0] == 0:
            digest = self._nonce_hash(2, key)
            return bytes(types.DhGenRetry(self._nonce, self._server_nonce, digest))
        self._keyring.add(key)
        return bytes(types.DhGenOk(self._nonce, self._server_nonce, self._nonce_hash(1, key)))

    def _keys(self) -> tuple[bytes, bytes]:
        server_nonce = self._server_nonce.to_bytes(16, "little", signed=True)
        return crypto.key_from_nonces(server_nonce, self._new_nonce)

    def _first_salt(self) -> int:
        server_nonce = self._server_nonce.to_bytes(16, "little", signed=True)
        mixed = bytes(a ^ b for a, b in zip(self._new_nonce[:8], server_nonce[:8], strict=True))
        return int(struct.unpack("<q", mixed)[0])

    def _nonce_hash(self, number: int, key: AuthKey) -> int:
        digest = sha1(
            self._new_nonce + bytes((number,)) + key.aux_hash, usedforsecurity=False
        ).digest()
        return int.from_bytes(digest[4:], "little", signed=True)


def _read(data: bytes) -> object:
    try:
        with BinaryReader(data) as reader:
            return reader.tgread_object()
    except Exception as error:
        raise HandshakeError("unreadable inner data") from error
