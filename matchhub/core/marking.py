"""What was searched for, marked where it stands in a name."""

from markupsafe import escape, Markup

from matchhub.core.misspelling import span_of
from matchhub.core.pinyin import matching_span


def marked(text: str | None, typed: str | None) -> Markup:
    """`text` as HTML, with <mark> around what was typed, be it letters, pinyin, initials or misspelt; all is escaped."""
    plain = text or ""
    span = (matching_span(plain, typed) or span_of(plain, typed)) if typed else None
    if span is None:
        return escape(plain)
    start, end = span
    return Markup("{}<mark>{}</mark>{}").format(plain[:start], plain[start:end], plain[end:])
