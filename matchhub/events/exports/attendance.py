"""Who came, on paper and in Excel: badges to cut out, the list to sign, the list, counts by carrier and quarter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from matchhub.core import sheets
from matchhub.core.cards import folded
from matchhub.core.fonts import drawable
from matchhub.core.labels import N_
from matchhub.core.paper import INK, LINE, NAVY, Paper, SOFT
from matchhub.events.models import Event
from matchhub.events.queries.attendance import Attendance
from matchhub.events.queries.wording import title_of

BADGE_WIDTH, BADGE_HEIGHT, ACROSS, DOWN = 90.0, 54.0, 2, 5
COLUMNS = (10.0, 34.0, 62.0, 22.0, 18.0, 28.0)
LINE_HEIGHT = 9.0


@dataclass(frozen=True, slots=True)
class Person:
    """One line of a list. `at`: when the person came in, in the event's zone, empty for nobody yet."""

    name: str
    organization: str
    role: str
    at: str = ""
    door: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True)
class ListHead:
    """What stands above a list; `speak` translates a msgid."""

    title: str
    lines: Sequence[str]
    locale: str
    made_at: datetime
    speak: Callable[..., str]


def badges_pdf(people: Sequence[Person], head: ListHead) -> bytes:
    """Ten badges of 90 × 54 mm to a sheet, with lines to cut along."""
    title = f"{head.speak(N_('胸牌'))} · {head.title}"
    paper = Paper(title, foot="", language=head.locale, made_at=head.made_at)
    paper.set_auto_page_break(False)
    left, top = (210 - ACROSS * BADGE_WIDTH) / 2, 8.0
    for number, person in enumerate(people):
        place = number % (ACROSS * DOWN)
        if number and place == 0:
            paper.add_page()
        _badge(paper, person, head, left + place % ACROSS * BADGE_WIDTH, top + place // ACROSS * BADGE_HEIGHT)
    if not people:
        paper.say(head.speak(N_("还没有人报名")))
    return paper.content()


def _badge(paper: Paper, person: Person, head: ListHead, left: float, top: float) -> None:
    paper.set_draw_color(*LINE)
    paper.rect(left, top, BADGE_WIDTH, BADGE_HEIGHT)
    paper.set_fill_color(*NAVY)
    paper.rect(left, top, BADGE_WIDTH, 9, style="F")
    width = BADGE_WIDTH - 10
    _centred(paper, head.title, left, top + 2, width, 9, (255, 255, 255))
    _centred(paper, person.name, left, top + 17, width, _size(paper, person.name, width), INK)
    _centred(paper, person.organization, left, top + 32, width, 11, INK)
    _centred(paper, person.role, left, top + 43, width, 10, SOFT)


def _size(paper: Paper, name: str, width: float) -> float:
    """As large as the name still fits on one line."""
    for size in (24.0, 19.0, 15.0):
        paper.pen(size)
        if paper.get_string_width(drawable(name)) <= width:
            return size
    return 11.0


def _centred(
    paper: Paper, text: str, left: float, top: float, width: float, size: float, colour: tuple[int, int, int]
) -> None:
    """One line in the middle; what is too long ends with … ."""
    paper.pen(size, colour)
    shown = folded(drawable(text), lambda part: paper.get_string_width(part) <= width, 1)
    paper.set_xy(left + 5, top)
    paper.cell(width, size * 0.45, shown[0] if shown else "", align="C")


def attendance_pdf(people: Sequence[Person], head: ListHead) -> bytes:
    """The list to sign: everybody with a seat, when they came in, room for a signature; the head on every sheet."""
    title = f"{head.speak(N_('签到表'))} · {head.title}"
    paper = Paper(title, foot=title, language=head.locale, made_at=head.made_at)
    paper.say(head.title, size=17, gap=0.5)
    paper.say(head.speak(N_("签到表")), size=12, gap=0.5)
    paper.say("  ·  ".join(head.lines), size=9, colour=SOFT, gap=3)
    arrived = sum(bool(person.at) for person in people)
    counts = head.speak(N_("已签到 %(arrived)s 人，共 %(all)s 人"), arrived=arrived, all=len(people))
    paper.say(counts, size=10, gap=2)
    _table_head(paper, head)
    for number, person in enumerate(people, start=1):
        if paper.will_page_break(LINE_HEIGHT):
            paper.add_page()
            _table_head(paper, head)
        _row(paper, (str(number), person.name, person.organization, person.role, person.at, ""), 9.5)
    return paper.content()


def _table_head(paper: Paper, head: ListHead) -> None:
    names = (N_("序号"), N_("姓名"), N_("机构"), N_("身份"), N_("签到"), N_("签名"))
    paper.set_fill_color(232, 240, 254)
    _row(paper, tuple(head.speak(name) for name in names), 9, fill=True)


def _row(paper: Paper, cells: Sequence[str], size: float, *, fill: bool = False) -> None:
    paper.pen(size)
    paper.set_draw_color(*LINE)
    for width, text in zip(COLUMNS, cells, strict=True):
        shown = folded(drawable(text), lambda part, room=width: paper.get_string_width(part) <= room - 2.5, 1)  # type: ignore[misc]
        paper.cell(width, LINE_HEIGHT, shown[0] if shown else "", border=1, fill=fill)
    paper.set_xy(paper.l_margin, paper.get_y() + LINE_HEIGHT)


def attendance_sheet(people: Sequence[Person], head: ListHead) -> bytes:
    """One event's list as Excel."""
    names = (N_("姓名"), N_("机构"), N_("身份"), N_("签到"), N_("哪个门"), N_("方式"))
    rows = [[one.name, one.organization, one.role, one.at, one.door, one.way] for one in people]
    return sheets.workbook(head.speak(N_("签到表")), [head.speak(name) for name in names], rows)


COUNTED = (N_("场次"), N_("报名"), N_("到场"), N_("到场机构"), N_("其中在园企业"))


def quarters_sheet(
    totals: Mapping[tuple[str, int], Attendance], events: Sequence[Event], counted: Mapping[int, Attendance],
    label: Callable[[Event], str], head: ListHead,
) -> bytes:  # fmt: skip
    """Counts by carrier and quarter, and the events behind them on a second sheet."""
    speak = head.speak
    hosts = {event.host_id: label(event) for event in events}
    rows: list[list[sheets.Cell]] = [
        [quarter, hosts[host], *_counts(total)] for (quarter, host), total in sorted(totals.items(), reverse=True)
    ]
    single: list[list[sheets.Cell]] = [
        [event.starts_at.astimezone(event.tz).date(), title_of(event, head.locale), label(event),
         *_counts(counted[event.id])[1:]]
        for event in reversed(events)
    ]  # fmt: skip
    columns = [speak(name) for name in COUNTED]
    second = sheets.Sheet(
        speak(N_("每场活动")), [speak(N_("日期")), speak(N_("活动")), speak(N_("载体")), *columns[1:]], single
    )
    return sheets.workbook(speak(N_("载体和季度")), [speak(N_("季度")), speak(N_("载体")), *columns], rows, second)


def _counts(total: Attendance) -> list[int]:
    return [total.held, total.registered, total.attended, len(total.organizations), len(total.residents)]
