"""Public records of venture rounds as they lie in a folder: read, checked line by line, cut at a date."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from matchhub.core.dictionaries import SEED

LARGEST_YUAN = 10**13


@dataclass(frozen=True, slots=True)
class Dataset:
    """How one public data set is written: the column of the place, the day of the cut, the language of its names."""

    code: str
    place: str
    cut: date
    is_english: bool = False

    @property
    def yuan(self) -> Decimal:
        """What one unit of its amounts is in 元, on the day that the data say."""
        return Decimal(mapping("vc_rates", self.code)["yuan"])


DATASETS = {
    found.code: found
    for found in (
        Dataset("vc_zh", "region", date(2015, 7, 1)),
        Dataset("vc_cb", "country", date(2012, 1, 1), is_english=True),
    )
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that was not taken, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Startup:
    """A firm as the records know it."""

    ref: str
    name: str
    industries: tuple[str, ...]
    region: str | None
    category: str


@dataclass(frozen=True, slots=True)
class Investment:
    """One participation in one round."""

    ref: str
    startup: str
    investor: str
    day: date
    round_code: str | None
    yuan: int | None


@dataclass(frozen=True, slots=True)
class Query:
    """What a firm asked for after the cut: the round and amount that stand for its need."""

    round_code: str | None
    yuan: int | None


@dataclass(slots=True)
class Records:
    """All that was read; nothing on or after the cut except the needs asked for.

    `lines`: how many each file had. `unknown`: words that our dictionaries do not know, by how many rows; the rows came in.
    """

    startups: dict[str, Startup] = field(default_factory=dict)
    investors: dict[str, str] = field(default_factory=dict)
    investments: list[Investment] = field(default_factory=list)
    queries: dict[str, Query] = field(default_factory=dict)
    declared: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)


@cache
def mapping(dictionary: str, name: str) -> dict[str, Any]:
    """A map from the records' words to our codes: data, kept beside the dictionaries."""
    content = json.loads((SEED / f"{dictionary}.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = content["maps"].get(name, {})
    return found


@dataclass(slots=True)
class Reader:
    """Reads one data set of a folder."""

    folder: Path
    dataset: str
    until: date
    into: Records = field(default_factory=Records)

    @property
    def style(self) -> Dataset:
        """How the data set is written."""
        return DATASETS[self.dataset]

    def read(self, *, with_dev_needs: bool) -> Records:
        """All files in order. Raises FileNotFoundError where one of the three that it stands on is absent."""
        self._each("startups", self._startup)
        self._each("investors", self._investor)
        self._each("investments", self._investment)
        if with_dev_needs:
            for task in ("cold", "warm"):
                self._each(f"dev_{task}_queries", self._query, optional=True)
        self._each("mandates", self._mandate, optional=True)
        return self.into

    def _each(self, name: str, take: Callable[[Mapping[str, str]], str | None], *, optional: bool = False) -> None:
        path = self.folder / f"{self.dataset}_{name}.csv.gz"
        if optional and not path.exists():
            return
        for line, row in _rows(path):
            self.into.lines[name] += 1
            try:
                reason = take(row)
            except (KeyError, ValueError, OverflowError, InvalidOperation) as error:
                reason = f"{type(error).__name__}: {error}"
            if reason:
                self.into.problems.append(Problem(path.name, line, reason))

    def _startup(self, row: Mapping[str, str]) -> str | None:
        ref, name = row["startup_id"], row["name"].strip()
        if not ref or not name or len(name) > 160:
            return "no id, or no name of at most 160 characters"
        if ref in self.into.startups:
            return f"{ref} was there already"
        fields = self._known("vc_categories", row["category"]) or ()
        place = self._known("vc_regions", row[self.style.place])
        self.into.startups[ref] = Startup(ref, name, tuple(fields), place, row["category"])
        return None

    def _investor(self, row: Mapping[str, str]) -> str | None:
        ref, name = row["investor_id"], row["name"].strip()
        if not ref or not name or len(name) > 160:
            return "no id, or no name of at most 160 characters"
        self.into.investors[ref] = name
        return None

    def _investment(self, row: Mapping[str, str]) -> str | None:
        day = date.fromisoformat(row["date"])
        if day >= self.until:
            return None  # the future: not read
        startup, investor = row["startup_id"], row["investor_id"]
        if startup not in self.into.startups or investor not in self.into.investors:
            return f"unknown start-up {startup} or investor {investor}"
        ref = f"{self.dataset}:round:{row['event_id']}:{investor}"
        self.into.investments.append(
            Investment(ref, startup, investor, day, self._round(row["round"]), self._yuan(row["amount_usd"]))
        )
        return None

    def _query(self, row: Mapping[str, str]) -> str | None:
        if row["startup_id"] not in self.into.startups:
            return f"unknown start-up {row['startup_id']}"
        self.into.queries[row["startup_id"]] = Query(self._round(row["round"]), self._yuan(row["amount_usd"]))
        return None

    def _mandate(self, row: Mapping[str, str]) -> str | None:
        known, kind, value = ("field", "stage"), row["kind"], row["value"]
        if kind not in known:
            return f"neither field nor stage: {kind}"
        source = ("vc_categories", "vc_zh_mandate_fields") if kind == "field" else ("vc_rounds", "vc_zh_mandate_stages")
        codes = mapping(*source).get(value, ())
        self.into.declared.setdefault(row["investor_id"], {}).setdefault(kind, []).extend(codes)
        return None

    def _round(self, word: str) -> str | None:
        code: str | None = self._known("vc_rounds", word)
        return code

    def _known(self, dictionary: str, word: str) -> Any:
        """What our dictionary says for the records' word; a word that it lacks is counted, nothing said is no word."""
        words = mapping(dictionary, self.dataset)
        if word and word not in words:
            self.into.unknown[dictionary, word] += 1
        return words.get(word)

    def _yuan(self, text: str) -> int | None:
        """An amount in 元, converted at the data set's rate; None where nothing or nothing above zero is said."""
        if not text:
            return None
        yuan = round(Decimal(text) * self.style.yuan)
        if not 0 < yuan < LARGEST_YUAN:
            raise ValueError(f"amount {text}")
        return yuan


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, restval="")
        for row in reader:
            yield reader.line_num, row
