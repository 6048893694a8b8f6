"""Versioned words: regions, industries, rounds, reasons … data with an effective date and a source, never code.

Rows live in the table `dictionary_entry`; each process keeps one snapshot and replaces it when the installation's
`dictionary_version` has moved. The seed is `core/words/*.json`.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, delete, Index, insert, JSON, select, String, text
from sqlalchemy.orm import Mapped, mapped_column, Session

from matchhub.core import installation
from matchhub.core.clock import utcnow
from matchhub.core.db import Base, db, Timestamped

SEED = Path(__file__).parent / "words"


class DictionaryEntry(Timestamped, Base):
    """One code of one dictionary, valid from `effective_from` until before `effective_to`."""

    __tablename__ = "dictionary_entry"
    __table_args__ = (Index("uq_dictionary_entry_code", "dictionary", "code", "effective_from", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dictionary: Mapped[str] = mapped_column(String(40), index=True)
    code: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(160), default="")
    parent: Mapped[str | None] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(default=0)
    official: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(300), default="")
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its words, detached from the database."""

    code: str
    label: str
    label_en: str
    parent: str | None
    position: int
    effective_from: date
    effective_to: date | None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def word(self, locale: str) -> str:
        """The label in `locale`, Chinese where the English is missing."""
        return self.label if locale.startswith("zh") else (self.label_en or self.label)

    def valid_on(self, day: date) -> bool:
        """Whether a new record may use this code on `day`."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


class Snapshot:
    """All dictionaries as of one version. Old codes keep their words: records of the past must stay readable."""

    def __init__(self, version: int, rows: Iterable[DictionaryEntry]) -> None:
        self.version = version
        self._entries: dict[str, dict[str, Entry]] = {}
        self._by_label: dict[str, dict[str, Entry]] = {}
        self._in_order: dict[str, list[Entry]] = {}
        for row in rows:  # oldest first, so that the newest words win
            self._entries.setdefault(row.dictionary, {})[row.code] = Entry(
                row.code,
                row.label,
                row.label_en,
                row.parent,
                row.position,
                row.effective_from,
                row.effective_to,
                row.extra,
            )

    @cached_property
    def names(self) -> list[str]:
        """The dictionaries that there are."""
        return sorted(self._entries)

    def entries(self, dictionary: str, *, on: date | None = None) -> list[Entry]:
        """The entries in order, those valid `on` a day where one is given."""
        if dictionary not in self._in_order:
            found = self._entries.get(dictionary, {}).values()
            self._in_order[dictionary] = sorted(found, key=lambda e: (e.position, e.code))
        return [e for e in self._in_order[dictionary] if on is None or e.valid_on(on)]

    def get(self, dictionary: str, code: str | None) -> Entry | None:
        """One entry, or None."""
        return self._entries.get(dictionary, {}).get(code or "")

    def word(self, dictionary: str, code: str | None, locale: str) -> str | None:
        """The label of `code` in `locale`; the code itself where it is unknown, None for None."""
        if code is None:
            return None
        entry = self.get(dictionary, code)
        return entry.word(locale) if entry else code

    def by_label(self, dictionary: str, label: str) -> Entry | None:
        """The entry that bears this Chinese label, or None."""
        if dictionary not in self._by_label:
            self._by_label[dictionary] = {e.label: e for e in self._entries.get(dictionary, {}).values()}
        return self._by_label[dictionary].get(label)

    def code_name(self, code: str, locale: str) -> str:
        """A code name as `locale` reads it: 新材料-0007 is New materials-0007 in English."""
        name, dash, number = code.rpartition("-")
        entry = self.by_label("industries", name) if dash else None
        return f"{entry.word(locale)}-{number}" if entry else code

    def ancestors(self, dictionary: str, code: str | None) -> list[str]:
        """`code` and its parents, nearest first."""
        chain: list[str] = []
        while code and code not in chain:
            chain.append(code)
            entry = self.get(dictionary, code)
            code = entry.parent if entry else None
        return chain

    def parents(self, dictionary: str) -> dict[str, str | None]:
        """code → parent, for the matcher's hierarchies."""
        return {code: entry.parent for code, entry in self._entries.get(dictionary, {}).items()}


_cache: dict[str, Snapshot] = {}
NOTHING_HELD: tuple[Any, Any] = (None, None)


def snapshot(session: Session | None = None) -> Snapshot:
    """The present dictionaries: no query where the version has not moved (the installation is read anyway)."""
    session = session or db.session()
    within, held = session.info.get("dictionaries", NOTHING_HELD)  # a list asks hundreds of times
    if within is not None and within is session.get_transaction():
        return held
    site = installation.current(session)
    held = _of_database(session, site.dictionary_version if site else 0)
    session.info["dictionaries"] = session.get_transaction(), held
    return held


def forget(session: Session) -> None:
    """After a change: look at the version again, within this transaction too."""
    session.info.pop("dictionaries", None)


def _of_database(session: Session, version: int) -> Snapshot:
    """What this process has read of the database's dictionaries; read anew where the version has moved."""
    key = str(session.get_bind().engine.url)
    held = _cache.get(key)
    if held is None or held.version != version:
        rows = session.scalars(select(DictionaryEntry).order_by(DictionaryEntry.effective_from, DictionaryEntry.id))
        held = _cache[key] = Snapshot(version, rows)
    return held


def seed_values(only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The seed of `core/words/*.json` as rows of plain values; of all dictionaries, or of `only` these."""
    rows = []
    for path in sorted(SEED.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "entries" not in content or (only is not None and content["code"] not in only):
            continue
        for position, entry in enumerate(content["entries"]):
            rows.append(
                {
                    "dictionary": content["code"],
                    "code": entry["code"],
                    "label": entry["label"],
                    "label_en": entry.get("label_en", ""),
                    "parent": entry.get("parent"),
                    "position": position,
                    "official": bool(entry.get("official", content.get("official"))),
                    "source": content.get("source", ""),
                    "effective_from": date.fromisoformat(content.get("effective_from", "2024-01-01")),
                    "extra": {k: v for k, v in entry.items() if k not in {"code", "label", "label_en", "parent"}},
                }
            )
    return rows


def seed_rows() -> list[DictionaryEntry]:
    """The entries that a new installation is founded with."""
    return [DictionaryEntry(**values) for values in seed_values()]


def bring(connection: Connection, only: Collection[str]) -> None:
    """For migrations: bring new dictionaries to an installation that was founded before they existed."""
    now = utcnow()
    held = set(connection.scalars(select(DictionaryEntry.dictionary).distinct()))
    rows = [{**row, "created_at": now, "updated_at": now} for row in seed_values(set(only) - held)]
    if held and rows:
        connection.execute(insert(DictionaryEntry), rows)
        connection.execute(text("UPDATE installation SET dictionary_version = dictionary_version + 1"))


def take_away(connection: Connection, only: Collection[str]) -> None:
    """For migrations: undo `bring`."""
    connection.execute(delete(DictionaryEntry).where(DictionaryEntry.dictionary.in_(only)))
    connection.execute(text("UPDATE installation SET dictionary_version = dictionary_version + 1"))
