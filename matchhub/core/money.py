"""Money: integers of 元 inside, 万元 and 亿元 on the page, and the bands in which confidential amounts are shown."""

from bisect import bisect_right
from decimal import Decimal, ROUND_HALF_UP
from functools import lru_cache

WAN = 10_000
YI = 100_000_000
KEPT = 10_000  # amounts whose words are kept: lists say the same ones again and again
BAND_EDGES_WAN = (100, 200, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def _plain(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded:,.2f}".rstrip("0").rstrip(".")


def chinese(yuan: int) -> str:
    """`yuan` (元) as 800 万元 or 1.2 亿元; below a 万 as 元."""
    if abs(yuan) >= YI:
        return f"{_plain(Decimal(yuan) / YI)} 亿元"
    if abs(yuan) >= WAN:
        return f"{_plain(Decimal(yuan) / WAN)} 万元"
    return f"{yuan:,} 元"


def english(yuan: int) -> str:
    """`yuan` (元) as ¥8m, ¥1.2bn or ¥500k."""
    for size, unit in ((1_000_000_000, "bn"), (1_000_000, "m"), (1_000, "k")):
        if abs(yuan) >= size:
            return f"¥{_plain(Decimal(yuan) / size)}{unit}"
    return f"¥{yuan:,}"


@lru_cache(maxsize=KEPT)
def show(yuan: int, locale: str) -> str:
    """`yuan` in the words of `locale` (zh or en)."""
    return chinese(yuan) if locale.startswith("zh") else english(yuan)


def show_range(low: int | None, high: int | None, locale: str) -> str | None:
    """A range in one unit (500–800 万元, ¥5m–8m), or from / up to where one end is missing; None without both."""
    if low is None and high is None:
        return None
    if low is None or high is None or low == high:
        only = show(low if low is not None else high or 0, locale)
        if low is not None and high is not None:
            return only
        if locale.startswith("zh"):
            return f"{only}起" if high is None else f"{only}以内"
        return f"from {only}" if high is None else f"up to {only}"
    first, second = show(low, locale), show(high, locale)
    if locale.startswith("zh"):
        unit = second.split(" ", 1)[1]
        return f"{first.split(' ', 1)[0]}–{second}" if first.endswith(f" {unit}") else f"{first}–{second}"
    unit = second.lstrip("¥0123456789.,")
    return (
        f"{first.removesuffix(unit)}–{second.removeprefix('¥')}"
        if unit and first.endswith(unit)
        else f"{first}–{second}"
    )


def band(yuan: int | None) -> tuple[int | None, int | None]:
    """The band (low, high) in 元 that holds `yuan`; open ends are None. The same bands are scored and shown."""
    if yuan is None:
        return (None, None)
    position = bisect_right(BAND_EDGES_WAN, yuan / WAN)
    low = BAND_EDGES_WAN[position - 1] * WAN if position else 0
    high = BAND_EDGES_WAN[position] * WAN if position < len(BAND_EDGES_WAN) else None
    return (low, high)


def band_of_range(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """The smallest run of bands that covers the range; None for an end that is not known or open."""
    bottom = band(low)[0] if low is not None else None
    if high is None:
        return (bottom, None)
    top = band(high - 1 if high else 0)[1]
    return (bottom, top)
