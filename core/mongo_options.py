"""What each option of a MongoDB address means here: it is used, refused, or left aside."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.mongo_uri import MongoUri

FEWEST_CONNECTIONS = 64
"""Fewer, and what cannot wait, as the renewal of a lease, waits behind what can."""

TLS_OPTIONS = (
    "tlsallowinvalidcertificates",
    "tlsallowinvalidhostnames",
    "tlscafile",
    "tlscertificatekeyfile",
    "tlscertificatekeyfilepassword",
    "tlscrlfile",
    "tlsdisableocspendpointcheck",
    "tlsinsecure",
)
TLS_FILES = ("tlscafile", "tlscertificatekeyfile", "tlscrlfile")
SRV_OPTIONS = ("srvservicename", "srvmaxhosts", "srvallowedhostssuffix")
REMOVE_ONE = "Remove one of them."

SWITCH = (re.compile(r"true|false"), "true or false")
VALUES: Mapping[str, tuple[re.Pattern[str], str]] = MappingProxyType(
    {
        **dict.fromkeys(("directconnection", "loadbalanced", "ssl", "tls"), SWITCH),
        **dict.fromkeys(("tlsallowinvalidcertificates", "tlsallowinvalidhostnames"), SWITCH),
        **dict.fromkeys(("tlsdisableocspendpointcheck", "tlsinsecure"), SWITCH),
        "authmechanism": (
            re.compile("DEFAULT|GSSAPI|MONGODB-(AWS|OIDC|X509)|PLAIN|SCRAM-SHA-(1|256)", re.ASCII),
            "SCRAM-SHA-256, SCRAM-SHA-1, MONGODB-X509, MONGODB-AWS, MONGODB-OIDC, GSSAPI or PLAIN",
        ),
        "localthresholdms": (re.compile(r"\d{1,6}", re.ASCII), "milliseconds"),
        "maxpoolsize": (re.compile(r"\d{1,6}", re.ASCII), "a number"),
        "servermonitoringmode": (re.compile("auto|poll|stream"), "auto, poll or stream"),
        "srvmaxhosts": (re.compile(r"\d{1,6}", re.ASCII), "a number"),
        "zlibcompressionlevel": (re.compile("-1|[0-9]"), "a number from -1 to 9"),
    }
)
"""What the driver would not understand, and then do without: no word of TLS may go that way."""

Fate = Literal["used", "ours", "aside"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an option. `ours`: Telecrew says it itself, always as it needs it, so nothing
    is told; `aside`: it is told, with `why`."""

    fate: Fate
    why: str = ""


def _all(names: str, fate: Fate, why: str = "") -> dict[str, Decision]:
    return dict.fromkeys(names.split(), Decision(fate, why))


DECISIONS: Mapping[str, Decision] = MappingProxyType(
    {
        **_all("authmechanism authmechanismproperties authsource replicaset", "used"),
        **_all("directconnection loadbalanced localthresholdms", "used"),
        **_all(f"ssl tls {' '.join(TLS_OPTIONS)} {' '.join(SRV_OPTIONS)}", "used"),
        **_all("servermonitoringmode zlibcompressionlevel", "used"),
        **_all("compressors", "used", "only zlib is there to compress with"),
        **_all("maxpoolsize", "used", f"fewer than {FEWEST_CONNECTIONS} connections delay leases"),
        **_all("appname connecttimeoutms heartbeatfrequencyms serverselectiontimeoutms", "ours"),
        **_all("connect tz_aware w journal j", "ours"),
        **_all(
            "readpreference readpreferencetags maxstalenessseconds",
            "aside",
            "what a secondary tells is out of date, and leases and proofs rest on what is read",
        ),
        **_all("readconcernlevel", "aside", "reads go to the primary, and writes to a majority"),
        **_all("retrywrites retryreads", "aside", "what a failover breaks off is tried again"),
        **_all(
            "sockettimeoutms timeoutms wtimeoutms wtimeout",
            "aside",
            "a call that is only slow takes as long as it needs; a server that hangs is noticed",
        ),
        **_all(
            "maxconnecting maxidletimems minpoolsize waitqueuemultiple waitqueuetimeoutms",
            "aside",
            "connections are made as they are needed",
        ),
        **_all(
            "datetime_conversion document_class unicode_decode_error_handler uuidrepresentation",
            "aside",
            "documents are read as they were written",
        ),
        **_all(
            "driver enableoverloadretargeting fsync maxadaptiveretries server_api",
            "aside",
            "Telecrew needs what the driver does without it",
        ),
    }
)
PROPERTIES = re.compile(
    "(,?(AWS_SESSION_TOKEN|CANONICALIZE_HOST_NAME|ENVIRONMENT|SERVICE_(HOST|NAME|REALM)"
    "|TOKEN_RESOURCE):[^,]+)*"
)
PROPERTY_NAMES = "NAME:value, with commas between them, such as SERVICE_NAME:mongodb"
NO_PROXY = (
    "MONGODB_URI names a proxy, which the driver does not use: it would connect past it. Remove "
    "{name}, and let the network lead to MongoDB."
)
UNSAFE = {
    "w": re.compile(r"[\s+-]*0*[01]\s*"),
    "journal": re.compile(r"false|0|no"),
    "j": re.compile(r"false|0|no"),
}
"""What has writes confirmed before they are safe."""


def refusals(uri: MongoUri) -> list[str]:
    """Why an address is not used, a sentence each; no secret value is shown."""
    return [*_values(uri), *_unsafe(uri), *_proxies(uri), *_contradictions(uri), *_tls(uri)]


def left_aside(uri: MongoUri) -> list[str]:
    """What of an address is not done, and why: a line for each option."""
    told = (_told(name, value) for name, value in uri.options)
    return list(dict.fromkeys(line for line in told if line))


def usable(uri: MongoUri) -> str:
    """The address with those options alone that are used, each once."""
    kept = {
        name.lower(): (name, value)
        for name, value in uri.options
        if value and _is_used(name, value)
    }
    options = [
        (name, "zlib" if key == "compressors" else value) for key, (name, value) in kept.items()
    ]
    return uri.with_options(options)


def insecure(uri: MongoUri) -> list[str]:
    """Options that let somebody between us and the server read and change everything."""
    weak = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames")
    return [name for name, value in uri.options if name.lower() in weak and _true(value)]


def _is_used(name: str, value: str) -> bool:
    decision = DECISIONS.get(name.lower())
    if decision is None or decision.fate != "used":
        return False
    match name.lower():
        case "maxpoolsize":
            return value.isdigit() and (int(value) == 0 or int(value) >= FEWEST_CONNECTIONS)
        case "compressors":
            return "zlib" in value.lower().split(",")
        case _:
            return True


def _told(name: str, value: str) -> str:
    decision = DECISIONS.get(name.lower())
    if decision is None:
        return f"{name}: the driver does not know it"
    if decision.fate == "ours" or _is_used(name, value) or _is_default(name, value):
        return ""
    return f"{name}: {decision.why or 'it says nothing'}"


def _is_default(name: str, value: str) -> bool:
    """What many addresses say and what is done anyway."""
    return (name.lower(), value.lower()) in {
        ("readpreference", "primary"),
        ("retrywrites", "true"),
        ("retryreads", "true"),
    }


def _unsafe(uri: MongoUri) -> Iterator[str]:
    for name, value in uri.options:
        pattern = UNSAFE.get(name.lower())
        if pattern is not None and pattern.fullmatch(value.lower()):
            yield (
                f"MONGODB_URI says {name}={value}: what one server confirms is lost when it fails. "
                f"Remove {name}={value} from it; Telecrew writes with w=majority."
            )


def _proxies(uri: MongoUri) -> Iterator[str]:
    for name, _ in uri.options:
        if name.lower().startswith("proxy"):
            yield NO_PROXY.format(name=name)


def _contradictions(uri: MongoUri) -> Iterator[str]:
    several, srv = len(uri.hosts) > 1, uri.scheme != "mongodb"
    direct, balanced = _true(uri.option("directconnection")), _true(uri.option("loadbalanced"))
    at_fault = {
        "directConnection=true with several hosts: it means one": direct and several,
        "directConnection=true with mongodb+srv://, which means several hosts": direct and srv,
        "loadBalanced=true with several hosts: it means one": balanced and several,
        "loadBalanced=true beside directConnection=true": balanced and direct,
        "loadBalanced=true beside replicaSet": balanced and uri.option("replicaset") is not None,
        "srvMaxHosts beside replicaSet": srv
        and uri.option("replicaset") is not None
        and uri.option("srvmaxhosts") not in (None, "0"),
        "options of mongodb+srv:// in an address of mongodb://": not srv
        and any(uri.option(name) not in (None, "0") for name in SRV_OPTIONS),
    }
    for what, wrong in at_fault.items():
        if wrong:
            yield f"MONGODB_URI says {what}. {REMOVE_ONE}"


def _tls(uri: MongoUri) -> Iterator[str]:
    given = {name.lower(): name for name, value in uri.options if value}
    tls, ssl = uri.option("tls"), uri.option("ssl")
    if tls and ssl and tls != ssl:
        yield f"MONGODB_URI says tls={tls} and ssl={ssl}, which mean the same. {REMOVE_ONE}"
        return
    said = tls or ssl
    implied = uri.scheme != "mongodb" or any(name in given for name in TLS_FILES)
    named = [given[name] for name in TLS_OPTIONS if name in given]
    if named and not (_true(said) or (implied and not said)):
        yield (
            f"MONGODB_URI says {', '.join(named)}, but not to use TLS. Add tls=true, or remove "
            f"{'it' if len(named) == 1 else 'them'}."
        )
    for one, others in EXCLUDING.items():
        for other in others:
            if one in given and other in given:
                yield f"MONGODB_URI says {given[one]} and {given[other]} at once. {REMOVE_ONE}"
    if "tlscertificatekeyfilepassword" in given and "tlscertificatekeyfile" not in given:
        yield (
            "MONGODB_URI says tlsCertificateKeyFilePassword, but no tlsCertificateKeyFile. Add the "
            "file, or remove the password."
        )


def _values(uri: MongoUri) -> Iterator[str]:
    for name, value in uri.options:
        expected = VALUES.get(name.lower())
        if expected and value and not expected[0].fullmatch(value):
            yield f"MONGODB_URI says {name}={value}; expected: {expected[1]}."
        elif name.lower() == "authmechanismproperties" and not PROPERTIES.fullmatch(value):
            yield f"MONGODB_URI says something wrong as {name}; expected: {PROPERTY_NAMES}."


EXCLUDING = {
    "tlsinsecure": (
        "tlsallowinvalidcertificates",
        "tlsallowinvalidhostnames",
        "tlsdisableocspendpointcheck",
        "tlscrlfile",
    ),
    "tlsallowinvalidcertificates": ("tlsdisableocspendpointcheck", "tlscrlfile"),
    "tlsdisableocspendpointcheck": ("tlscrlfile",),
}
"""Of two such options one says what the other forbids, or says it again."""


def _true(value: str | None) -> bool:
    return value is not None and value.lower() == "true"
