"""How a Chinese name is sorted and found: its pinyin and its initials."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pypinyin import lazy_pinyin
from pypinyin.seg.simpleseg import seg

LONGEST = 240
BETWEEN = "\n"  # stands before each part of a text that is searched: a part that begins with what was typed comes first
OTHER = "\x00"  # marks what is no Chinese character among the sounds


def sort_key(name: str) -> str:
    """`name` as "pinyin initials", lower case: 星河科技 → "xinghekeji xhkj". Letters and digits stay as they are."""
    whole, initials = _sounds(_plain(name))
    return f"{whole[:180]} {initials}"[:LONGEST].strip()


def search_key(text: str) -> str:
    """What somebody typed in Latin letters, in the form in which sort keys are written."""
    return _only_letters(unicodedata.normalize("NFKC", text).lower())


def search_text(*names: str) -> str:
    """All by which an organization is found: each name as it is written, its pinyin and its initials, lower case."""
    parts = (part for name in names if name for part in (_plain(name), *_sounds(_plain(name))))
    return "".join(f"{BETWEEN}{part}" for part in dict.fromkeys(parts) if part)


def search_words(text: str) -> list[str]:
    """What was typed, in the forms in which `search_text` may hold it; nothing for what has no letter or digit."""
    plain = _plain(text)
    if not re.search(r"[^\W_]", plain):
        return []
    key = search_key(plain) if plain.isascii() else ""
    return list(dict.fromkeys(form for form in (plain, key) if form))


def matching_span(name: str, typed: str) -> tuple[int, int] | None:
    """Where in `name` stands what was typed, be it letters, pinyin or initials; None where it does not."""
    lower, plain = name.lower(), _plain(typed)
    if plain and len(lower) == len(name) and (at := lower.find(plain)) >= 0:
        return at, at + len(plain)
    key = search_key(typed) if plain.isascii() else ""
    if not key:
        return None
    whole = sounds_of(name)
    first = [part[:1] for part in whole]
    return next((span for parts in (whole, first) for span in _runs(parts, key)), None)


def sounds_of(name: str) -> list[str]:
    """The sound of every character of a name, in lower case; a Latin letter or digit sounds as it is, a sign not at all."""
    return [_only_letters(part.lower()) for word in seg(name) for part in _letter_by_letter(word)]


def _runs(parts: list[str], key: str) -> Iterator[tuple[int, int]]:
    """Runs of characters whose sounds, put together, begin with `key`; the last sound may be typed in part."""
    for start, part in enumerate(parts):
        if not part or not key.startswith(part[: len(key)]):
            continue
        held, end = "", start
        while end < len(parts) and len(held) < len(key):
            held, end = held + parts[end], end + 1
        if held.startswith(key):
            yield start, end


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=1000)
def _sounds(plain: str) -> tuple[str, str]:
    """Pinyin and initials; runs of other characters stay whole in both."""
    if plain.isascii():
        return (_only_letters(plain),) * 2
    parts = [part for word in seg(plain) for part in _word(word)]
    whole = _only_letters("".join(parts))
    return whole, _only_letters("".join(part if part.startswith(OTHER) else part[:1] for part in parts))


@lru_cache(maxsize=20_000)
def _word(word: str) -> tuple[str, ...]:
    """The sounds of one word as the library divides names: few words make up all names, and each costs as much as a row."""
    return tuple(lazy_pinyin([word], errors=lambda run: f"{OTHER}{run}"))


@lru_cache(maxsize=20_000)
def _letter_by_letter(word: str) -> tuple[str, ...]:
    """The sounds of one word, other characters one by one."""
    return tuple(lazy_pinyin([word], errors=list))  # type: ignore[arg-type]


def _only_letters(text: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", text)
