"""Comparisons that read few kinds of offers, laid together: what they say of an offer is looked up at once.

Each feature and rule sees a few hundred kinds of offers (see `kinds`). Several of them see a few thousand kinds together: what
all of them say of one need is added up kind by kind, and only the sum is spread over the offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.table import Rows

MOST = 1 << 15
"""Kinds of a bundle: their sums stay in the processor's cache."""

SHARE = 8
"""A bundle has at most one kind for so many offers: more would cost what it saves."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The joint kinds of several comparisons: `of` (n_offers,) the joint kind of each offer, and `kinds` by comparison:
    (n_joint,) the kind that it sees there."""

    of: Rows
    kinds: Mapping[str, NDArray[np.int32]]

    def __len__(self) -> int:
        return len(next(iter(self.kinds.values())))

    @classmethod
    def alone(cls, name: str, of: NDArray[np.int32]) -> Self:
        """One comparison."""
        return cls(of.astype(np.int64), {name: np.arange(int(of.max(initial=-1)) + 1, dtype=np.int32)})

    def with_(self, name: str, of: NDArray[np.int32], most: int) -> Self | None:
        """And one more; None where there are more kinds together than `most`, and not only a few more than one has alone."""
        width = int(of.max(initial=0)) + 1
        most = max(most, 5 * max(len(self), width) // 4)
        joint = self.of * width + of
        if len(np.unique(joint[:: max(1, len(joint) // (4 * most))])) > most:  # a sample shows it mostly
            return None
        both, place = np.unique(joint, return_inverse=True)
        if len(both) > most:
            return None
        held, last = np.divmod(both, width)
        kinds = {other: kind[held] for other, kind in self.kinds.items()}
        return type(self)(place.astype(np.int64), {**kinds, name: last.astype(np.int32)})


def bundled(kinds: Mapping[str, NDArray[np.int32]], rows: int) -> tuple[Bundle, ...]:
    """All comparisons, by name the (n_offers,) kind of every offer, in few bundles: those with few kinds first, each where there
    is room."""
    found: list[Bundle] = []
    most = min(MOST, rows // SHARE)
    for name, of in sorted(kinds.items(), key=lambda item: int(item[1].max(initial=0))):
        for at, bundle in enumerate(found):
            if (joined := bundle.with_(name, of, most)) is not None:
                found[at] = joined
                break
        else:
            found.append(Bundle.alone(name, of))
    return tuple(found)


def added_up(bundle: Bundle, parts: Sequence[tuple[str, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """(n_joint, m) the sum of what the comparisons of a bundle say: by name and (n_kinds, m)."""
    total: NDArray[np.float32] | None = None
    for name, sums in parts:
        said = sums[bundle.kinds[name]]
        total = said if total is None else np.add(total, said, out=total)
    assert total is not None
    return total
