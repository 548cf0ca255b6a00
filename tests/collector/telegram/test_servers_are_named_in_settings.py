"""Which Telegram to speak to is a setting; a session keeps the data centre of its key."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from telethon.crypto import rsa as known_keys

from collector.telegram import libraries
from collector.telegram.dc import BadServer, place, trust_key
from collector.telegram.session import AccountSession
from collector.telegram.settings import TelegramSettings
from core.data_centre import parse_data_centre


def settings(dc: str) -> TelegramSettings:
    return TelegramSettings(api_id=1, api_hash="x", dc=parse_data_centre(dc))


def test_a_new_session_goes_where_the_settings_say() -> None:
    session = AccountSession()
    place(session, settings("production"))
    assert (session.dc_id, session.server_address) == (2, "149.154.167.51")


def test_a_session_of_telegrams_own_stays_at_its_data_centre() -> None:
    session = AccountSession()
    session.set_dc(4, "149.154.167.91", 443)
    place(session, settings("production"))
    assert (session.dc_id, session.server_address) == (4, "149.154.167.91")


def test_a_server_named_by_address_may_have_moved() -> None:
    session = AccountSession()
    session.set_dc(2, "127.0.0.1", 1111)
    place(session, settings("2@127.0.0.1:2222"))
    assert session.port == 2222


@pytest.mark.parametrize("form", [PublicFormat.PKCS1, PublicFormat.SubjectPublicKeyInfo])
def test_a_servers_key_is_trusted_in_either_form(tmp_path: Path, form: PublicFormat) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    path = tmp_path / "key.pem"
    path.write_bytes(key.public_bytes(Encoding.PEM, form))
    trust_key(path)
    trusted = {known.n for known, _ in known_keys._server_keys.values()}
    assert key.public_numbers().n in trusted


def test_a_file_that_is_no_rsa_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(BadServer):
        trust_key(path)
    path.write_text("nothing")
    with pytest.raises(BadServer):
        trust_key(path)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(BadServer):
        trust_key(path)


def test_the_libraries_that_must_be_there_are() -> None:
    libraries.require_libraries()


def test_a_missing_library_is_named_with_its_danger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(libraries._NEEDED, "no_such_library", "it would hurt")
    with pytest.raises(libraries.MissingLibraries, match=r"no_such_library \(it would hurt\)"):
        libraries.require_libraries()
