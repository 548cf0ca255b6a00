"""Texts from outside in a test: those that try to do something, and those that people write."""

import unicodedata

HOSTILE = {
    "markup of Rich": "[/b][bold red]x[/]",
    "codes of a terminal": "\x1b[31mred\x1b]0;title\x07",
    "codes of one sign": "\x9b31m\x90x\x9c",
    "deletions": "abc\b\b\x7f\rover",
    "line ends": "a\nb\r\nc\x85d\u2028e\u2029f\x0bg\x0ch",
    "turned direction": "\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c",
    "nothing to see": "\u200b\u2060\ufeff\u00ad\u3164\u2800",
    "halves": "a\ud83d b\udc00",
    "no characters": "\ufffe\uffff\ufff9x\ufffb",
    "HTML": "<b>&lt;</a><script>",
    "a formula": "=cmd|' /C calc'!A0",
}
SEEN = {
    "plain": "Ada Lovelace",
    "Chinese": "币圈 日报",
    "Arabic with joiners": "می\u200cخواهم",
    "a family": "👨\u200d👩\u200d👧",
    "a flag of a part": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "a heart": "❤\ufe0f",
    "accents": "e\u0301é",
    "brackets": "[urgent] a [/b]",
}
FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def harmless(shown: str, *, lines: bool) -> None:
    """Nothing in it moves a cursor, turns a direction, hides or, without `lines`, begins a line."""
    allowed = {"\n", "\t"} if lines else set()
    for sign in shown:
        assert sign in allowed or unicodedata.category(sign) not in FORBIDDEN
        assert sign not in TURNING
        assert sign not in "\u200b\u2060\ufeff\u00ad"
    shown.encode()
