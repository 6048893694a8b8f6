"""Where a person is reached: e-mail addresses and mobile numbers, in the one form in which they are stored and compared."""

import re
import unicodedata
from dataclasses import dataclass

from matchhub.core import errors
from matchhub.core.labels import N_

MOBILE = re.compile(r"1[3-9]\d{9}")
EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}"
)
LONGEST = 254


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address or a mobile number."""

    value: str
    is_email: bool

    @property
    def email(self) -> str | None:
        return self.value if self.is_email else None

    @property
    def mobile(self) -> str | None:
        return None if self.is_email else self.value


def parsed(text: str) -> Address | None:
    """The address in `text`, or None. Width, case, spaces, hyphens and +86 do not matter; letters that only look alike do."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    if "@" in plain:
        return Address(plain, True) if _is_email(plain) else None
    digits = plain.replace("-", "").removeprefix("+86")
    return Address(digits, False) if MOBILE.fullmatch(digits) and digits.isascii() else None


def read(text: str, *, field: str = "address") -> Address:
    """The address in `text`. Raises Invalid on `field`."""
    address = parsed(text)
    if address is None:
        raise errors.Invalid(N_("填写 11 位手机号，或形如 name@example.com 的邮箱"), field=field)
    return address


def _is_email(text: str) -> bool:
    local = text.partition("@")[0]
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    return len(text) <= LONGEST and EMAIL.fullmatch(text) is not None
