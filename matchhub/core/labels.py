"""Words for codes: enumerations that carry a msgid and a tone, translated only where they are shown."""

from enum import StrEnum
from typing import Self


def N_(message: str) -> str:  # noqa: N802 -- the name that gettext tools look for
    """Mark `message` for translation without translating it here."""
    return message


def NP_(context: str, message: str) -> str:  # noqa: N802 -- as above
    """Mark `message` for translation within a context: the same Chinese is another English word elsewhere."""
    return message


class Counted(str):
    """A msgid whose English has a singular; `by` names the value that decides. Made by `NN_`."""

    by: str


def NN_(message: str, by: str) -> Counted:  # noqa: N802 -- as above
    """Mark `message` for translation in singular and plural, as its value `by` says; `web.spoken` tells them apart."""
    counted = Counted(message)
    counted.by = by
    return counted


class Labelled(StrEnum):
    """An enumeration whose members are `value, label msgid[, tone]`; the value is what the database stores."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str = "", tone: str = "grey") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.tone = tone
        return member
