"""MTProto 2.0 encryption, from the server's side."""

import os
from hashlib import sha1, sha256

import cryptg


def encrypt(auth_key: bytes, key_id: bytes, plain: bytes) -> bytes:
    """A server's packet. `plain`: salt, session id, message id, sequence number, length, body."""
    padded = plain + os.urandom(12 + -(len(plain) + 12) % 16)
    msg_key = sha256(auth_key[96:128] + padded).digest()[8:24]
    key, iv = _key_and_iv(auth_key, msg_key, 8)
    return key_id + msg_key + cryptg.encrypt_ige(padded, key, iv)


def decrypt(auth_key: bytes, packet: bytes) -> bytes | None:
    """What a client sent, padding included; None if it was not encrypted with this key."""
    msg_key, body = packet[8:24], packet[24:]
    if len(body) < 32 or len(body) % 16:
        return None
    key, iv = _key_and_iv(auth_key, msg_key, 0)
    plain = cryptg.decrypt_ige(body, key, iv)
    return plain if sha256(auth_key[88:120] + plain).digest()[8:24] == msg_key else None


def key_from_nonces(server_nonce: bytes, new_nonce: bytes) -> tuple[bytes, bytes]:
    """AES key and IV of the key exchange."""
    first = sha1(new_nonce + server_nonce, usedforsecurity=False).digest()
    second = sha1(server_nonce + new_nonce, usedforsecurity=False).digest()
    third = sha1(new_nonce + new_nonce, usedforsecurity=False).digest()
    return first + second[:12], second[12:] + third + new_nonce[:4]


def _key_and_iv(auth_key: bytes, msg_key: bytes, side: int) -> tuple[bytes, bytes]:
    a = sha256(msg_key + auth_key[side : side + 36]).digest()
    b = sha256(auth_key[side + 40 : side + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
