"""What a pasted message says, read by rules: amounts, round, share, day, region, telephone, USCC. Nothing is stored."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum.cn import uscc as uscc_number

WAN, YI = 10_000, 100_000_000
LONGEST = 5_000
LARGEST = 10**13
NUMBER = r"(\d{1,9}(?:\.\d{1,4})?)"
UNIT = r"(万|亿|w|million)"
RANGE = re.compile(rf"{NUMBER}\s*{UNIT}?元?\s*(?:-|~|至|到)\s*{NUMBER}\s*{UNIT}", re.IGNORECASE)
SINGLE = re.compile(rf"{NUMBER}\s*{UNIT}", re.IGNORECASE)
WISH = re.compile(r"融资|融|需要|需求|拟募|募集|资金|出让|本轮|金额|找")
PAST = re.compile(r"营收|收入|产值|利润|订单|销售|估值|年产|已投|上一?轮|销量|补贴|流水")
PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s*(?:%|个点)")
SHARE = re.compile(r"出让|释放|稀释|股份|股权")
PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[-\s]?(\d{4})[-\s]?(\d{4})(?!\d)")
USCC = re.compile(r"(?<![0-9A-Za-z])([0-9A-HJ-NP-RT-UW-Y]{2}\d{6}[0-9A-HJ-NP-RT-UW-Y]{10})(?![0-9A-Za-z])")
FULL_DAY = re.compile(r"(20\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
MONTH_DAY = re.compile(r"(?<![\d年])(\d{1,2})月(\d{1,2})[日号]")
MONTH_ONLY = re.compile(r"(?:(20\d{2})年)?(?<!\d)(\d{1,2})月(?:底|前|份|末)")
YEAR_END = re.compile(r"(今年|明年|年)底")
ROUNDS = (
    ("pre_ipo", re.compile(r"pre[\s-]?ipo", re.IGNORECASE)),
    ("pre_a", re.compile(r"pre[\s-]?a(?![a-z])", re.IGNORECASE)),
    ("a_plus", re.compile(r"(?<![a-z])a\s?\+", re.IGNORECASE)),
    ("b_plus", re.compile(r"(?<![a-z])b\s?\+", re.IGNORECASE)),
    ("a", re.compile(r"(?<![a-z-])a\s?轮", re.IGNORECASE)),
    ("b", re.compile(r"(?<![a-z-])b\s?轮", re.IGNORECASE)),
    ("c", re.compile(r"(?<![a-z-])c\s?轮", re.IGNORECASE)),
    ("d_plus", re.compile(r"(?<![a-z-])[d-f]\s?轮", re.IGNORECASE)),
    ("seed", re.compile(r"种子")),
    ("angel", re.compile(r"天使")),
    ("strategic", re.compile(r"战略(?:投资|融资|轮)")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found; None for what was not. Amounts in 元."""

    amount_min_yuan: int | None = None
    amount_max_yuan: int | None = None
    round_code: str | None = None
    equity_max_pct: int | None = None
    needed_by: date | None = None
    region_code: str | None = None
    mobile: str | None = None
    uscc: str | None = None

    @property
    def found(self) -> dict[str, object]:
        """Only what was found, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


def read_message(message: str, *, today: date, regions: Mapping[str, str]) -> Reading:
    """Read a message. `regions`: word → code, as in 鄂城 → 420704. Pure; the longest 5,000 characters count."""
    text = unicodedata.normalize("NFKC", message[:LONGEST])
    text = re.sub(r"(?<=\d),(?=\d{3})", "", re.sub("[–—～〜]", "-", text))
    low, high = _amount(text)
    return Reading(
        low, high, _round(text), _share(text), _day(text, today), _region(text, regions), _mobile(text), _uscc(text)
    )


def _amount(text: str) -> tuple[int | None, int | None]:
    """The range or amount that is wished for: the sentence part that speaks of raising decides, one on turnover never."""
    best: tuple[int, tuple[int | None, int | None]] = (0, (None, None))
    for part in re.split(r"[，。；;!?！？\n,]", text):
        found = _amount_in(part)
        if found is None or (PAST.search(part) and not WISH.search(part)):
            continue
        weight = 2 if WISH.search(part) else 1
        if weight > best[0]:
            best = (weight, found)
    return best[1]


def _amount_in(part: str) -> tuple[int | None, int | None] | None:
    if pair := RANGE.search(part):
        unit = pair[4]
        low, high = _yuan(pair[1], pair[2] or unit), _yuan(pair[3], unit)
        return (low, high) if low and high and low <= high else None
    wish = WISH.search(part)
    singles = list(SINGLE.finditer(part))
    after = [found for found in singles if wish and found.start() >= wish.start()]
    for found in after or singles:
        if value := _yuan(found[1], found[2]):
            return (None, value)
    return None


def _yuan(number: str, unit: str) -> int | None:
    size = {"万": WAN, "w": WAN, "亿": YI, "million": 1_000_000}[unit.lower()]
    value = Decimal(number) * size
    return int(value) if 0 < value <= LARGEST else None


def _round(text: str) -> str | None:
    """The first round named; one that is said to be over counts only where no other is named."""
    found = []
    for place, part in enumerate(re.split(r"[，。；;\n,]", text)):
        is_over = bool(re.search(r"已|上一?轮|完成|投过", part))
        found += [(is_over, place, m.start(), code) for code, pattern in ROUNDS if (m := pattern.search(part))]
    return min(found)[3] if found else None


def _share(text: str) -> int | None:
    for part in re.split(r"[，。；;\n,]", text):
        if SHARE.search(part) and (found := list(PERCENT.finditer(part))):
            percent = int(found[-1][1])
            return percent if 1 <= percent <= 100 else None
    return None


def _day(text: str, today: date) -> date | None:
    if found := FULL_DAY.search(text):
        return _valid(int(found[1]), int(found[2]), int(found[3]))
    if found := MONTH_DAY.search(text):
        return _coming(today, int(found[1]), int(found[2]))
    if found := MONTH_ONLY.search(text):
        month = int(found[2])
        year = int(found[1]) if found[1] else today.year + (month < today.month)
        return _valid(year, month, _last_day(year, month)) if 1 <= month <= 12 else None
    if found := YEAR_END.search(text):
        return date(today.year + (found[1] == "明年"), 12, 31)
    return None


def _coming(today: date, month: int, day: int) -> date | None:
    this_year = _valid(today.year, month, day)
    return this_year if this_year is None or this_year >= today else _valid(today.year + 1, month, day)


def _last_day(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days if 1 <= month <= 12 else 0


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _region(text: str, regions: Mapping[str, str]) -> str | None:
    """The most exact place named: the longest word, a district before its city."""
    named = [word for word in regions if len(word) > 1 and word in text]
    return regions[max(named, key=lambda word: (_depth(regions[word]), len(word)))] if named else None


def _depth(code: str) -> int:
    return 3 if not code.isdigit() or not code.endswith("00") else 2 if not code.endswith("0000") else 1


def _mobile(text: str) -> str | None:
    found = PHONE.search(text)
    return "".join(found.groups()) if found else None


def _uscc(text: str) -> str | None:
    return next((code for code in USCC.findall(text.upper()) if uscc_number.is_valid(code)), None)
