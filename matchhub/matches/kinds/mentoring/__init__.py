"""创业辅导: MentoringNeed ↔ Mentorship."""

from pathlib import Path

from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.matches.kinds.kind import Kind
from matchhub.matches.kinds.mentoring import columns, words

KIND = Kind(
    pairing=PairingKind.MENTORING,
    weights=Path(__file__).with_name("weights.json"),
    need_columns=columns.need_columns,
    offer_columns=columns.offer_columns,
    conflicts=columns.conflicts,
    full=columns.is_full,
    topics=words.TOPICS,
    sayings=words.SAYINGS,
    silent=words.SILENT,
    additions=words.ADDITIONS,
    rules=words.RULES,
    rule_saying=words.rule_saying,
    mending=words.MENDING,
    counted=words.COUNTED,
    need_line=words.need_line,
    offer_line=words.offer_line,
    mutual=words.MUTUAL,
    offer_updated=N_("辅导更新于"),
)
