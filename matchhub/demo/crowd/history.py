"""A year of business between the crowd's needs and offers: requests, answers, talks, and what came of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from matchhub.demo.crowd.lists import Lists
from matchhub.demo.crowd.needs import at_work, Wish
from matchhub.demo.crowd.offerers import Supply
from matchhub.demo.crowd.results import Results
from matchhub.demo.crowd.rows import Rows
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.models import Consent
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.services.consents import PURPOSES
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.matches.models import Exclusion

ANSWER_DAYS, COOL_DOWN_DAYS, CONSENT_DAYS = 14, 90, 180
ASKED = {NeedState.OPEN: (0, 0, 1, 1, 2), NeedState.MET: (1, 1, 2), NeedState.CLOSED: (0, 1), NeedState.EXPIRED: (0, 1)}
REASONS = ("stage", "industry", "amount", "timing", "information")
DRAWN = 12
S = IntroductionState


def _keys_of_supply(supply: Supply) -> frozenset[str]:
    """By what a need finds an offer: the field of a fund, the security of a bank, the topic of a mentor."""
    found = {
        PairingKind.EQUITY: supply.industries, PairingKind.CREDIT: supply.values.get("guarantees", ()),
        PairingKind.MENTORING: supply.topics,
    }  # fmt: skip
    return frozenset(found[supply.kind])


def _keys_of_wish(wish: Wish) -> list[str]:
    if wish.kind is PairingKind.EQUITY:
        return [wish.owner.line["industry"].split(".")[0]]
    return list(wish.values["guarantees" if wish.kind is PairingKind.CREDIT else "topics"])


@dataclass
class Year:
    """Writes the past of the crowd. `texts`: ids of the consent texts in force (contact, materials)."""

    rows: Rows
    rng: Random
    texts: tuple[int, int]
    now: datetime
    lists: Lists | None = None  # where the crowd gets lists of its own
    _by_key: dict[tuple[PairingKind, str], list[Supply]] = field(default_factory=lambda: defaultdict(list))
    _asked: Counter[tuple[int, str]] = field(default_factory=Counter)
    _engaged: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._results = Results(self.rows, self.rng, self.now)

    def welcome(self, supplies: Sequence[Supply]) -> None:
        """Offers that can be asked from now on."""
        for supply in supplies:
            for key in ("", *_keys_of_supply(supply)):
                self._by_key[supply.kind, key].append(supply)

    def of(self, wish: Wish) -> None:
        """The introductions of one need, and its list. A need that was met ends with a result that both confirmed."""
        others = self._by_key[wish.kind, ""]
        suiting = [s for key in _keys_of_wish(wish) for s in self._by_key[wish.kind, key]] or others
        number = self.rng.choice(ASKED.get(wish.state, (0,)))
        chosen = self._fitting(wish, suiting, number)
        for place, supply in enumerate(chosen):
            self._introduce(wish, supply, is_last=place == len(chosen) - 1)
        if self.lists is not None and wish.state is NeedState.OPEN:
            self.lists.of(wish, suiting, others, frozenset(supply.id for supply in chosen))

    def _fitting(self, wish: Wish, suiting: Sequence[Supply], number: int) -> list[Supply]:
        """Offers that suit it, were there by then and had room in that month; among a few that are drawn."""
        drawn = dict.fromkeys(self.rng.choices(suiting, k=DRAWN)) if suiting and number else ()
        return [s for s in drawn if s.since < wish.published_at and self._has_room(s, wish)][:number]

    def _has_room(self, supply: Supply, wish: Wish) -> bool:
        month = f"{wish.published_at:%Y%m}"
        engaged = wish.kind is not PairingKind.MENTORING or self._engaged[supply.id] < supply.capacity
        return engaged and self._asked[supply.id, month] < supply.capacity - 1

    def _introduce(self, wish: Wish, supply: Supply, *, is_last: bool) -> None:
        asked_at = at_work(self.rng, wish.published_at + timedelta(days=self.rng.uniform(1, 20)))
        if asked_at >= self.now - timedelta(hours=2):
            return
        self._asked[supply.id, f"{asked_at:%Y%m}"] += 1
        state = self._state(wish, asked_at, is_last)
        answered = at_work(self.rng, asked_at + timedelta(days=self.rng.uniform(1, ANSWER_DAYS - 3)))
        answered = min(max(answered, asked_at + timedelta(hours=1)), self.now - timedelta(hours=1))
        if state is S.REQUESTED or (state is S.ACCEPTED and answered <= asked_at):
            self._row(wish, supply, S.REQUESTED, asked_at, None)
            return
        identity, ended = self._row(wish, supply, state, asked_at, answered)
        if state in (S.ACCEPTED, S.CLOSED):
            if wish.kind is PairingKind.MENTORING and state is S.ACCEPTED:
                self._engaged[supply.id] += 1
            self._results.of(identity, wish, supply, state, answered, ended)

    def _state(self, wish: Wish, asked_at: datetime, is_last: bool) -> IntroductionState:
        if wish.state is NeedState.MET and is_last:
            return S.ACCEPTED
        if wish.state is NeedState.OPEN and asked_at > self.now - timedelta(days=ANSWER_DAYS - 1):
            return self.rng.choice((S.REQUESTED, S.REQUESTED, S.ACCEPTED))
        if wish.state is NeedState.OPEN:
            return self.rng.choice((S.ACCEPTED, S.ACCEPTED, S.DECLINED, S.EXPIRED, S.CLOSED))
        return self.rng.choice((S.DECLINED, S.EXPIRED, S.CLOSED))

    def _row(
        self, wish: Wish, supply: Supply, state: IntroductionState, asked_at: datetime, answered: datetime | None
    ) -> tuple[int, datetime | None]:
        """The request with its consents; its id and when it ended."""
        identity, by_firm = self.rows.reserve(Introduction), self.rng.random() < 0.7
        is_agreed = state in (S.ACCEPTED, S.CLOSED)
        agreed = answered if is_agreed else None
        firm, other = (wish.owner.id, wish.owner.user_id), (supply.organization_id, supply.user_id)
        asker, recipient = (firm, other) if by_firm else (other, firm)
        ended = self._ended(state, asked_at, answered)
        last = ended or answered or asked_at
        self.rows.extend(
            Introduction, id=identity, kind=wish.kind, need_id=wish.id, offer_id=supply.id, enterprise_id=wish.owner.id,
            investor_id=supply.organization_id, requester_id=asker[0], recipient_id=recipient[0], requested_by_id=asker[1],
            answered_by_id=recipient[1] if is_agreed or state is S.DECLINED else None, state=state,
            purpose="看了你们的介绍，想约个时间谈谈。", awaits_claim=False, requested_at=asked_at,
            expires_at=asked_at + timedelta(days=ANSWER_DAYS), answered_at=None if state is S.EXPIRED else answered,
            ended_at=ended, ended_by_id=self._ender(state, recipient[0], asker[0]), last_activity_at=last,
            refusal_reason=self.rng.choice(REASONS) if state is S.DECLINED else "",
            closing_reason="other" if state is S.CLOSED else "",
            ask_again_on=ended + timedelta(days=COOL_DOWN_DAYS) if state is S.DECLINED and ended else None,
            requester_consent_id=self._consent(identity, wish.kind, asker, recipient, by_firm, asked_at, agreed, ended),
            recipient_consent_id=self._consent(identity, wish.kind, recipient, asker, not by_firm, agreed, agreed, ended),
            run_id=None, score=None, version=1, created_at=asked_at, updated_at=last,
        )  # fmt: skip
        self.rows.trace("introduction:ask", Introduction, identity, asker, asked_at)
        if agreed is not None:
            self.rows.trace("introduction:accept", Introduction, identity, recipient, agreed)
        if state in (S.REQUESTED, S.ACCEPTED):
            self._exclude(wish, supply, "in_progress", None, asked_at)
        elif state is S.DECLINED and ended:
            self._exclude(wish, supply, "cooling_off", ended + timedelta(days=COOL_DOWN_DAYS), ended)
        return identity, ended

    def _exclude(self, wish: Wish, supply: Supply, reason: str, until: datetime | None, at: datetime) -> None:
        self.rows.add(Exclusion, need_id=wish.id, offer_id=supply.id, reason=reason, until=until, created_at=at)

    def _ended(self, state: IntroductionState, asked_at: datetime, answered: datetime | None) -> datetime | None:
        if state is S.EXPIRED:
            return asked_at + timedelta(days=ANSWER_DAYS)
        if state is S.DECLINED:
            return answered
        if state is S.CLOSED and answered:
            return min(answered + timedelta(days=self.rng.uniform(8, 45)), self.now - timedelta(hours=1))
        return None

    @staticmethod
    def _ender(state: IntroductionState, recipient_id: int, asker_id: int) -> int | None:
        return recipient_id if state is S.DECLINED else asker_id if state is S.CLOSED else None

    def _consent(
        self,
        about: int,
        kind: PairingKind,
        giver: tuple[int, int],
        receiver: tuple[int, int],
        is_firm: bool,
        given: datetime | None,
        active: datetime | None,
        ended: datetime | None,
    ) -> int | None:
        """What one side opened: its contact always; a firm its terms too. What ended is taken back."""
        if given is None:
            return None
        groups = [FieldGroup.IDENTITY.value, FieldGroup.CONTACT.value]
        groups += [FieldGroup.MATERIALS.value, FieldGroup.TERMS.value] if is_firm else []
        return self.rows.add(
            Consent, subject_id=giver[0], recipient_id=receiver[0], given_by_id=giver[1], purpose=PURPOSES[kind],
            about_type="introduction", about_id=about, groups=groups, file_ids=[], allows_download=False, shown_values={},
            text_id=self.texts[0], materials_text_id=self.texts[1] if is_firm else None, given_at=given, active_from=active,
            expires_at=given + timedelta(days=CONSENT_DAYS), withdrawn_at=ended,
        )  # fmt: skip
