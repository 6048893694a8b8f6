"""股权融资: EquityNeed ↔ InvestmentMandate."""

from pathlib import Path

from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.matches.kinds import table
from matchhub.matches.kinds.equity import columns, words
from matchhub.matches.kinds.kind import Kind

KIND = Kind(
    pairing=PairingKind.EQUITY,
    weights=Path(__file__).with_name("weights.json"),
    need_columns=columns.need_columns,
    offer_columns=columns.offer_columns,
    past_columns=columns.past_columns,
    full=table.month_is_full,
    topics=words.TOPICS,
    sayings=words.SAYINGS,
    silent=words.SILENT,
    additions=words.ADDITIONS,
    rules=words.RULES,
    mending=words.MENDING,
    counted=words.COUNTED,
    need_line=words.need_line,
    offer_line=words.offer_line,
    mutual=words.MUTUAL,
    offer_updated=N_("投资意向更新于"),
)
