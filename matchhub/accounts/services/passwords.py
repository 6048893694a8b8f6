"""Passwords: hashed with argon2id outside every write, refused where they are weak."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from matchhub.core import errors
from matchhub.core.labels import N_

HASHER = PasswordHasher()
NOBODY = HASHER.hash("the password of nobody, so that a stranger waits as long as a colleague")
LONGEST = 128
SHORTEST = {"dengbao": 10, "asvs": 12}
KINDS = 3
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())


def hashed(password: str) -> str:
    """The argon2id hash; slow on purpose, so never call it in a write."""
    return HASHER.hash(_normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`. Takes as long where there is nothing stored."""
    try:
        right = HASHER.verify(stored or NOBODY, _normal(password)[: 4 * LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(right) and stored is not None


def check_strength(
    password: str, *, profile: str, personal: Sequence[str | None] = (), field: str = "password"
) -> None:
    """Refuse a weak password. `profile` is dengbao (length and kinds) or asvs (length). Raises Invalid on `field`."""
    plain = _normal(password)
    if len(plain) < SHORTEST[profile]:
        raise errors.Invalid(N_("密码至少 %(least)s 位"), field=field, least=SHORTEST[profile])
    if len(plain) > LONGEST:
        raise errors.Invalid(N_("密码最多 %(most)s 位"), field=field, most=LONGEST)
    if profile == "dengbao" and _kinds(plain) < KINDS:
        raise errors.Invalid(N_("大写字母、小写字母、数字、符号里至少用三种"), field=field)
    if plain.casefold() in COMMON or len(set(plain)) < 4:
        raise errors.Invalid(N_("这个密码太常见，换一个"), field=field)
    own = {part.casefold() for text in personal if text for part in (text, text.partition("@")[0]) if len(part) >= 4}
    if any(part in plain.casefold() for part in own):
        raise errors.Invalid(N_("密码里不要含有自己的邮箱或手机号"), field=field)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _kinds(text: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(character) for character in text) for test in tests)
