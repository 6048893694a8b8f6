"""What attention makes of one need, made once: it is ranked, corrected and explained with the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref, ReferenceType, WeakKeyDictionary

from matchhub.matcher.table import Block, Table

if TYPE_CHECKING:
    from matchhub.matcher.affinity import Encoded
    from matchhub.matcher.attention import Attention

_ASKED: WeakKeyDictionary[Table, tuple[ReferenceType[Attention], Encoded, Block]] = WeakKeyDictionary()
"""By the need's table, while it lives: whose attention it was, the need in codes and its log attention."""


def asked(attention: Attention, needs: Table) -> tuple[Encoded, Block]:
    """The needs in the codes of the past and (n_needs, n_rounds) float32 log attention; kept for a table of one row."""
    held = _ASKED.get(needs)
    if held is not None and held[0]() is attention:
        return held[1], held[2]
    assert attention.affinity_ is not None and attention.rounds_ is not None
    encoded = attention.affinity_.encode(needs)
    logits = attention.affinity_.weigh(encoded, attention.rounds_, attention.weights_)
    if len(needs) == 1:
        _ASKED[needs] = ref(attention), encoded, logits
    return encoded, logits
