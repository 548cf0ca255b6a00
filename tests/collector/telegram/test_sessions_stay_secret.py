"""Sessions and phones are sealed for one account, and never appear in a text."""

import json

import pytest
from telethon.crypto import AuthKey
from telethon.tl import types

from collector.telegram.session import MOST_PEERS, AccountSession, SessionUnreadable
from collector.telegram.settings import TelegramSettings
from collector.telegram.sign_in import SignedInAs
from collector.telegram.vault import BadKeys, SessionVault, Unsealable, mask_phone

KEY = bytes(range(256))


def session() -> AccountSession:
    made = AccountSession()
    made.set_dc(2, "127.0.0.1", 4430)
    made.auth_key = AuthKey(KEY)
    made.user = 777
    return made


def test_a_session_survives_its_bytes() -> None:
    again = AccountSession.from_bytes(session().to_bytes())
    assert (again.dc_id, again.server_address, again.port) == (2, "127.0.0.1", 4430)
    assert again.auth_key is not None
    assert (again.auth_key.key, again.user) == (KEY, 777)


def test_a_session_without_a_key_is_never_written() -> None:
    with pytest.raises(SessionUnreadable):
        AccountSession().to_bytes()


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\xff\xfe", b"[]", b'{"v": 1}', json.dumps({"v": 99, "dc": 2}).encode()],
)
def test_bytes_that_are_no_session(data: bytes) -> None:
    with pytest.raises(SessionUnreadable):
        AccountSession.from_bytes(data)


def test_a_session_knows_a_bounded_number_of_peers() -> None:
    kept = session()
    for number in range(1, MOST_PEERS + 11):
        chat = types.Channel(
            id=number, title="", photo=types.ChatPhotoEmpty(), date=None, access_hash=number
        )
        kept.process_entities(types.contacts.ResolvedPeer(None, [chat], []))
    newest = kept.get_input_entity(types.PeerChannel(MOST_PEERS + 10))
    assert newest.access_hash == MOST_PEERS + 10
    with pytest.raises(ValueError, match="not in the session"):
        kept.get_input_entity(types.PeerChannel(10))
    assert kept.get_input_entity(types.PeerChannel(11)).access_hash == 11


def test_a_session_tells_who_it_is() -> None:
    assert session().get_input_entity(0).access_hash == 777
    with pytest.raises(ValueError, match="not in the session"):
        AccountSession().get_input_entity(0)


def test_a_sealed_session_opens_for_its_account_alone() -> None:
    vault = SessionVault([SessionVault.new_key()])
    sealed = vault.seal(777, b"secret")
    assert vault.open(777, sealed) == b"secret"
    assert b"secret" not in sealed
    with pytest.raises(Unsealable):
        vault.open(778, sealed)


def test_an_older_key_still_opens_and_a_lost_one_does_not() -> None:
    old, new = SessionVault.new_key(), SessionVault.new_key()
    sealed = SessionVault([old]).seal(777, b"secret")
    assert SessionVault([new, old]).open(777, sealed) == b"secret"
    with pytest.raises(Unsealable):
        SessionVault([new]).open(777, sealed)


def test_a_phone_is_sealed_as_a_phone() -> None:
    vault = SessionVault([SessionVault.new_key()])
    sealed = vault.seal_phone("+99966200123")
    assert vault.open_phone(sealed) == "+99966200123"
    with pytest.raises(Unsealable):
        vault.open_phone(vault.seal(777, b"secret"))
    with pytest.raises(Unsealable):
        vault.open(777, sealed)


@pytest.mark.parametrize("keys", [[], ["not a key"], ["c2hvcnQ="], ["ключ"]])
def test_bad_keys_are_refused_without_being_told(keys: list[str]) -> None:
    with pytest.raises(BadKeys) as refused:
        SessionVault(keys)
    assert all(key not in str(refused.value) for key in keys)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+9996620012", "+99••••••12"),
        ("999 662 0012", "+99••••••12"),
        ("12345", "•••••"),
        ("", ""),
    ],
)
def test_a_masked_phone(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_no_secret_in_any_repr() -> None:
    who = SignedInAs(telegram_id=7, name="Ada", username=None, session=session().to_bytes())
    settings = TelegramSettings(api_id=1, api_hash="deadbeefdeadbeef")
    vault = SessionVault([key := SessionVault.new_key()])
    said = f"{who!r} {settings!r} {vault!r} {session()!r}"
    assert "deadbeef" not in said
    assert key not in said
    assert "session" not in repr(who)
    assert "AAECAw" not in said
