"""What a door sends: typed into a form, or uploaded by the page that scans."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, UTC
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import Length, ValidationError

from matchhub.core import errors
from matchhub.core.fields import FilledIn, LineField
from matchhub.core.labels import N_
from matchhub.core.links import code_hash
from matchhub.core.web import Form, LARGEST_ID
from matchhub.events.enums import CheckInWay, SeatRole
from matchhub.events.services import Arrival

TOO_LONG = _l(N_("不要超过 %(max)d 字"))
MOST_ENTRIES = 100
MOBILE = re.compile(r"\+?\d{7,15}")
HASH = re.compile(r"[0-9a-f]{64}")
REF = re.compile(r"[0-9a-f-]{16,36}")


def door_name(text: object) -> str:
    """What a door is called, in so far as it can be stored."""
    return " ".join(str(text or "").split())[:40]


class CheckInForm(Form):
    """One ticket's code as typed or scanned, or somebody chosen from the list."""

    code = LineField(_l(N_("票码")), [Length(max=60, message=TOO_LONG)], render_kw={"maxlength": 60})
    registration_id = HiddenField()
    way = HiddenField()
    door = HiddenField()

    def arrival(self, now: datetime) -> Arrival:
        """Raises Invalid where nothing was given."""
        chosen, door = self.registration_id.data or "", door_name(self.door.data)
        if chosen.isascii() and chosen.isdigit() and 0 < int(chosen[:11]) <= LARGEST_ID:
            way = CheckInWay.PHONE if self.way.data == CheckInWay.PHONE.value else CheckInWay.NAME
            return Arrival(now, way, door, registration_id=int(chosen[:11]))
        code = re.sub(r"[\s-]", "", self.code.data or "")
        if not code:
            raise errors.Invalid(N_("填写票码"), field="code")
        return Arrival(now, CheckInWay.SCAN, door, code_hash=code_hash(code))


class WalkInForm(Form):
    """Somebody without a ticket."""

    name = LineField(
        _l(N_("姓名")), [FilledIn(_l(N_("填写姓名"))), Length(max=60, message=TOO_LONG)], render_kw={"maxlength": 60}
    )  # fmt: skip
    organization_name = LineField(_l(N_("机构")), [Length(max=160, message=TOO_LONG)], render_kw={"maxlength": 160})
    mobile = LineField(_l(N_("手机")), render_kw={"inputmode": "tel", "type": "tel", "autocomplete": "off"})
    role = RadioField(_l(N_("以什么身份参加")), [FilledIn(_l(N_("选一种身份")))], validate_choice=False)
    ref = HiddenField()
    door = HiddenField()

    def validate_mobile(self, field: Any) -> None:
        field.data = re.sub(r"[\s-]", "", field.data or "")
        if field.data and not MOBILE.fullmatch(field.data):
            raise ValidationError(str(_l(N_("填写手机号，只要数字"))))

    def validate_ref(self, field: Any) -> None:
        if not REF.fullmatch(field.data or ""):
            raise ValidationError(str(_l(N_("这个请求读不懂，请返回再试"))))

    def arrival(self, now: datetime) -> Arrival:
        role = SeatRole(self.role.data) if self.role.data in set(SeatRole) else None
        return Arrival(
            now, CheckInWay.WALK_IN, door_name(self.door.data), ref=self.ref.data, role=role,
            name=self.name.data or "", organization_name=self.organization_name.data or "", mobile=self.mobile.data or "",
        )  # fmt: skip


class KeeperForm(Form):
    """Which colleague may let people in."""

    user_id = SelectField(_l(N_("同事")), validators=[FilledIn(_l(N_("选一位同事")))], validate_choice=False)


def arrivals_of(data: Any, now: datetime) -> list[Arrival]:
    """An upload as it was sent: {"entries": [{ref, at, way, door, hash | id | name …}]}. Raises Invalid for anything else."""
    entries = data.get("entries") if isinstance(data, Mapping) else None
    if not isinstance(entries, Sequence) or isinstance(entries, str) or len(entries) > MOST_ENTRIES:
        raise unreadable()
    return [_arrival(entry, now) for entry in entries]


def unreadable() -> errors.Invalid:
    """The refusal of what no page of ours sends."""
    return errors.Invalid(N_("这个请求读不懂，请返回再试"))


def _arrival(entry: Any, now: datetime) -> Arrival:
    if not isinstance(entry, Mapping) or not REF.fullmatch(_text(entry, "ref", 36)):
        raise unreadable()
    way, role = _text(entry, "way", 20), _text(entry, "role", 20)
    hashed, chosen = _text(entry, "hash", 64), entry.get("id")
    is_person = type(chosen) is int and 0 < chosen <= LARGEST_ID
    if way not in set(CheckInWay) or (hashed and not HASH.fullmatch(hashed)):
        raise unreadable()
    mobile = re.sub(r"[\s-]", "", _text(entry, "mobile", 20))
    if not hashed and not is_person and (not _text(entry, "name", 60) or (mobile and not MOBILE.fullmatch(mobile))):
        raise unreadable()
    return Arrival(
        at=_moment(entry.get("at"), now),
        way=CheckInWay(way),
        door=door_name(_text(entry, "door", 80)),
        ref=_text(entry, "ref", 36),
        code_hash=hashed,
        registration_id=chosen if is_person else None,
        role=SeatRole(role) if role in set(SeatRole) else None,
        name=_text(entry, "name", 60),
        organization_name=_text(entry, "organization_name", 160),
        mobile=mobile,
    )


def _text(entry: Mapping[str, Any], name: str, most: int) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise unreadable()
    return value.strip()


def _moment(value: Any, now: datetime) -> datetime:
    """A phone's clock may be wrong, but nobody came in later than now."""
    if type(value) is not int or not 0 < value < 10**11:
        raise unreadable()
    return min(datetime.fromtimestamp(value, UTC), now)
