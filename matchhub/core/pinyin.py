"""How a Chinese name is sorted and found: its pinyin and its initials."""

import re
import unicodedata

from pypinyin import lazy_pinyin, Style

LONGEST = 240


def sort_key(name: str) -> str:
    """`name` as "pinyin initials", lower case: 星河科技 → "xinghekeji xhkj". Letters and digits stay as they are."""
    plain = unicodedata.normalize("NFKC", name).lower()
    whole = _only_letters("".join(lazy_pinyin(plain)))
    initials = _only_letters("".join(_initial(part) for part in lazy_pinyin(plain, style=Style.FIRST_LETTER)))
    return f"{whole[:180]} {initials}"[:LONGEST].strip()


def search_key(text: str) -> str:
    """What somebody typed in Latin letters, in the form in which sort keys are written."""
    return _only_letters(unicodedata.normalize("NFKC", text).lower())


def _initial(part: str) -> str:
    return part if part.isascii() else part[:1]


def _only_letters(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", text)
