"""What was searched for, marked where it stands in a name."""

import re
from collections.abc import Sequence

from markupsafe import escape, Markup

from matchhub.core.misspelling import span_of
from matchhub.core.pinyin import matching_span


def marked_words(text: str | None, words: Sequence[str]) -> Markup:
    """`text` as HTML, with <mark> around each of these words wherever it stands; all is escaped."""
    plain = text or ""
    if not (held := [re.escape(word) for word in sorted(words, key=len, reverse=True) if word]):
        return escape(plain)
    parts = re.split(f"({'|'.join(held)})", plain, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )


def marked(text: str | None, typed: str | None) -> Markup:
    """`text` as HTML, with <mark> around what was typed, be it letters, pinyin, initials or misspelt; all is escaped."""
    plain = text or ""
    span = (matching_span(plain, typed) or span_of(plain, typed)) if typed else None
    if span is None:
        return escape(plain)
    start, end = span
    return Markup("{}<mark>{}</mark>{}").format(plain[:start], plain[start:end], plain[end:])
