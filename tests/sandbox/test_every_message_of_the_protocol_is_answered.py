"""Any client's service messages, containers, packings and wrappers are understood as Telegram's
documents have them, and what is refused is refused by name."""

import asyncio
import gzip
import struct
import zlib

import pytest
from raw_side import SALT, new_key, packed, raw_client, vector
from structlog.testing import capture_logs
from telethon.errors import RPCError
from telethon.tl import functions, types
from telethon.tl.alltlobjects import LAYER
from telethon.tl.functions.channels import GetMessagesRequest
from waiting import wait_until

from sandbox.mtproto import envelope
from sandbox.mtproto.journal import KEPT_IDS
from sandbox.mtproto.service import SERVICE
from sandbox.seed import small_world
from sandbox.server import Sandbox

CONFIG = functions.help.GetConfigRequest()
STATE = functions.updates.GetStateRequest()
PING = functions.PingRequest(41)
RESEND_ANSWERS = struct.pack("<I", 0x8610BAEB)


@pytest.fixture
async def sandbox(sandbox_folder):
    world = small_world(chats={"alpha_chat": 900}, accounts=2)
    async with Sandbox(world, sandbox_folder) as running:
        yield running


@pytest.fixture
async def raw(sandbox):
    async with raw_client(sandbox) as client:
        yield client


def message(number, seq, body):
    body = bytes(body)
    return struct.pack("<qii", number, seq, len(body)) + body


def container(*messages):
    return envelope.CONTAINER + struct.pack("<I", len(messages)) + b"".join(messages)


def gzipped(body, squeeze=gzip.compress):
    return envelope.GZIP + packed(squeeze(bytes(body)))


def wrapped(query, layer=LAYER):
    return functions.InvokeWithLayerRequest(
        layer,
        functions.InitConnectionRequest(20_402, "device", "1", "1", "en", "", "en", query),
    )


def moment(date):
    return date if isinstance(date, int) else date.timestamp()


def calls(sandbox, method):
    return sum(count for (_, name), count in sandbox.counters.totals.items() if name == method)


async def is_closed(raw):
    try:
        while True:
            await raw.read()
    except (asyncio.IncompleteReadError, ConnectionError):
        return True


# --- service messages


async def test_a_client_that_only_tells_something_gets_no_answer(raw):
    told = [
        types.MsgsAck([raw.number()]),
        types.HttpWait(max_delay=0, wait_after=0, max_wait=0),
        types.MsgsStateInfo(req_msg_id=1, info=b"\x04"),
        types.MsgsAllInfo(msg_ids=[1], info=b"\x04"),
        types.MsgDetailedInfo(msg_id=4, answer_msg_id=5, bytes=9, status=0),
        types.MsgNewDetailedInfo(answer_msg_id=5, bytes=9, status=0),
        types.BadMsgNotification(bad_msg_id=5, bad_msg_seqno=1, error_code=16),
    ]
    for one in told:
        raw.say(one, content=False)
    await raw.until(types.Pong, answers=None if raw.say(PING) else 0)
    assert [type(one.what) for one in raw.seen] == [types.NewSessionCreated]


async def test_pings_of_both_kinds_are_answered(raw):
    for ping in (PING, functions.PingDelayDisconnectRequest(42, disconnect_delay=75)):
        number = raw.say(ping)
        pong = (await raw.until(types.Pong)).what
        assert (pong.ping_id, pong.msg_id) == (ping.ping_id, number)


async def test_a_ping_that_asks_for_it_has_the_line_closed_unless_it_comes_again(raw):
    raw.say(functions.PingDelayDisconnectRequest(1, disconnect_delay=0))
    raw.say(functions.PingDelayDisconnectRequest(2, disconnect_delay=600))
    await raw.until(types.Pong)
    await raw.until(types.Pong)
    assert isinstance(await raw.ask(CONFIG), types.Config)
    raw.say(functions.PingDelayDisconnectRequest(3, disconnect_delay=0))
    assert await is_closed(raw)


async def test_the_states_of_messages_are_told_as_they_are(raw, sandbox):
    sandbox.faults.silence(method="updates.getState")
    first = raw.number()
    done, ack = raw.say(CONFIG), raw.say(types.MsgsAck([1]), content=False)
    await raw.until(types.Config)
    hole = raw.number()
    running = raw.say(STATE)
    ids = [first, done, ack, hole, running, running + 4_000, done + 1, 0]
    number = raw.say(types.MsgsStateReq(ids))
    told = (await raw.until(types.MsgsStateInfo)).what
    assert told.req_msg_id == number
    states = told.info.encode()
    assert [state & 7 for state in states] == [1, 4, 4, 2, 4, 3, 1, 1]
    assert [state & ~7 for state in states] == [0, 8 + 32 + 64, 16, 0, 32, 0, 0, 0]


async def test_an_answer_is_sent_again_as_it_was_until_it_is_confirmed(raw, sandbox):
    number = raw.say(STATE)
    first = await raw.until(object, answers=number)
    for again in (types.MsgResendReq([first.id]), RESEND_ANSWERS + vector([number])):
        raw.say(again)
        second = await raw.until(object, answers=number)
        assert (second.id, second.seq, bytes(second.what)) == (
            first.id, first.seq, bytes(first.what)
        )  # fmt: skip
    raw.say(STATE, id=number, seq=1)
    assert (await raw.until(object, answers=number)).id == first.id
    assert calls(sandbox, "updates.getState") == 1
    raw.say(types.MsgsAck([first.id]), content=False)
    for again, asked in (
        (types.MsgResendReq([first.id]), 1),
        (RESEND_ANSWERS + vector([number]), 4 + 8 + 32 + 64),
    ):
        raw.say(again)
        assert (await raw.until(types.MsgsStateInfo)).what.info == chr(asked)
    raw.say(STATE, id=number, seq=1)
    assert (await raw.until(types.MsgsAck)).what.msg_ids == [number]
    assert calls(sandbox, "updates.getState") == 1


@pytest.mark.parametrize("wanted", [1, 64])
async def test_salts_of_the_future_are_told(raw, wanted):
    number = raw.say(functions.GetFutureSaltsRequest(wanted))
    found = (await raw.until(types.FutureSalts)).what
    assert found.req_msg_id == number
    (salt,) = found.salts
    assert salt.salt == SALT
    assert moment(salt.valid_since) < moment(found.now) < moment(salt.valid_until)


async def test_an_answer_can_be_dropped_before_on_the_way_and_after(raw, sandbox):
    sandbox.faults.delay(600, method="updates.getState")
    running, done = raw.say(STATE), raw.say(CONFIG)
    answer = await raw.until(types.Config)
    drop = functions.RpcDropAnswerRequest
    assert isinstance(await raw.ask(drop(running)), types.RpcAnswerDroppedRunning)
    assert (await raw.until(object, answers=running)).what.__class__ is (
        types.RpcAnswerDroppedRunning
    )
    dropped = await raw.ask(drop(done))
    assert isinstance(dropped, types.RpcAnswerDropped)
    assert (dropped.msg_id, dropped.seq_no) == (answer.id, answer.seq)
    assert dropped.bytes > 100
    for unknown in (done, raw.number()):
        assert isinstance(await raw.ask(drop(unknown)), types.RpcAnswerUnknown)
    assert not len(sandbox.mtproto._waiting)


async def test_another_session_can_be_destroyed_once(raw, sandbox):
    async with raw_client(sandbox, raw.key, session=6) as other:
        await other.ask(CONFIG)
    for number, kind in (
        (6, types.DestroySessionOk), (6, types.DestroySessionNone), (99, types.DestroySessionNone)
    ):  # fmt: skip
        raw.say(functions.DestroySessionRequest(number))
        assert (await raw.until(kind)).what.session_id == number
    assert list(raw.key.sessions) == [5]


async def test_a_destroyed_key_is_unknown_from_then_on(raw, sandbox):
    raw.say(functions.DestroyAuthKeyRequest())
    await raw.until(types.DestroyAuthKeyOk)
    raw.say(PING)
    assert (await raw.until(int)).what == -404


# --- numbers


async def test_each_impossible_number_has_its_code(raw):
    await raw.ask(CONFIG)
    now = raw.number()
    seen = raw.say(PING)
    await raw.until(types.Pong)
    seq = 2 * raw.content + 1
    later = raw.number() + 4_000
    wrong = {
        16: {"id": 4, "body": PING},
        17: {"id": (1 << 63) - 4, "body": PING},
        18: {"id": later + 1, "body": PING},
        19: {"id": seen, "body": container(message(now, seq, CONFIG)), "seq": seq - 1},
        32: {"id": later, "body": CONFIG, "seq": 1},
        33: {"id": now, "body": CONFIG, "seq": seq + 40},
        34: {"id": later, "body": container(message(now, seq, CONFIG)), "seq": seq},
        35: {"id": later, "body": CONFIG, "seq": seq - 1},
        64: {"id": later, "body": container(message(later + 4, seq, CONFIG)), "seq": seq - 1},
    }
    for code, said in wrong.items():
        raw.say(**said)
        notice = (await raw.until(types.BadMsgNotification)).what
        assert (notice.error_code, notice.bad_msg_id) == (code, said["id"])
    assert isinstance(await raw.ask(CONFIG), types.Config)
    raw.say(PING, salt=SALT + 1)
    notice = (await raw.until(types.BadServerSalt)).what
    assert (notice.error_code, notice.new_server_salt) == (48, SALT)


async def test_what_may_have_come_long_ago_is_not_done_again(raw, sandbox):
    first = raw.say(STATE)
    for _ in range(KEPT_IDS):
        raw.say(types.MsgsAck([1]), content=False)
    await raw.ask(CONFIG)
    raw.say(container(message(first, 1, STATE)), content=False)
    notice = (await raw.until(types.BadMsgNotification)).what
    assert (notice.error_code, notice.bad_msg_id) == (20, first)
    assert calls(sandbox, "updates.getState") == 1


# --- containers and packings

TOO_MANY = envelope.CONTAINER + struct.pack("<I", 1021)
BROKEN = [
    container(container(message(4, 1, CONFIG))),
    TOO_MANY,
    envelope.CONTAINER + struct.pack("<I", 2) + message(4, 1, CONFIG),
    envelope.CONTAINER + struct.pack("<Iqii", 1, 4, 1, 4_000) + bytes(4),
    envelope.CONTAINER + struct.pack("<Iqii", 1, 4, 1, 6) + bytes(8),
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
async def test_a_container_that_is_none_is_refused_and_the_line_stays(raw, body):
    number = raw.say(body, content=False)
    notice = (await raw.until(types.BadMsgNotification)).what
    assert (notice.error_code, notice.bad_msg_id) == (64, number)
    assert isinstance(await raw.ask(CONFIG), types.Config)


def forms(raw):
    """Each way in which a call may come: (its id, the body, does it stand alone)."""

    def inside(body):
        number = raw.number()
        return number, message(number, raw.next_seq(), body)

    yield None, bytes(CONFIG)
    for squeeze in (gzip.compress, zlib.compress):
        yield None, gzipped(CONFIG, squeeze)
        yield None, bytes(wrapped(CONFIG))[:-4] + gzipped(CONFIG, squeeze)
        number, body = inside(gzipped(CONFIG, squeeze))
        yield number, container(body)
        number, body = inside(CONFIG)
        yield number, gzipped(container(body), squeeze)
    number, body = inside(CONFIG)
    yield number, container(message(raw.number(), 0, types.MsgsAck([1])), body)
    yield number + 0, None
    number, body = inside(CONFIG)
    yield number, container(message(raw.number(), 0, b"\xb2\x46\x60\xe0" + body))


async def test_a_call_comes_alone_packed_copied_or_in_a_container(raw):
    answered = 0
    for number, body in forms(raw):
        if body is None:
            continue
        said = raw.say(body, content=number is None)
        assert isinstance((await raw.until(object, answers=number or said)).what, types.Config)
        answered += 1
    assert answered == 11


async def test_a_packing_that_cannot_be_opened_is_refused(raw):
    with capture_logs() as logged:
        raw.say(envelope.GZIP + packed(b"neither one nor the other"))
        assert await is_closed(raw)
    assert [(one["event"], one["log_level"]) for one in logged] == [("mtproto.refused", "warning")]


# --- calls inside calls


WRAPPERS = {
    "InvokeWithLayerRequest": lambda query: functions.InvokeWithLayerRequest(LAYER, query),
    "InitConnectionRequest": wrapped,
    "InvokeWithoutUpdatesRequest": functions.InvokeWithoutUpdatesRequest,
    "InvokeWithMessagesRangeRequest": lambda query: functions.InvokeWithMessagesRangeRequest(
        types.MessageRange(1, 2), query
    ),
    "InvokeWithTakeoutRequest": lambda query: functions.InvokeWithTakeoutRequest(1, query),
    "InvokeWithGooglePlayIntegrityRequest": (
        lambda query: functions.InvokeWithGooglePlayIntegrityRequest("nonce", "token", query)
    ),
    "InvokeWithApnsSecretRequest": (
        lambda query: functions.InvokeWithApnsSecretRequest("nonce", "secret", query)
    ),
    "InvokeWithReCaptchaRequest": (
        lambda query: functions.InvokeWithReCaptchaRequest("token", query)
    ),
}
ELSEWHERE = {
    "InvokeAfterMsgRequest", "InvokeAfterMsgsRequest", "InvokeWithBusinessConnectionRequest",
}  # fmt: skip


HANDSHAKE = {
    "ReqPqRequest", "ReqPqMultiRequest", "ReqDHParamsRequest", "SetClientDHParamsRequest",
}  # fmt: skip


def test_no_method_of_the_protocol_is_left_out() -> None:
    known = {name for name in dir(functions) if name.endswith("Request")} - {"TLRequest"}
    service = {
        name for name in known if struct.pack("<I", getattr(functions, name).CONSTRUCTOR_ID)
        in SERVICE
    }  # fmt: skip
    assert known == {*WRAPPERS, *ELSEWHERE, *HANDSHAKE, *service}
    told = {name for name in dir(types) if name.startswith(("Msg", "HttpWait"))}
    assert {
        name for name in told if struct.pack("<I", getattr(types, name).CONSTRUCTOR_ID) in SERVICE
    } == told


async def test_every_wrapper_is_opened_or_refused_by_name(raw):
    known = {name for name in dir(functions) if name.startswith("Invoke")}
    assert known == {*WRAPPERS, *ELSEWHERE} - {"InitConnectionRequest"}
    for wrap in WRAPPERS.values():
        assert isinstance(await raw.ask(wrap(CONFIG)), types.Config)
        for other in WRAPPERS.values():
            assert isinstance(await raw.ask(wrap(other(CONFIG))), types.Config)
    refused = await raw.ask(functions.InvokeWithBusinessConnectionRequest("id", CONFIG))
    assert refused.error_message == "METHOD_NOT_SUPPORTED: invokeWithBusinessConnection"


async def test_a_call_comes_after_those_that_it_names(raw, sandbox):
    sandbox.faults.delay(0.2, method="updates.getState")
    for after in (
        lambda number: functions.InvokeAfterMsgRequest(number, CONFIG),
        lambda number: functions.InvokeAfterMsgsRequest([number], CONFIG),
    ):
        first = raw.say(STATE)
        second = raw.say(after(first))
        third = raw.say(after(second))
        came = [(await raw.until((types.updates.State, types.Config))).answers for _ in range(3)]
        assert came == [first, second, third]


async def test_a_call_behind_one_that_failed_or_never_came_fails(raw, sandbox):
    sandbox.faults.fail("INTERNAL", code=500, method="updates.getState", times=1)
    failed = raw.say(STATE)
    for number in (failed, raw.number()):
        refused = await raw.ask(functions.InvokeAfterMsgRequest(number, CONFIG))
        assert (refused.error_code, refused.error_message) == (400, "MSG_WAIT_FAILED")


# --- layers, and what is no call

STRANGE = b"\x11\x22\x33\x44"


@pytest.mark.parametrize("layer", [1, 158, 198, 223, LAYER - 1, LAYER + 1, 2**31 - 1])
async def test_another_layer_is_refused_by_name_and_so_is_what_follows(raw, layer):
    said = (
        wrapped(CONFIG, layer),
        gzipped(wrapped(CONFIG, layer), zlib.compress),
        bytes(functions.InvokeWithLayerRequest(layer, CONFIG))[:8] + STRANGE,
        functions.InvokeWithoutUpdatesRequest(wrapped(CONFIG, layer)),
        CONFIG,
    )
    with capture_logs() as logged:
        for one in said:
            refused = await raw.ask(one)
            assert refused.error_code == 400
            assert refused.error_message.startswith(f"CONNECTION_LAYER_INVALID: {layer},")
            assert str(LAYER) in refused.error_message
    assert len([one for one in logged if one["event"] == "mtproto.refused"]) == len(said)
    assert isinstance(await raw.ask(wrapped(CONFIG)), types.Config)
    assert isinstance(await raw.ask(CONFIG), types.Config)


NO_CALLS = {
    "a constructor that nobody knows": (STRANGE, "INPUT_METHOD_INVALID: unknown.44332211"),
    "one inside a call": (
        bytes(functions.channels.GetMessagesRequest(types.InputChannelEmpty(), []))[:4] + STRANGE,
        "INPUT_METHOD_INVALID: unknown.44332211",
    ),
    "a call that ends too soon": (
        bytes(functions.contacts.ResolveUsernameRequest("abcdefgh"))[:8], "INPUT_FETCH_ERROR",
    ),
    "an object": (types.PeerUser(1), "INPUT_METHOD_INVALID: peerUser"),
    "what only a server says": (types.Pong(1, 2), "INPUT_METHOD_INVALID: pong"),
    "a truth": (b"\xb5\x75\x72\x99", "INPUT_METHOD_INVALID: bool"),
    "a method of nobody's here": (
        functions.account.GetPasskeysRequest(), "METHOD_NOT_SUPPORTED: account.getPasskeys",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_CALLS)
async def test_what_is_no_call_is_refused_by_name_and_seen_in_the_output(raw, name):
    body, error = NO_CALLS[name]
    with capture_logs() as logged:
        refused = await raw.ask(body)
    assert refused.error_message.startswith(error)
    (seen,) = [one for one in logged if one["event"] == "mtproto.refused"]
    assert seen["log_level"] == "warning"
    assert seen["reason"].startswith(error)
    assert isinstance(await raw.ask(CONFIG), types.Config)


# --- messages by other names than their ids


async def test_messages_are_found_by_every_kind_of_name(raw, sandbox):
    chat, account = sandbox.world.chat("alpha_chat"), sandbox.world.accounts[0].id
    place = types.InputChannel(chat.id, sandbox.world.access_hash(account, "channel", chat.id))

    async def named(*names):
        found = await raw.ask(GetMessagesRequest(place, list(names)))
        return found if isinstance(found, RPCError) or not hasattr(found, "messages") else (
            found.messages
        )  # fmt: skip

    every = [
        one
        for at in range(0, len(chat.ids()), 100)
        for one in await named(*map(types.InputMessageID, chat.ids()[at : at + 100]))
    ]
    replies = [one for one in every if getattr(one.reply_to, "reply_to_msg_id", None)]
    plain = next(one for one in every if one.reply_to is None)
    assert len(replies) > 20
    for one in replies[:100]:
        (found,) = await named(types.InputMessageReplyTo(one.id))
        there = one.reply_to.reply_to_msg_id in chat
        assert isinstance(found, types.MessageEmpty) is not there
        assert not there or found.id == one.reply_to.reply_to_msg_id
    for missing in (plain.id, chat.top_id + 500, 0, -4):
        (found,) = await named(types.InputMessageReplyTo(missing))
        assert isinstance(found, types.MessageEmpty)
    pins = [one for one in every if isinstance(getattr(one, "action", None),
                                               types.MessageActionPinMessage)]  # fmt: skip
    (pinned,) = await named(types.InputMessagePinned())
    assert pinned.id in (0, max(pins, key=lambda one: one.id).reply_to.reply_to_msg_id)
    refused = await named(types.InputMessageCallbackQuery(plain.id, 1))
    assert refused.error_message == "MSG_ID_INVALID"


# --- connections for files


async def test_many_connections_of_one_key_may_fetch_files(raw, sandbox):
    config = await raw.ask(CONFIG)
    ports = {one.port for one in config.dc_options if one.media_only}
    assert ports == {sandbox.mtproto.media_port}
    assert ports.isdisjoint({one.port for one in config.dc_options if not one.media_only})
    place = types.InputDocumentFileLocation(1, 1, b"\0", "")
    ask = functions.upload.GetFileRequest(place, 0, 4096)
    async with (
        raw_client(sandbox, raw.key, media=True, session=6) as one,
        raw_client(sandbox, raw.key, media=True, session=7) as other,
    ):
        for client in (one, other, raw, one, other, raw):
            assert isinstance(await client.ask(wrapped(CONFIG)), types.Config)
            assert (await client.ask(ask)).error_message == "FILE_ID_INVALID"
        refused = await one.ask(STATE)
        assert refused.error_message.startswith("METHOD_NOT_SUPPORTED: updates.getState")
    assert isinstance(await raw.ask(STATE), types.updates.State)
    assert not sandbox.counters.key_violations


async def test_nothing_is_pushed_to_where_only_files_are_fetched(raw, sandbox):
    await raw.ask(STATE)
    async with raw_client(sandbox, raw.key, media=True, session=6) as files:
        await files.ask(wrapped(CONFIG))
        assert list(sandbox.mtproto.room._heard_as) == [
            one for one in sandbox.mtproto.connections_of(raw.key) if not one.media
        ]


async def test_an_older_connection_for_other_things_still_costs_the_key(sandbox):
    key = new_key(sandbox, account=sandbox.world.accounts[0].id)
    async with (
        raw_client(sandbox, key) as older,
        raw_client(sandbox, key, media=True, session=6) as files,
        raw_client(sandbox, key, session=7) as newer,
    ):
        for client in (older, files, newer):
            await client.ask(CONFIG)
        assert not sandbox.counters.key_violations
        older.say(PING)
        await wait_until(lambda: sandbox.counters.key_violations)
