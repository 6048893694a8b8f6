"""Words that are kept today and read tomorrow, perhaps in the other language: pairs of both, and reasons with a code."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from matchhub.core import dictionaries
from matchhub.core.db import db

LOCALES = ("zh", "en")
CODED = re.compile(r"^\[([a-z_]{1,40}):([a-z0-9_]{1,40})\] ?")

Wording = str | dict[str, str]


def both(say: Callable[[str], str]) -> Wording:
    """What `say` says in each language, as a notice's value; one text where they are the same."""
    zh, en = (say(locale) for locale in LOCALES)
    return zh if zh == en else {"zh": zh, "en": en}


def both_of(say: Callable[[str], Mapping[str, str]]) -> dict[str, Wording]:
    """The same for several values at once."""
    zh, en = (say(locale) for locale in LOCALES)
    return {key: word if word == en[key] else {"zh": word, "en": en[key]} for key, word in zh.items()}


def in_words(value: Any, locale: str, *, say: Callable[[str], str]) -> Any:
    """A notice's value as its reader reads it: the own half of a pair, a coded reason, a msgid; a number as it is."""
    if isinstance(value, dict):
        return value.get(locale) or value.get("zh", "")
    if not isinstance(value, str) or not value:
        return value
    return reason_in_words(value, locale) if CODED.match(value) else say(value)


def coded_reason(dictionary: str, code: str, own_words: str) -> str:
    """A reason as it is stored: the code of an entry of `dictionary`, then what the person wrote. "" for neither."""
    own_words = own_words.strip()
    return f"[{dictionary}:{code}] {own_words}".rstrip() if code else own_words


def reason_in_words(reason: str, locale: str) -> str:
    """A stored reason in `locale`; what was stored without a code as it is."""
    found = CODED.match(reason)
    if found is None:
        return reason
    entry = dictionaries.snapshot(db.session()).get(found[1], found[2])
    parts = (entry.word(locale) if entry else "", reason[found.end() :])
    return (": " if locale == "en" else "：").join(part for part in parts if part)
