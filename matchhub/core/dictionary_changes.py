"""Changing the words of the city: entries are added, renamed and retired from a date on, never deleted or rewritten."""

import re
from datetime import date, datetime

from sqlalchemy import func, select

from matchhub.core import audit, dictionaries, errors, installation
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.dictionaries import DictionaryEntry
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.\-]{0,79}")


@writes
def add_entry(
    dictionary: str,
    *,
    code: str,
    label: str,
    label_en: str = "",
    parent: str | None = None,
    source: str = "",
    effective_from: date,
    actor: Actor,
    now: datetime,
) -> DictionaryEntry:
    """Add a code to a dictionary from `effective_from` on. Raises Invalid where the code is in force already."""
    POLICY.check(Permission.CONFIGURE, actor)
    code, label, parent = code.strip(), label.strip(), (parent or "").strip() or None
    if not CODE.fullmatch(code):
        raise errors.Invalid(N_("代码用字母、数字、点、短横和下划线，最多 80 个字符"), field="code")
    if not label:
        raise errors.Invalid(N_("请填写名称"), field="label")
    held = dictionaries.snapshot(db.session()).get(dictionary, code)
    if held is not None and (held.effective_to is None or held.effective_to > effective_from):
        raise errors.Invalid(N_("这个代码已经在用，请改用「改名」"), field="code")
    if parent is not None and not _exists(dictionary, parent):
        raise errors.Invalid(N_("没有这个上级代码"), field="parent")
    last = db.session.scalar(select(func.max(DictionaryEntry.position)).where(DictionaryEntry.dictionary == dictionary))
    if last is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    row = DictionaryEntry(
        dictionary=dictionary, code=code, label=label, label_en=label_en.strip(), parent=parent, position=last + 1,
        source=source.strip(), effective_from=effective_from, extra={},
    )  # fmt: skip
    db.session.add(row)
    _announce(actor, "dictionary:add", row)
    return row


@writes
def rename_entry(
    entry: DictionaryEntry, *, label: str, label_en: str, effective_from: date, actor: Actor, now: datetime
) -> DictionaryEntry:
    """Give a code other words from `effective_from` on; the old words stay with the time before."""
    POLICY.check(Permission.CONFIGURE, actor)
    label, label_en = label.strip(), label_en.strip()
    if not label:
        raise errors.Invalid(N_("请填写名称"), field="label")
    _require_in_force(entry, effective_from)
    if effective_from <= entry.effective_from:
        raise errors.Invalid(N_("日期要晚于原来的生效日期"), field="effective_from")
    row = DictionaryEntry(
        dictionary=entry.dictionary, code=entry.code, label=label, label_en=label_en, parent=entry.parent,
        position=entry.position, official=entry.official, source=entry.source, effective_from=effective_from,
        effective_to=entry.effective_to, extra=dict(entry.extra),
    )  # fmt: skip
    entry.effective_to = effective_from
    db.session.add(row)
    _announce(actor, "dictionary:rename", row)
    return row


@writes
def retire_entry(entry: DictionaryEntry, *, effective_to: date, actor: Actor, now: datetime) -> None:
    """Take a code out of use from `effective_to` on; records of the past keep its words."""
    POLICY.check(Permission.CONFIGURE, actor)
    _require_in_force(entry, effective_to)
    if effective_to < city_date(now):
        raise errors.Invalid(N_("日期不能早于今天"), field="effective_to")
    entry.effective_to = effective_to
    _announce(actor, "dictionary:retire", entry)


def _require_in_force(entry: DictionaryEntry, day: date) -> None:
    if entry.effective_to is not None and entry.effective_to <= day:
        raise errors.Conflict(N_("这个代码已经停用，请看最新情况"))


def _exists(dictionary: str, code: str) -> bool:
    return dictionaries.snapshot(db.session()).get(dictionary, code) is not None


def _announce(actor: Actor, action: str, row: DictionaryEntry) -> None:
    """Let every process notice, and leave a trace."""
    installation.required(db.session()).dictionary_version += 1
    dictionaries.forget(db.session())
    audit.record(actor, action, row, dictionary=row.dictionary, code=row.code)
