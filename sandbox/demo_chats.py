"""The chats of the demo world: public ones, and one of each special kind."""

from datetime import datetime

from sandbox.basic_group import BasicGroup
from sandbox.chat import Chat, ChatKind
from sandbox.entrance import OPEN, Entrance
from sandbox.recipe import acquaint, discuss, make_chat, make_group, migrate

_GROUP, _FORUM, _CHANNEL = ChatKind.SUPERGROUP, ChatKind.FORUM, ChatKind.CHANNEL
_ADA, _BOWEN, _CLEO = 777_000_001, 777_000_002, 777_000_003
_NOBODY: tuple[int, ...] = ()
DEAD_INVITES = ("SandboxExpired01",)

_PUBLIC = (
    ("crypto_daily", "Crypto Daily Chat", _GROUP, "en", "crypto", 50_000),
    ("jishu_jiaoliu", "技术交流群", _GROUP, "zh", "tech", 30_000),
    ("biquan_daily", "币圈资讯", _CHANNEL, "zh", "crypto", 20_000),
    ("python_talk", "Python Talk", _FORUM, "en", "python", 12_000),
    ("world_news_now", "World News Now", _CHANNEL, "en", "news", 8_000),
    ("shenzhen_life", "深圳生活圈", _GROUP, "zh", "city", 5_000),
    ("travel_asia", "Travel Asia", _GROUP, "en", "travel", 1_500),
    ("dushu_club", "读书会", _GROUP, "zh", "books", 500),
    ("bitcoin_lounge", "Bitcoin Lounge", _GROUP, "en", "crypto", 1_200),
    ("bibi_jiaoliu", "币币交流群", _GROUP, "zh", "crypto", 900),
    ("eth_zhongwen", "以太坊中文社区", _GROUP, "zh", "crypto", 700),
    ("coin_signals_now", "Coin Signals", _CHANNEL, "en", "crypto", 800),
    ("python_zhongwen", "Python 中文社区", _GROUP, "zh", "tech", 1_000),
    ("async_corner", "Async Corner", _GROUP, "en", "python", 600),
    ("keji_kuaixun", "科技快讯", _CHANNEL, "zh", "tech", 900),
    ("guangzhou_tongcheng", "广州同城", _GROUP, "zh", "city", 700),
    ("backpack_asia", "Backpacking Asia", _GROUP, "en", "travel", 600),
    ("yejian_dushu", "夜间读书", _GROUP, "zh", "books", 500),
)
_SPECIAL = (
    ("traders_gate", "Traders Gate", _GROUP, "en", "crypto", 600,
     Entrance(approval=True, approved_after=20.0, insiders=_NOBODY)),
    ("full_house_chat", "满员币圈群", _GROUP, "zh", "crypto", 500,
     Entrance(full=True, insiders=_NOBODY)),
    ("", "Quiet History", _GROUP, "en", "travel", 600,
     Entrance(invite="SandboxHidden001", hidden_history=True, insiders=(_ADA,))),
    ("protected_desk", "Protected Desk", _GROUP, "en", "news", 500, OPEN),
    ("harbour_daily", "Harbour Daily", _CHANNEL, "en", "news", 600, OPEN),
    ("harbour_talk", "Harbour Daily Chat", _GROUP, "en", "news", 900, OPEN),
    ("", "币圈内部群", _GROUP, "zh", "crypto", 500,
     Entrance(invite="SandboxInvite001", insiders=(_BOWEN,))),
    ("", "Quant Room", _GROUP, "en", "crypto", 500,
     Entrance(invite="SandboxApprove01", approval=True, insiders=_NOBODY)),
    ("", "Insider Notes", _CHANNEL, "en", "news", 500,
     Entrance(invite="SandboxPeek00001", peek=True, insiders=_NOBODY)),
    ("", "老友群", _GROUP, "zh", "city", 500,
     Entrance(invite="SandboxMigrated1", insiders=(_ADA, _CLEO))),
)  # fmt: skip


def demo_chats(seed: int, newest: datetime) -> tuple[list[Chat], list[BasicGroup]]:
    """Supergroups and channels, and basic groups."""
    rows = [(*row, OPEN) for row in _PUBLIC] + list(_SPECIAL)
    chats = [
        make_chat(at, seed, newest, *row, entrance=entrance, protected=row[0] == "protected_desk")
        for at, (*row, entrance) in enumerate(rows)
    ]
    acquaint(chats)
    named = {chat.title: chat for chat in chats}
    discuss(named["Harbour Daily"], named["Harbour Daily Chat"])
    inside = Entrance(invite="SandboxBasic0001", insiders=(_ADA, _BOWEN, _CLEO))
    hikers = make_group(1, seed, newest, "Weekend Hikers", "en", "travel", 300, entrance=inside)
    before = Entrance(insiders=(_ADA, _CLEO))
    friends = make_group(2, seed, newest, "老友群", "zh", "city", 200, entrance=before)
    migrate(friends, named["老友群"])
    return chats, [hikers, friends]
