"""The outside of scikit-learn's contract: parameters are the constructor's, what is learned ends in an underscore."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from matchhub.matcher.table import Table

T = TypeVar("T")
MOST_KEPT = 8


class Estimator:
    """A dataclass whose init fields are its parameters, so that scikit-learn's clone and searches can handle it."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments; `deep` is accepted for the contract, nothing is nested."""
        assert is_dataclass(self)
        return {part.name: getattr(self, part.name) for part in fields(self) if part.init}

    def set_params(self, **params: Any) -> Self:
        """Change parameters by name; ValueError for one that does not exist."""
        unknown = sorted(params.keys() - self.get_params().keys())
        if unknown:
            raise ValueError(f"no such parameter: {', '.join(unknown)}")
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def remembered(self, what: str, table: Table, build: Callable[[Table], T]) -> T:
        """What `build` makes of a table, made once while the table lives and until the next `forget`."""
        memo: WeakKeyDictionary[Table, dict[str, T]] = self.__dict__.setdefault("_memo", WeakKeyDictionary())
        made = memo.setdefault(table, {})
        if what not in made:
            made[what] = build(table)
        return made[what]

    def made(self, what: str, table: Table) -> Any:
        """What is remembered of a table; None where nothing is."""
        return self.__dict__.get("_memo", {}).get(table, {}).get(what)

    def keep(self, what: str, table: Table, made: Any) -> None:
        """Remember something of a table that was made elsewhere."""
        self.remembered(what, table, lambda _: made)

    def kept(self, key: Hashable, build: Callable[[], T]) -> T:
        """What `build` makes for a key, made once; only the last few keys are kept."""
        held: dict[Hashable, T] = self.__dict__.setdefault("_kept", {})
        made = held.get(key)
        if made is None:
            made = build()
            if len(held) >= MOST_KEPT:
                held.clear()
            held[key] = made
        return made

    def forget(self) -> None:
        """Drop what was made of tables and of keys: call it where something new is learned."""
        self.__dict__.pop("_memo", None)
        self.__dict__.pop("_kept", None)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_memo", "_kept")}
