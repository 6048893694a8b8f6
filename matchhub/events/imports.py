"""Guests from outside, from a table: name, organization, e-mail, mobile, role, language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.core.previews import Fate, Preview, PreviewLine, Problem
from matchhub.core.sheets import Cell, clean_text
from matchhub.core.table_files import read_table
from matchhub.events import queries
from matchhub.events.enums import SeatRole
from matchhub.events.models import Event
from matchhub.events.services.invitations import OutsideGuest

MAX_LINES, MAX_COLUMNS = 500, 20
COLUMNS = (
    ("name", N_("姓名"), "Name", 60), ("organization", N_("机构"), "Organization", 160),
    ("email", N_("邮箱"), "E-mail", 254), ("mobile", N_("手机"), "Mobile", 20), ("role", N_("身份"), "Role", 20),
    ("locale", N_("语言"), "Language", 20),
)  # fmt: skip
HEADER = (N_("姓名"), N_("机构"), N_("邮箱"))
UNKNOWN_ROLE = N_("从这些里选：投资机构、银行、企业、导师、载体、嘉宾、公众")
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
ENGLISH = {"en", "english", "英文", "英语"}


@dataclass(frozen=True, slots=True)
class GuestTable:
    """What a table says: whom to invite, and what becomes of each line."""

    guests: list[OutsideGuest]
    preview: Preview


def read_guests(content: bytes, session: Session, event: Event) -> GuestTable:
    """Read a table against who is invited or registered already. Slow: outside the write. Raises Invalid (no such table)."""
    table = read_table(content, max_rows=MAX_LINES + 1, max_columns=MAX_COLUMNS)
    places = _places(table[0] if table else [])
    asked = queries.persons_asked(session, event.id)
    rows = [(number, _values(cells, places)) for number, cells in enumerate(table[1:], 2)]
    rows = [(number, values) for number, values in rows if any(values.values())]
    stopped = queries.stopped(session, [f"mail:{values.get('email', '').casefold()}" for _, values in rows])
    guests: list[OutsideGuest] = []
    lines: list[PreviewLine] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, values in rows:
        wrong = _wrong(number, values, seen)
        guest = None if wrong else _guest(values)
        fate, note = Fate.REFUSED, ""
        if guest is not None:
            seen.add(guest.key)
            fate, note = _fate(guest, asked, stopped)
            if fate is Fate.NEW:
                guests.append(guest)
        problems += wrong
        cells = (values.get("organization"), values.get("email"))
        lines.append(PreviewLine(number, values.get("name", ""), fate, note, cells))
    return GuestTable(guests, Preview(HEADER, lines, problems))


def _places(header: Sequence[Cell]) -> dict[str, int]:
    """column → where it stands, by its Chinese or English word or its code. Raises Invalid."""
    words = [_text(cell).casefold() for cell in header]
    found = {
        code: words.index(form)
        for code, label, english, _ in COLUMNS
        for form in (label, english.casefold(), code)
        if form in words
    }
    if not {"name", "email"} <= found.keys():
        raise errors.Invalid(N_("第一行要有「姓名」和「邮箱」，请下载模板再填"), field="file")
    return found


def _text(cell: Cell) -> str:
    return " ".join(clean_text("" if cell is None else str(cell)).split())


def _values(cells: Sequence[Cell], places: dict[str, int]) -> dict[str, str]:
    return {code: _text(cells[place]) if place < len(cells) else "" for code, place in places.items()}


def _wrong(number: int, values: dict[str, str], seen: set[str]) -> list[Problem]:
    found = [
        Problem(number, label, N_("不要超过 %(max)s 个字"), {"max": longest}, values[code][:60])
        for code, label, _, longest in COLUMNS
        if len(values.get(code, "")) > longest
    ]
    if not values["name"]:
        found.append(Problem(number, N_("姓名"), N_("填写这一格")))
    if not EMAIL.fullmatch(values["email"]):
        found.append(Problem(number, N_("邮箱"), N_("邮箱写得不对"), cell=values["email"][:60]))
    elif f"mail:{values['email'].casefold()}" in seen:
        found.append(Problem(number, N_("邮箱"), N_("这个邮箱前面已经有了"), cell=values["email"]))
    if values.get("role") and _role(values["role"]) is None:
        found.append(
            Problem(
                number, N_("身份"), N_("从这些里选：投资机构、银行、企业、导师、载体、嘉宾、公众"), cell=values["role"]
            )
        )
    return found


def _role(word: str) -> SeatRole | None:
    return next((role for role in SeatRole if word in (role.value, role.label)), None)


def _guest(values: dict[str, str]) -> OutsideGuest:
    locale = "en" if values.get("locale", "").casefold() in ENGLISH else "zh"
    role = _role(values.get("role", "")) or SeatRole.GUEST
    organization, mobile = values.get("organization", ""), values.get("mobile", "")
    return OutsideGuest(values["name"], values["email"], organization, mobile, role, locale)


def _fate(guest: OutsideGuest, asked: set[str], stopped: set[str]) -> tuple[Fate, str]:
    if guest.key in stopped:
        return Fate.REFUSED, N_("对方不想再收到活动邀请")
    if guest.key in asked:
        return Fate.SAME, N_("已经邀请过或报了名")
    return Fate.NEW, ""
