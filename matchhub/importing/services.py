"""Keeping an uploaded table, and writing what its preview said: all of its good lines in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from matchhub.accounts.models import Organization
from matchhub.accounts.services.joining import invite_to_claim
from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.previews import Fate
from matchhub.core.uploads import CheckedUpload, keep, StoredFile
from matchhub.importing.kinds import ImportKind, Line, Subject, whose
from matchhub.importing.policy import Permission, POLICY
from matchhub.listings import services as listings
from matchhub.listings.enums import OfferState
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries import obstacles_to_offer
from matchhub.profiles import services as profiles


@writes
def keep_table(upload: CheckedUpload, kind: ImportKind, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep an uploaded table until it is confirmed: what was checked is what will be read again."""
    POLICY.check(Permission.IMPORT, actor)
    stored = keep(upload, organization_id=actor.organization_id, user_id=actor.user_id, now=now)
    audit.record(actor, "import:upload", stored, kind=kind.code, size=stored.size)
    return stored


@writes
def apply(
    lines: Sequence[Line],
    kind: ImportKind,
    *,
    file: StoredFile | None = None,
    publish: bool = False,
    invite: bool = False,
    actor: Actor,
    now: datetime,
) -> Counter[str]:
    """Write the new and the changed lines; how many lines met which fate, and how many were `published` and `invited`.

    Offers are published where `publish` is set and they are complete; mentors with an e-mail are invited to join where
    `invite` is set. Raises Forbidden, and Conflict, writing nothing, where a line does not hold any more.
    """
    if whose(kind, actor) is None:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    done: Counter[str] = Counter({fate.value: 0 for fate in Fate})
    made: dict[str, int] = {}
    for line in lines:
        done[line.fate.value] += 1
        if line.fate in (Fate.NEW, Fate.CHANGED):
            organization = _organization(line, kind, made, actor=actor, now=now)
            try:
                _write(line, organization, kind, done, publish=publish, actor=actor, now=now)
            except errors.Invalid as error:
                raise errors.Conflict(N_("第 %(line)s 行的情况变了，请重新上传核对"), line=line.number) from error
            if invite and kind.subject is Subject.MENTOR and line.fate is Fate.NEW and line.values["contact_email"]:
                _invite(organization, line, actor=actor, now=now)
                done["invited"] += 1
    audit.record(actor, "import:apply", file, kind=kind.code, lines=len(lines), **done)
    return done


def _organization(line: Line, kind: ImportKind, made: dict[str, int], *, actor: Actor, now: datetime) -> Organization:
    """Whose line it is; made once where nobody has written it down yet, however many lines it has."""
    name = line.name.split(" · ")[0]
    found = line.organization_id or made.get(name)
    if found is not None:
        return db.session.get_one(Organization, found)
    organization = profiles.bring_organization(kind.owner, name, uscc=line.uscc, actor=actor, now=now)
    made[name] = organization.id
    return organization


def _write(
    line: Line,
    organization: Organization,
    kind: ImportKind,
    done: Counter[str],
    *,
    publish: bool,
    actor: Actor,
    now: datetime,
) -> None:
    if kind.subject is Subject.MENTOR:
        profiles.bring_mentor(organization, line.values, actor=actor, now=now)
    elif kind.subject is Subject.NEED:
        _need(line, organization, kind, actor=actor, now=now)
    else:
        offer = _offer(line, organization, kind, publish=publish, actor=actor, now=now)
        done["published"] += publish and offer.state is OfferState.OPEN


def _need(line: Line, organization: Organization, kind: ImportKind, *, actor: Actor, now: datetime) -> None:
    if line.row_id is None:
        listings.bring_need(organization, kind.pairing, line.values, actor=actor, now=now)
    else:
        listings.bring_need_again(db.session.get_one(Need, line.row_id), line.values, actor=actor, now=now)


def _offer(
    line: Line, organization: Organization, kind: ImportKind, *, publish: bool, actor: Actor, now: datetime
) -> Offer:
    if line.row_id is None:
        return listings.bring_offer(organization, kind.pairing, line.values, publish=publish, actor=actor, now=now)
    offer = db.session.get_one(Offer, line.row_id)
    if offer.organization_id != organization.id:
        raise errors.Invalid(N_("没有这个编号；新写的一行不填编号"))
    listings.save_offer(offer, line.values, version=offer.version, actor=actor, now=now)
    if publish and offer.state is OfferState.DRAFT and not obstacles_to_offer(offer):
        listings.publish_offer(offer, actor=actor, now=now)
    return offer


def _invite(organization: Organization, line: Line, *, actor: Actor, now: datetime) -> None:
    name = line.values.get("contact_name") or organization.name
    invite_to_claim(
        organization, carrier_id=None, address=line.values["contact_email"], name=name[:60], actor=actor, now=now
    )
