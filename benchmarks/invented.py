"""An invented market of any size: needs, offers and past rounds of the equity pairing, drawn from a seed.

Codes are those of the dictionaries. Fields, places and investors follow Zipf's law; amounts are round sums over three powers of
ten; texts are phrases of a field, of every field and of invented names; about one fact in four is silent. A third of the offers
took part in past rounds, mostly in the fields that they declare.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matchhub.matcher import History, SetColumn, Table

DICTIONARIES = Path(__file__).resolve().parents[1] / "matchhub" / "core" / "words"
TODAY = 20_500  # days since 1970
YEARS = 1460  # days
NATIONAL = ("420000", "420100", "310000", "310115", "440300", "110000", "320500", "330100", "440100", "510100")
LADDER = ("seed", "angel", "pre_a", "a", "a_plus", "b", "b_plus", "c", "d_plus", "pre_ipo")
INSTRUMENTS = ("equity", "convertible", "preferred", "mixed")
DEMANDS = ("control", "buyback", "board_seat")
QUALIFICATIONS = ("tech_sme", "hnte", "innovative_sme", "srdi", "gazelle", "little_giant")
LETTERS = "星河远山江城青禾云帆智海天启明光华新锐达通恒信瑞丰泰和博微芯纳米精工凌拓普赛思卓越领航鼎盛中科创联飞翔宏图万象蓝鲸北辰"
EVERYWHERE = (
    "产业化", "核心团队来自高校", "已获发明专利", "规模化量产", "国产替代", "完成中试", "服务头部客户", "海外市场", "降低能耗",
    "提升良率", "自主研发", "平台化", "智能制造", "数据驱动", "样机验证", "供应链合作", "示范应用", "技术服务", "解决方案",
    "产学研合作",
)  # fmt: skip
ASPECTS = ("材料", "设备", "软件", "检测", "工艺", "系统", "平台", "器件", "模块", "服务", "算法", "组件")
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Invented:
    """What `invented` draws."""

    needs: Table
    offers: Table
    history: History


def invented(needs: int, offers: int, rounds: int, *, seed: int = 0) -> Invented:
    """A market of this size; `rounds` past rounds with one to three participants each."""
    draw = _Draw(np.random.default_rng(seed))
    market = draw.offers(offers)
    return Invented(draw.needs(needs, "n"), market, draw.history(rounds, market))


class _Draw:
    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        fields = _entries("industries")
        self.fields = [entry["code"] for entry in fields]
        self.labels = [entry["label"] for entry in fields]
        order = random.permutation(len(fields))
        self.field_chance = _zipf(len(fields))[order]
        places = [entry["code"] for entry in _entries("regions")]
        self.local = [code for code in places if code.startswith("42")] or places
        self.place_chance = _zipf(len(self.local))

    def needs(self, count: int, prefix: str) -> Table:
        field = self._fields(count)
        low = self._amounts(count, 6.5)
        high = low * self.random.choice([1.0, 1.5, 2.0, 3.0], count)
        rung = self.random.choice(len(LADDER), count, p=_shares([16, 20, 14, 20, 6, 10, 3, 6, 3, 2]))
        place = self.random.choice(len(self.local), count, p=self.place_chance)
        hot = self.random.random((count, len(QUALIFICATIONS))) < [0.5, 0.3, 0.25, 0.12, 0.05, 0.02]
        return Table(
            tuple(f"{prefix}{at}" for at in range(count)),
            {
                "amount_min": low,
                "amount_max": high,
                "equity_max_pct": self._silent(self.random.choice([10.0, 15.0, 20.0, 30.0], count), 0.4),
                "debut": (self.random.random(count) < 0.5).astype(float),
            },
            {
                "industries": self._sets(self.fields, field[:, None], 0.03),
                "round": self._sets(LADDER, rung[:, None], 0.05),
                "region": self._sets(self.local, place[:, None], 0.05),
                "instruments": self._sets(INSTRUMENTS, self.random.integers(0, 4, (count, 1)), 0.3),
                "excludes": self._sets(DEMANDS, self.random.integers(0, 3, (count, 1)), 0.8),
                "qualifications": self._sets(QUALIFICATIONS, np.where(hot, np.arange(len(QUALIFICATIONS)), -1), 0.1),
                "must": self._sets(("region", "round", "industry"), self.random.integers(0, 3, (count, 1)), 0.95),
            },
            {"text": tuple(self._texts(field, 0.05, 4))},
            {"updated_on": np.full(count, TODAY)},
        )

    def offers(self, count: int) -> Table:
        more = self.random.random((count, 3)) < [0.6, 0.35, 0.15]
        field = np.column_stack([self._fields(count), np.where(more, self._fields(count * 3).reshape(count, 3), -1)])
        first, span = self.random.integers(0, len(LADDER), count), self.random.integers(1, 4, count)
        rungs = first[:, None] + np.arange(3)
        rungs = np.where((np.arange(3) < span[:, None]) & (rungs < len(LADDER)), rungs, -1)
        places = (*NATIONAL, *(code for code in self.local if code not in NATIONAL))
        place = self.random.choice(len(places), (count, 2), p=_zipf(len(places)))
        place[:, 1] = np.where(self.random.random(count) < 0.3, place[:, 1], -1)
        low = self._amounts(count, 6.3)
        return Table(
            tuple(f"o{at}" for at in range(count)),
            {
                "ticket_min": self._silent(low, 0.15),
                "ticket_max": self._silent(low * self.random.choice([2.0, 5.0, 10.0, 20.0], count), 0.3),
                "equity_min_pct": self._silent(self.random.choice([5.0, 10.0, 20.0], count), 0.7),
                "capacity_left": self._silent(self.random.integers(0, 12, count).astype(float), 0.5),
                "reply_days": self._silent(np.round(self.random.exponential(6, count)), 0.4),
                "active": (self.random.random(count) < 0.97).astype(float),
            },
            {
                "industries": self._sets(self.fields, field, 0.08, 0.06),
                "rounds": self._sets(LADDER, rungs, 0.1, 0.05),
                "regions": self._sets(places, place, 0.2, 0.2),
                "instruments": self._sets(INSTRUMENTS, self.random.integers(-1, 4, (count, 2)), 0.3),
                "demands": self._sets(DEMANDS, self.random.integers(0, 3, (count, 1)), 0.85),
                "exclusions": self._sets(self.fields, self._fields(count)[:, None], 0.85),
                "qualifications_preferred": self._sets(QUALIFICATIONS, self.random.integers(0, 6, (count, 2)), 0.7),
                "must": self._sets(("region", "round", "industry"), self.random.integers(0, 3, (count, 1)), 0.9),
            },
            {"text": tuple(self._texts(field[:, 0], 0.15, 3))},
        )

    def history(self, rounds: int, offers: Table) -> History:
        """Rounds of the last four years, ever more of them; four participants in five come from those who declare the field."""
        entries = self.needs(rounds, "r")
        column, active = offers.codes("industries"), max(1, len(offers) // 3)
        at = {code: place for place, code in enumerate(column.codes)}
        by_field = column.hot[:active].tocsc()
        row, who = [], []
        wanted = entries.codes("industries")
        luck = self.random.zipf(1.6, 3 * rounds) % active
        sizes = self.random.choice([1, 2, 3], rounds, p=[0.55, 0.3, 0.15])
        for place, size in enumerate(sizes.tolist()):
            code = wanted.row(place)
            near = by_field[:, [at[code[0]]]].indices if code and code[0] in at else np.zeros(0, np.int32)
            for turn in range(size):
                lucky = int(luck[3 * place + turn])
                inside = len(near) and self.random.random() < 0.8
                row.append(place)
                who.append(int(near[lucky % len(near)]) if inside else lucky)
        days = (TODAY - YEARS * (1 - np.sqrt(self.random.random(rounds)))).astype(np.int64)
        past = Table(entries.ids, entries.numbers, entries.sets, entries.texts, {"updated_on": np.sort(days)})
        past = past.with_numbers("syndicate", sizes.astype(float))
        return History(past, np.array(row, dtype=np.int64), tuple(offers.ids[one] for one in who))

    def _fields(self, count: int) -> Ints:
        return self.random.choice(len(self.fields), count, p=self.field_chance)

    def _amounts(self, count: int, middle: float) -> NDArray[np.float64]:
        """Round sums: one or two digits and zeros."""
        plain = 10 ** np.clip(self.random.normal(middle, 0.6, count), 5, 9)
        scale = 10 ** np.floor(np.log10(plain))
        return np.round(plain / scale * 2) / 2 * scale

    def _silent(self, values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        return np.where(self.random.random(len(values)) < share, np.nan, values)

    def _sets(self, codes: tuple[str, ...] | list[str], chosen: Ints, silent: float, anything: float = 0) -> SetColumn:
        """A column from an (n, k) array of places in `codes`, -1 for none."""
        luck = self.random.random(len(chosen))
        said, free = luck >= silent, luck >= 1 - anything
        order = np.argsort(codes)
        rank = np.empty(len(codes), dtype=np.int64)
        rank[order] = np.arange(len(codes))
        keep = (chosen >= 0) & said[:, None] & ~free[:, None]
        rows = np.repeat(np.arange(len(chosen)), keep.sum(axis=1))
        hot = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, rank[chosen[keep]])), shape=(len(chosen), len(codes))
        )
        hot.data[:] = 1
        return SetColumn(tuple(sorted(codes)), hot, np.asarray(hot.getnnz(axis=1) > 0) | free, free)

    def _texts(self, field: Ints, silent: float, phrases: int) -> list[str]:
        """A name, phrases of the field and phrases of every field."""
        count = len(field)
        said = (self.random.random(count) >= silent).tolist()
        letters = self.random.integers(0, len(LETTERS), (count, 3)).tolist()
        aspects = self.random.integers(0, len(ASPECTS), (count, phrases)).tolist()
        every = self.random.integers(0, len(EVERYWHERE), (count, phrases)).tolist()
        other = self.random.integers(0, len(self.labels), count).tolist()
        return [
            ""
            if not said[at]
            else "".join(LETTERS[letter] for letter in letters[at])
            + "，".join(
                f"{self.labels[field[at]] if turn < phrases - 1 else self.labels[other[at]]}{ASPECTS[one]}{EVERYWHERE[two]}"
                for turn, (one, two) in enumerate(zip(aspects[at], every[at], strict=True))
            )
            for at in range(count)
        ]


def _entries(name: str) -> list[dict[str, Any]]:
    held: Any = json.loads((DICTIONARIES / f"{name}.json").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = held["entries"]
    return found


def _zipf(count: int) -> NDArray[np.float64]:
    return _shares(1 / np.arange(1, count + 1) ** 0.9)


def _shares(values: Any) -> NDArray[np.float64]:
    held = np.asarray(values, dtype=np.float64)
    return np.asarray(held / held.sum())
