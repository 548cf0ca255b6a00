"""What a client asks about the server."""

from datetime import UTC, datetime, timedelta

from telethon.tl import types
from telethon.tl.functions import help as help_

from sandbox.mtproto.keys import HOME
from sandbox.mtproto.rpc import Caller, method

DC_ID = HOME
DATA_CENTRES = range(1, 6)
"""All of them answer at one address, and give files at another."""

_LIMITS = {
    "about_length_limit_default": 70,
    "about_length_limit_premium": 140,
    "channels_public_limit_default": 10,
    "channels_public_limit_premium": 20,
    "dialogs_pinned_limit_default": 5,
    "dialogs_pinned_limit_premium": 10,
    "dialog_filters_limit_default": 10,
    "dialog_filters_limit_premium": 20,
}


@method(help_.GetConfigRequest, signed_out=True)
def get_config(caller: Caller, _request: help_.GetConfigRequest) -> types.Config:
    now = datetime.fromtimestamp(int(caller.door.now()), UTC)
    return types.Config(
        date=now,
        expires=now + timedelta(hours=1),
        test_mode=False,
        this_dc=DC_ID,
        dc_options=_addresses(caller),
        dc_txt_domain_name="",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5_000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1_500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=2_147_483_647,
        revoke_pm_time_limit=2_147_483_647,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1_024,
        message_length_max=4_096,
        webfile_dc_id=DC_ID,
    )


def _addresses(caller: Caller) -> list[types.DcOption]:
    """Of every data centre; those for files alone come last."""
    door = caller.door
    return [
        types.DcOption(id=one, ip_address=door.host, port=port, media_only=for_files or None)
        for port, for_files in ((door.port, False), (door.media_port, True))
        for one in DATA_CENTRES
    ]


@method(help_.GetAppConfigRequest, signed_out=True)
def get_app_config(
    caller: Caller,
    _request: help_.GetAppConfigRequest,
) -> types.help.AppConfig:
    known = caller.world.membership
    joined = {
        "channels_limit_default": known.channels_limit,
        "channels_limit_premium": known.premium_limit,
    }
    values = [
        types.JsonObjectValue(key=key, value=types.JsonNumber(value=float(number)))
        for key, number in (joined | _LIMITS).items()
    ]
    return types.help.AppConfig(hash=1, config=types.JsonObject(value=values))


@method(help_.GetNearestDcRequest, signed_out=True)
def get_nearest_dc(_caller: Caller, _request: object) -> types.NearestDc:
    return types.NearestDc(country="ZZ", this_dc=DC_ID, nearest_dc=DC_ID)
