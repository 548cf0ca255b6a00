"""A page of hits as a bot writes it: one bot with links in entities, the other in plain words."""

from telethon.tl import types

from sandbox.search.hits import Hit
from sandbox.search.letter import Letter

SPONSOR_NAME = "lucky_wheel_vip"
"""A sponsored link's name; nobody has it."""
_FORMS = ("https://t.me/{}", "t.me/{}", "@{}", "https://t.me/{}/1")


def page(style: str, query: str, hits: list[Hit], number: int, size: int) -> Letter:
    """Page `number`, from 0, of all `hits`."""
    pages = (len(hits) + size - 1) // size
    shown, first = hits[number * size : (number + 1) * size], number * size + 1
    letter = Letter()
    if style == "entities":
        _linked(letter, shown, first)
        _turning(letter, number, pages, before="⬅️ 上一页", after="下一页 ➡️")
    else:
        _plain(letter, query, shown, first)
        _turning(letter, number, pages, before="« Back", after="Next »")
    return letter


def nothing(style: str, query: str) -> Letter:
    found = "未找到相关群组或频道,换个关键词试试。" if style == "entities" else "Nothing found for"
    return Letter().add(found if style == "entities" else f"{found} “{query}”.")


def short(members: int) -> str:
    """`1234` -> `1.2k`."""
    return f"{members / 1000:.1f}k" if members >= 1000 else str(members)


def _linked(letter: Letter, hits: list[Hit], first: int) -> None:
    url = f"https://t.me/{SPONSOR_NAME}?start=ad"
    letter.add("广告: ").add("🎰 天天送彩金,点我领取", url=url).add("\n\n")
    for number, hit in enumerate(hits, first):
        letter.add(f"{number}. {'📢' if hit.broadcast else '👥'} ")
        if number % 5 == 0 and not hit.link.startswith("+"):
            letter.add(f"{hit.title} ").add(f"@{hit.link}", kind=types.MessageEntityMention)
        else:
            letter.add(hit.title, url=_url(hit, number))
        letter.add(f" {short(hit.members)}\n")


def _url(hit: Hit, number: int) -> str:
    """Bots write the same thing in many ways."""
    if hit.link.startswith("+"):
        old = f"https://t.me/joinchat/{hit.link[1:]}"
        return f"https://t.me/{hit.link}" if number % 2 else old
    if number % 7 == 3:
        return f"tg://resolve?domain={hit.link}"
    return f"https://t.me/{hit.link}" if number % 4 else f"http://telegram.me/{hit.link}"


def _plain(letter: Letter, query: str, hits: list[Hit], first: int) -> None:
    """Every third hit has its link under the text alone."""
    letter.add(f"🔎 Results for “{query}”\n\n")
    letter.add(f"Sponsored: Spin & win every day t.me/{SPONSOR_NAME}\n\n")
    for number, hit in enumerate(hits, first):
        kind = "channel" if hit.broadcast else "group"
        letter.add(f"{number}) {hit.title} — ")
        if number % 3 == 0:
            letter.rows.append([letter.button(hit.title, url=f"https://t.me/{hit.link}")])
            where = "button below"
        elif hit.link.startswith("+"):
            where = f"https://t.me/{hit.link}"
        else:
            where = _FORMS[number % len(_FORMS)].format(hit.link)
        letter.add(f"{where} — {short(hit.members)} members, {kind}\n")


def _turning(letter: Letter, number: int, pages: int, *, before: str, after: str) -> None:
    if pages < 2:
        return
    row = [letter.button(f"{number + 1}/{pages}", data="here")]
    if number > 0:
        row.insert(0, letter.button(before, data=f"page:{number - 1}"))
    if number + 1 < pages:
        row.append(letter.button(after, data=f"page:{number + 1}"))
    letter.rows.append(row)
