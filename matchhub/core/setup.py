"""The first rows of an installation, and later changes to them: the city, its look and its limits."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from matchhub.core import audit, dictionaries, errors, installation
from matchhub.core.administration import Permission, POLICY
from matchhub.core.db import db, writes
from matchhub.core.installation import Installation
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.texts import LegalText, TextKind
from matchhub.core.uploads import CheckedUpload, keep

LEGAL = Path(__file__).parent / "legal" / "texts.json"
WORDS = (
    "city_name", "city_name_en", "product_name", "icp", "police_record", "site_code", "host_unit", "host_unit_en",
    "organizer_unit", "contact",
)  # fmt: skip
LIMITS = {
    "in_flight_per_enterprise": (1, 100),
    "cool_down_days": (0, 730),
    "answer_days": (1, 90),
    "silence_days": (30, 730),
    "bank_begins_days": (1, 30),
}


@writes
def found_installation(*, city_name: str, city_name_en: str, city_region: str, now: datetime) -> Installation:
    """Create the one installation with the seed dictionaries and texts. Raises IntegrityError where there is one."""
    site = Installation(
        id=1, city_name=city_name, city_name_en=city_name_en, city_region=city_region, created_at=now,
        host_unit=f"{city_name}科学技术局",
        extra={"host_unit_en": f"{city_name_en} Science and Technology Bureau"} if city_name_en else {},
    )  # fmt: skip
    db.session.add(site)
    db.session.add_all(dictionaries.seed_rows())
    for text in json.loads(LEGAL.read_text(encoding="utf-8")):
        db.session.add(
            LegalText(
                kind=TextKind(text["kind"]),
                version=text["version"],
                body=text["body"],
                body_en=text["body_en"],
                effective_at=now,
            )
        )
    db.session.flush()
    return site


@writes
def change_installation(
    *, values: dict[str, Any], seen_version: int | None = None, actor: Actor, now: datetime
) -> Installation:
    """Change names, footer and limits; only the fields of `WORDS` and `LIMITS` and `need_check_by_carrier` are taken.

    `seen_version` is the version that the form was opened on: Conflict when somebody saved in between.
    """
    POLICY.check(Permission.CONFIGURE, actor)
    site = installation.required(db.session())
    if seen_version is not None and seen_version != site.version:
        raise errors.Conflict(N_("已经处理过了，请看最新情况"))
    accepted: dict[str, str | int | bool] = {name: str(values[name]).strip() for name in WORDS if name in values}
    if "city_name" in accepted and not accepted["city_name"]:
        raise errors.Invalid(N_("请填写城市名称"), field="city_name")
    for name, (low, high) in LIMITS.items():
        if name in values:
            accepted[name] = _within(name, int(values[name]), low, high)
    if "need_check_by_carrier" in values:
        accepted["need_check_by_carrier"] = bool(values["need_check_by_carrier"])
    changed = sorted(name for name, value in accepted.items() if getattr(site, name) != value)
    for name in changed:
        setattr(site, name, accepted[name])
    if changed:
        audit.record(actor, "installation:change", site, fields=changed)
    return site


def _within(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise errors.Invalid(N_("请填写 %(low)s 到 %(high)s 之间的整数"), field=name, low=low, high=high)
    return value


@writes
def change_logo(upload: CheckedUpload | None, *, actor: Actor, now: datetime) -> Installation:
    """Show another picture beside the product's name; None goes back to our own."""
    POLICY.check(Permission.CONFIGURE, actor)
    site = installation.required(db.session())
    row = keep(upload, organization_id=None, user_id=actor.user_id, now=now) if upload else None
    site.logo_file_id = row.id if row else None
    audit.record(actor, "installation:change", site, fields=["logo_file_id"])
    return site


@writes
def publish_text(
    kind: TextKind, *, version: str, body: str, body_en: str, effective_at: datetime, actor: Actor, now: datetime
) -> LegalText:
    """Put a new version of a legal text into force at `effective_at`; older versions stay readable."""
    POLICY.check(Permission.CONFIGURE, actor)
    version, body, body_en = version.strip(), body.strip(), body_en.strip()
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,19}", version):
        raise errors.Invalid(N_("版本号用字母、数字、点和短横，最多 20 个字符"), field="version")
    if len(body) < 20:
        raise errors.Invalid(N_("请填写正文"), field="body")
    if effective_at < now:
        raise errors.Invalid(N_("生效时间不能早于现在"), field="effective_on")
    taken = db.session.query(LegalText.id).filter_by(kind=kind, version=version).first()
    if taken:
        raise errors.Invalid(N_("这个版本号已经用过，请换一个"), field="version")
    row = LegalText(kind=kind, version=version, body=body, body_en=body_en, effective_at=effective_at)
    db.session.add(row)
    audit.record(actor, "legal_text:publish", row, kind=kind.value, version=version)
    return row
