"""The unified social credit code (GB 32100): read as people type it, and told what is wrong with it in plain words."""

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from matchhub.core import errors
from matchhub.core.labels import N_

LENGTH = 18
ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"}


def normal(text: str) -> str:
    """`text` with half-width capitals and without spaces and hyphens."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if not c.isspace() and c != "-")


def read(text: str, *, field: str = "uscc") -> str:
    """The code in `text`. Raises Invalid on `field` with the position of what is wrong."""
    code = normal(text)
    if len(code) != LENGTH:
        raise errors.Invalid(N_("统一社会信用代码应为 18 位，现在是 %(count)s 位"), field=field, count=len(code))
    for position, character in enumerate(code, start=1):
        _check_character(position, character, field)
    try:
        return str(uscc.validate(code))
    except ValidationError as error:
        raise errors.Invalid(N_("校验位对不上，请对照营业执照再看一遍"), field=field) from error


def region_of(code: str) -> str:
    """The GB/T 2260 code of the office that registered the organization."""
    return code[2:8]


def _check_character(position: int, character: str, field: str) -> None:
    if 3 <= position <= 8 and not character.isdigit():
        _refuse(position, character, field)
    if character not in ALPHABET:
        _refuse(position, character, field)


def _refuse(position: int, character: str, field: str) -> None:
    if meant := LOOKALIKES.get(character):
        message = N_("第 %(position)s 位是字母 %(typed)s，应为数字 %(meant)s？")
        if meant.isalpha():
            message = N_("第 %(position)s 位是字母 %(typed)s，应为字母 %(meant)s？")
        raise errors.Invalid(message, field=field, position=position, typed=character, meant=meant)
    raise errors.Invalid(
        N_("第 %(position)s 位的「%(typed)s」不会出现在这里，请再看一遍"),
        field=field, position=position, typed=character,
    )  # fmt: skip
