"""The kinds of pairing, as matching knows them."""

from collections.abc import Mapping

from matchhub.listings.enums import PairingKind
from matchhub.matches.kinds import credit, equity, mentoring
from matchhub.matches.kinds.kind import Kind, spoken_of

KINDS: Mapping[PairingKind, Kind] = {part.KIND.pairing: part.KIND for part in (equity, credit, mentoring)}

__all__ = ["KINDS", "Kind", "spoken_of"]
