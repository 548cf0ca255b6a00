"""What a search finds: public chats of the world, and what such bots also list, dead links and
invitations among them. It follows from the seed and the words."""

from dataclasses import dataclass

from sandbox.chat import Chat, ChatKind
from sandbox.dice import Dice
from sandbox.search.topics import WORDS
from sandbox.world import World

DEAD = 14
REPEATED = 3
_SUFFIXES = ("club", "chat", "vip", "fans", "hub", "talk", "888", "qun")


@dataclass(frozen=True, slots=True)
class Hit:
    """`link` is a username, or an invite as `+hash`. `exists`: whether it leads anywhere."""

    title: str
    link: str
    members: int
    broadcast: bool
    exists: bool


def find(world: World, query: str, *, page_size: int) -> list[Hit]:
    """In the order in which a bot lists them; empty when nothing is known of the words. Each page
    after the first begins with one that the page before had already."""
    words = query.lower().split()
    real = sorted(
        (chat for chat in world.chats.values() if _matches(chat, words)),
        key=lambda chat: (-chat.members, chat.id),
    )
    public = [_hit(chat, chat.username) for chat in real if chat.public]
    if not public:
        return []
    dice = Dice(f"search:{world.seed}:{query.lower()}")
    hidden = [_hit(chat, f"+{chat.entrance.invite}") for chat in real if chat.entrance.invite]
    others = hidden + _stale(world, real[0]) + [_dead(world, dice, words) for _ in range(DEAD)]
    return _repeating(_mixed(public, others, dice), page_size)


def _matches(chat: Chat, words: list[str]) -> bool:
    known = f"{chat.title} {chat.username} {chat.about}".lower()
    topic = WORDS.get(chat.topic, ())
    return bool(words) and all(word in known or word in topic for word in words)


def _hit(chat: Chat, link: str) -> Hit:
    return Hit(chat.title, link, chat.members, chat.kind is ChatKind.CHANNEL, exists=True)


def _stale(world: World, like: Chat) -> list[Hit]:
    """An invitation that is over."""
    dead = sorted(world.dead_invites)[:1]
    return [
        Hit(f"{like.title} VIP", f"+{one}", 1_204, broadcast=False, exists=False) for one in dead
    ]


def _dead(world: World, dice: Dice, words: list[str]) -> Hit:
    """A name that nobody has."""
    plain = "".join(letter for letter in words[0] if letter.isascii() and letter.isalnum())
    stem = (plain or "qunzu")[:12]
    stem = stem if stem[0].isalpha() else f"x{stem}"
    while True:
        name = f"{stem}_{dice.pick(_SUFFIXES)}_{dice.between(10, 9_999)}"
        if world.find_chat(name) is None and world.find_person(name) is None:
            break
    title = f"{words[0]} {dice.pick(_SUFFIXES).upper()} {dice.between(1, 99)}"
    return Hit(title, name, dice.between(30, 900), dice.chance(0.4), exists=False)


def _mixed(public: list[Hit], others: list[Hit], dice: Dice) -> list[Hit]:
    """Two that exist, then one of the others, as long as there are both; then what is left."""
    mixed: list[Hit] = []
    public, others = list(public), list(others)
    while public or others:
        take_other = others and (not public or len(mixed) % 3 == 2)
        mixed.append(others.pop(dice.below(len(others))) if take_other else public.pop(0))
    return mixed


def _repeating(hits: list[Hit], page_size: int) -> list[Hit]:
    shown = list(hits)
    for page in range(1, REPEATED + 1):
        at = page * page_size
        if at < len(shown):
            shown.insert(at, shown[at - page_size + 1])
    return shown
