"""Each option of MONGODB_URI that the driver knows is decided, and none breaks a promise."""

import asyncio
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo import common
from pymongo.auth_shared import MECHANISMS
from pymongo.read_preferences import Primary
from pymongo.uri_parser_shared import URI_OPTIONS

from core.mongo_options import (
    DECISIONS,
    FEWEST_CONNECTIONS,
    TLS_OPTIONS,
    VALUES,
    left_aside,
    refusals,
    usable,
)
from core.mongo_uri import MongoUri
from core.settings import SettingsError
from db.address import address_for_driver
from db.client import connect, database_of
from db.fsm import fsm_client

ONLY_IN_CODE = {
    *("document_class", "type_registry", "read_preference", "event_listeners", "tzinfo"),
    *("username", "password", "server_selector", "srv_host_validator", "auto_encryption_opts"),
    *("authoidcallowedhosts", "max_adaptive_retries", "enable_overload_retargeting"),
}
"""What the driver takes as an argument and from no address."""

SPOKEN_OF_ELSEWHERE = {
    *("proxyhost", "proxyport", "proxyusername", "proxypassword"),
    *("serverselectiontryonce", "tlsdisablecertificaterevocationcheck"),
}
"""Options of the specification that this driver does not know."""


def uri_with(options: str, hosts: str = "127.0.0.1:27017", scheme: str = "mongodb") -> MongoUri:
    return MongoUri.parse(f"{scheme}://{hosts}/?{options}")


def test_every_option_that_the_driver_knows_is_decided() -> None:
    known = {name.lower() for name in (*common.URI_OPTIONS_VALIDATOR_MAP, *URI_OPTIONS)}
    assert known - DECISIONS.keys() == SPOKEN_OF_ELSEWHERE
    assert set(common.KW_VALIDATORS) == ONLY_IN_CODE
    assert set(TLS_OPTIONS) == {name for name in known if name.startswith("tls")} - {
        "tls",
        "tlsdisablecertificaterevocationcheck",
    }
    assert all(VALUES["authmechanism"][0].fullmatch(one) for one in MECHANISMS)
    switches = {
        name
        for name, check in common.URI_OPTIONS_VALIDATOR_MAP.items()
        if check is common.validate_boolean_or_string and DECISIONS[name].fate == "used"
    }
    assert switches == {name for name, (_, expected) in VALUES.items() if "true or" in expected}


BREAKING = (
    *("readPreference=secondary", "readPreference=nearest", "readPreferenceTags=dc:ny"),
    *("maxStalenessSeconds=120", "readConcernLevel=linearizable", "readConcernLevel=available"),
    *("maxPoolSize=1", "maxPoolSize=2", "minPoolSize=200", "maxIdleTimeMS=1", "maxConnecting=1"),
    *("waitQueueTimeoutMS=1", "waitQueueMultiple=1", "w=2", "w=somewhere", "wTimeoutMS=1"),
    *("timeoutMS=1", "socketTimeoutMS=1", "connectTimeoutMS=1", "serverSelectionTimeoutMS=1"),
    *("heartbeatFrequencyMS=999999", "retryWrites=false", "retryReads=false", "fsync=true"),
    *("tz_aware=false", "uuidRepresentation=csharpLegacy", "connect=true", "appName=other"),
    *("unicode_decode_error_handler=ignore", "datetime_conversion=datetime_ms", "driver=x"),
    *("compressors=snappy,zstd", "compressors=zlib", "zlibCompressionLevel=9", "server_api=1"),
    *("maxAdaptiveRetries=9", "enableOverloadRetargeting=true", "noSuchOption=1", "replicaSet="),
    *("maxPoolSize=0", f"maxPoolSize={FEWEST_CONNECTIONS}", "localThresholdMS=0"),
    *("serverMonitoringMode=poll", "tls=false", "ssl=false", "loadBalanced=false"),
)


@pytest.mark.parametrize("option", BREAKING)
async def test_what_would_break_a_promise_is_not_done(option: str, mongo_uri: str) -> None:
    """A client made with it, by the driver that would obey, reads, writes and waits as all do."""
    joined = "&" if "?" in mongo_uri else "/?"
    address = f"{mongo_uri}{joined}{option}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with connect(address) as client:
            check(client.delegate.options)
            store = database_of(client, "options_test")
            await store.promised.insert_one({"at": 1})
            assert (await store.promised.find_one({}))["at"] == 1
            await client.drop_database("options_test")
        fsm = fsm_client(address)
        check(fsm.options)
        await fsm.close()


def check(options: Any) -> None:
    """The options that every client has."""
    assert options.read_preference == Primary()
    assert options.read_concern.level is None
    assert options.write_concern.document == {"w": "majority", "j": True}
    assert options.retry_writes
    assert options.retry_reads
    assert options.codec_options.tz_aware
    assert options.server_selection_timeout == 5
    assert options.timeout is None
    pool = options.pool_options
    assert not pool.max_pool_size or pool.max_pool_size >= FEWEST_CONNECTIONS
    assert pool.socket_timeout is None
    assert pool.wait_queue_timeout is None
    assert pool.max_idle_time_seconds is None
    assert pool.connect_timeout == 5


async def test_what_is_urgent_waits_behind_nothing_that_is_slow(mongo_uri: str) -> None:
    """With a pool of one, a ping would come after all that was asked before."""
    joined = "&" if "?" in mongo_uri else "/?"
    ended: list[str] = []

    async def count(client: Any) -> None:
        await client.pool_test.one.find_one({"$where": "sleep(2000) || true"})
        ended.append("slow")

    async with connect(f"{mongo_uri}{joined}maxPoolSize=1") as client:
        await client.pool_test.one.insert_one({})
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(count(client))
            await asyncio.sleep(0)
            await client.admin.command("ping")
            ended.append("ping")
        await client.drop_database("pool_test")
    assert ended == ["ping", *["slow"] * 5]


REFUSED = {
    "w=0": "Remove w=0",
    "W=1": "Remove W=1",
    "w=01": "Remove w=01",
    "journal=false": "Remove journal=false",
    "j=false": "Remove j=false",
    "proxyHost=10.0.0.1&proxyPort=1080": "names a proxy",
    "proxyPassword=hunter2hunter2": "names a proxy",
    "tls=yes": "tls=yes; expected: true or false",
    "tls=True": "expected: true or false",
    "tlsInsecure=1&tls=true": "expected: true or false",
    "tls=true&ssl=false": "which mean the same",
    "ssl=true&tls=false": "which mean the same",
    "tls=false&tlsInsecure=true": "not to use TLS",
    "tlsAllowInvalidCertificates=true": "not to use TLS",
    "tls=false&tlsCAFile=/etc/hostname": "not to use TLS",
    "tls=true&tlsCAFile=/nonexistent/ca.pem": "cannot be read",
    "tls=true&tlsCertificateKeyFile=/nonexistent/key.pem": "cannot be read",
    "tls=true&tlsCRLFile=/nonexistent/crl.pem": "cannot be read",
    "tls=true&tlsCertificateKeyFilePassword=hunter2hunter2": "no tlsCertificateKeyFile",
    "tls=true&tlsInsecure=true&tlsAllowInvalidCertificates=true": "at once",
    "tls=true&tlsInsecure=true&tlsAllowInvalidHostnames=false": "at once",
    "tls=true&tlsInsecure=true&tlsDisableOCSPEndpointCheck=true": "at once",
    "tls=true&tlsAllowInvalidCertificates=true&tlsDisableOCSPEndpointCheck=true": "at once",
    "tls=true&tlsCRLFile=/etc/hostname&tlsInsecure=true": "at once",
    "loadBalanced=true&directConnection=true": "beside directConnection",
    "loadBalanced=true&replicaSet=a": "beside replicaSet",
    "srvServiceName=x": "options of mongodb+srv://",
    "srvMaxHosts=2": "options of mongodb+srv://",
    "authMechanism=MAGIC": "expected: SCRAM-SHA-256",
    "authMechanismProperties=hunter2hunter2": "expected: NAME:value",
    "maxPoolSize=many": "expected: a number",
    "serverMonitoringMode=never": "auto, poll or stream",
    "zlibCompressionLevel=10": "from -1 to 9",
    "localThresholdMS=-5": "milliseconds",
}


@pytest.mark.parametrize("options", REFUSED)
async def test_what_cannot_be_or_must_not_be_is_refused_with_a_sentence(options: str) -> None:
    address = f"mongodb://127.0.0.1:9/?{options}"
    with pytest.raises(SettingsError) as caught:
        async with connect(address):
            pass
    assert REFUSED[options] in str(caught.value)
    assert str(caught.value).startswith("MONGODB_URI ")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(SettingsError):
        fsm_client(address)


def test_contradictions_of_hosts_and_scheme_are_refused() -> None:
    several, srv = "a:1,b:2", {"hosts": "cluster.example.com", "scheme": "mongodb+srv"}
    assert refusals(uri_with("directConnection=true", several))
    assert refusals(uri_with("loadBalanced=true", several))
    assert refusals(uri_with("directConnection=true", **srv))
    assert refusals(uri_with("srvMaxHosts=2&replicaSet=a", **srv))
    assert refusals(uri_with("tls=false&tlsInsecure=true", **srv))
    assert not refusals(uri_with("srvMaxHosts=2&tlsInsecure=true&retryWrites=true", **srv))
    assert not refusals(uri_with("directConnection=true&replicaSet=a"))


def test_what_is_left_aside_is_told_with_its_reason_and_what_changes_nothing_is_not() -> None:
    told = left_aside(uri_with("readPreference=secondary&maxPoolSize=1&retrywrites=false&x=1"))
    assert [line.partition(":")[0] for line in told] == [
        *("readPreference", "maxPoolSize", "retrywrites", "x")
    ]
    assert all(line.partition(": ")[2] for line in told)
    common_words = "retryWrites=true&w=majority&appName=a&readPreference=primary&maxPoolSize=100"
    assert left_aside(uri_with(common_words)) == []
    assert not left_aside(uri_with("replicaSet=a&authSource=admin&tls=true&ssl=true"))


def test_a_file_of_an_authority_that_can_be_read_is_used(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    assert f"tlsCAFile={file}" in address_for_driver(f"mongodb://h/?tlsCAFile={file}")


NAMES = sorted({*common.URI_OPTIONS_VALIDATOR_MAP, "proxyhost", "anything"})


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.text("aZ09:,-%._", max_size=8)), max_size=6),
    st.sampled_from(["h", "h:1", "h:1,i:2", "[::1]:3", "%2Ftmp%2Fm.sock"]),
)
def test_any_options_are_used_or_refused_and_the_driver_has_no_word_to_add(
    options: list[tuple[str, str]], hosts: str
) -> None:
    text = "&".join(f"{name}={value}" for name, value in options)
    uri = uri_with(text, hosts)
    if refusals(uri) or any(name.startswith("tls") for name, _ in options):
        return
    again = MongoUri.parse(usable(uri))
    assert not refusals(again)
    assert not left_aside(again)
    assert usable(again) == usable(uri)
