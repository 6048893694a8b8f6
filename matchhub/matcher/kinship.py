"""How near two codes are: in a tree of industries or regions, on a ladder of rounds, or only by being the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from matchhub.matcher.table import Block

COUNTRY = "CN"
GBT_2260_LENGTH = 6


class Kinship(Protocol):
    """Nearness of every code asked to every code offered."""

    def nearness(self, asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
        """(len(asked), len(offered)) float32 in [0, 1]; 1 is as good as the same code."""
        ...


class Tree(Protocol):
    """A hierarchy of codes."""

    def path(self, code: str) -> tuple[str, ...]:
        """The code and all that contain it, widest first."""
        ...


@dataclass(frozen=True)
class DottedTree:
    """Codes that carry their parents: "new_materials.carbon_fibre" lies in "new_materials"."""

    def path(self, code: str) -> tuple[str, ...]:
        """The code and all that contain it, widest first."""
        parts = code.split(".")
        return tuple(".".join(parts[: depth + 1]) for depth in range(len(parts)))


@dataclass(frozen=True)
class RegionTree:
    """Districts in cities in provinces in the country, by the prefixes of GB/T 2260.

    `parents` places the codes that the standard does not know, such as a functional zone: {"EZ-GD": "420700"}.
    """

    parents: Mapping[str, str] = field(default_factory=dict)

    def path(self, code: str) -> tuple[str, ...]:
        """The code and all that contain it, widest first; an unknown local code stands alone."""
        if code in self.parents:
            return (*self.path(self.parents[code]), code)
        if len(code) != GBT_2260_LENGTH or not code.isdecimal():
            return (code,)
        levels = [code[:2], code[:4], code]
        named = [level for level in levels if level[-2:] != "00"]
        return (COUNTRY,) if code.startswith(("00", "10")) else (COUNTRY, *named)


@dataclass(frozen=True)
class Kin:
    """Nearness in a tree.

    1 where the offered code is the asked one or contains it (who covers a province covers its districts; who backs an
    industry backs its parts). Otherwise `shared[d]` for the d levels that both paths share, and the last entry beyond;
    an asked code that is only wider than the offered one shares the levels that it has.
    """

    tree: Tree
    shared: tuple[float, ...]

    def nearness(self, asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
        """(len(asked), len(offered)) float32 in [0, 1]."""
        ours, theirs = [self.tree.path(code) for code in asked], [self.tree.path(code) for code in offered]
        depth = np.array([[_common(a, b) for b in theirs] for a in ours], dtype=np.int64).reshape(
            len(ours), len(theirs)
        )
        partial = np.array(self.shared, dtype=np.float32)[np.minimum(depth, len(self.shared) - 1)]
        covers = depth == np.array([len(path) for path in theirs], dtype=np.int64)[None, :]
        return np.where(covers, np.float32(1), partial).astype(np.float32)


@dataclass(frozen=True)
class Ladder:
    """Nearness of steps in an order, such as rounds: 1 for the same, `step` per step apart, 0 beyond `reach`.

    A code that is not on the ladder (a strategic round) is near itself only.
    """

    order: tuple[str, ...]
    step: float = 0.5
    reach: int = 2

    def nearness(self, asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
        """(len(asked), len(offered)) float32 in [0, 1]."""
        apart = np.abs(self.rungs(asked)[:, None] - self.rungs(offered)[None, :])
        near = np.where(apart <= self.reach, self.step**apart, 0.0)
        return np.where(np.isnan(apart), same(asked, offered), near).astype(np.float32)

    def rungs(self, codes: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """(n,) place on the ladder, NaN for a code that is not on it."""
        place = {code: float(rung) for rung, code in enumerate(self.order)}
        return np.array([place.get(code, np.nan) for code in codes], dtype=np.float64)


@dataclass(frozen=True)
class Same:
    """Only the same code is near."""

    def nearness(self, asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
        """(len(asked), len(offered)) float32, 0 or 1."""
        return same(asked, offered)


def same(asked: tuple[str, ...], offered: tuple[str, ...]) -> Block:
    """(len(asked), len(offered)) 1 where the codes are equal."""
    place = {code: column for column, code in enumerate(offered)}
    block = np.zeros((len(asked), len(offered)), dtype=np.float32)
    for row, code in enumerate(asked):
        if code in place:
            block[row, place[code]] = 1
    return block


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many levels two paths share from the top."""
    return next(
        (depth for depth, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
