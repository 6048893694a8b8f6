"""Where blocks of rows are compared: in this process, in several on this machine, or on a Dask cluster, all through joblib.

The blocks are the same everywhere and each has one thread, so that the same floats come out wherever they are computed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import joblib
from threadpoolctl import threadpool_limits

from matchhub.matcher.estimator import Estimator
from matchhub.matcher.table import Table

S = TypeVar("S")
B = TypeVar("B")
R = TypeVar("R")
DASK = "dask://"


def check(where: str) -> None:
    """Raise ValueError for what is neither empty, a number of processes, nor dask://host:port."""
    host, _, port = where.removeprefix(DASK).rpartition(":")
    is_cluster = where.startswith(DASK) and bool(host) and port.isdecimal()
    if where and not is_cluster and not (where.isdecimal() and int(where) > 0):
        raise ValueError(f"neither a number of processes nor dask://host:port: {where!r}")


def run(work: Callable[[S, B], R], held: S, blocks: Iterable[B], where: str = "") -> Iterator[R]:
    """`work(held, block)` for every block, in their order. `held` goes to each worker once; it and the blocks are pickled
    unless `where` is empty or one process."""
    check(where)
    if where in ("", "1"):
        for block in blocks:
            with threadpool_limits(1):
                yield work(held, block)
    elif where.startswith(DASK):
        with _cluster(where, held):
            tasks = (joblib.delayed(_single)(work, held, block) for block in blocks)
            yield from joblib.Parallel(batch_size=1, pre_dispatch="all")(tasks)
    else:
        with _file_of(held) as path:
            tasks = (joblib.delayed(_from_file)(work, path, block) for block in blocks)
            yield from joblib.Parallel(n_jobs=int(where), backend="loky", batch_size=1, return_as="generator")(tasks)


@contextmanager
def _cluster(where: str, held: object) -> Iterator[None]:
    from distributed import Client  # noqa: PLC0415 -- an optional extra, needed for a cluster only

    connect: Any = Client  # untyped where it is installed, unknown where it is not
    with (
        connect(f"tcp://{where.removeprefix(DASK)}", set_as_default=False) as client,
        joblib.parallel_config(backend="dask", client=client, scatter=[held]),
    ):
        yield


@contextmanager
def _file_of(held: object) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="matchhub-"))
    try:
        joblib.dump(held, folder / "held")
        yield folder / "held"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _single(work: Callable[[S, B], R], held: S, block: B) -> R:
    with threadpool_limits(1):
        return work(held, block)


def _from_file(work: Callable[[Any, B], R], path: Path, block: B) -> R:
    return _single(work, _read(path), block)


@lru_cache(maxsize=1)
def _read(path: Path) -> Any:
    """What one call of `run` holds, read once by each process."""
    return joblib.load(path)


class Prepared(Generic[S]):
    """Estimators with a table and what they have made of it, so that who unpickles it need not make it again."""

    def __init__(self, body: S, estimators: Callable[[S], Iterable[Estimator]], table: Table) -> None:
        self.body, self.estimators, self.table = body, estimators, table

    def __getstate__(self) -> dict[str, Any]:
        memos = [part.__dict__.get("_memo", {}).get(self.table, {}) for part in self.estimators(self.body)]
        return {**self.__dict__, "memos": memos}

    def __setstate__(self, state: dict[str, Any]) -> None:
        memos = state.pop("memos")
        self.__dict__.update(state)
        for part, memo in zip(self.estimators(self.body), memos, strict=True):
            part.__dict__["_memo"] = WeakKeyDictionary({self.table: memo})
