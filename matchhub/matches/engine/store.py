"""The artefacts that the worker writes, one line of them for each kind of pairing, and what a process has loaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.matches.engine.scorer import Scorer

if TYPE_CHECKING:
    from matchhub.matcher import Matcher

LOOK_SECONDS = 3.0
log = structlog.get_logger(__name__)


def artefacts(folder: Path) -> list[Path]:
    """The matchers that the worker has written to the folder of a kind, newest first."""
    return sorted(folder.glob("[0-9]*.matcher"), reverse=True)


def save(scorer: Scorer, folder: Path, run_id: int, *, keep: int = 2) -> Path:
    """Write the artefact of a run; it appears whole or not at all, and old ones go."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run_id:010d}.matcher"
    unfinished = path.with_suffix(".part")
    scorer.matcher.save(unfinished)
    unfinished.replace(path)
    for old in [*artefacts(folder)[keep:], *folder.glob("*.joblib")]:  # earlier versions ended like that
        old.unlink(missing_ok=True)
    return path


@dataclass(slots=True)
class Store:
    """The newest scorer of one kind in one data folder, loaded in the background: nobody waits for the import."""

    folder: Path
    kind: PairingKind
    compute: str = ""  # where blocks are compared, see the library's `compute`
    _scorer: Scorer | None = None
    _name: str = ""
    _looked_at: float = -1e9
    _loading: threading.Lock = field(default_factory=threading.Lock)

    def scorer(self) -> Scorer | None:
        """What is loaded; looks for a newer artefact now and then. None while nothing is ready."""
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._looked_at = time.monotonic()
            newest = next(iter(artefacts(self.folder)), None)
            if newest is not None and newest.name != self._name and not self._loading.locked():
                threading.Thread(target=self.load, name="matcher", daemon=True).start()
        return self._scorer

    def load(self) -> Scorer | None:
        """Load the newest artefact now."""
        with self._loading:
            newest = next(iter(artefacts(self.folder)), None)
            if newest is None or newest.name == self._name:
                return self._scorer
            try:
                self.hold(newest.name, Scorer(self.kind, _loaded(newest).set_params(compute=self.compute)))
            except Exception:
                log.exception("matcher artefact cannot be read", artefact=newest.name)
                self._name = newest.name
        return self._scorer

    def hold(self, name: str, scorer: Scorer) -> None:
        """Answer with this scorer from now on."""
        self._scorer, self._name = scorer, name


def _loaded(path: Path) -> Matcher:
    from matchhub.matcher import Matcher  # noqa: PLC0415 -- the matcher is imported late

    return Matcher.load(path)


STORES: dict[str, Mapping[PairingKind, Store]] = {}


def keep_at(database_url: str, data_dir: Path, compute: str = "") -> None:
    """Say where the matchers of a database lie and where they compare; called once when an application is put together."""
    folders = {kind: data_dir / "matcher" / kind.value for kind in PairingKind}
    STORES[str(make_url(database_url))] = {kind: Store(folder, kind, compute) for kind, folder in folders.items()}


def start_loading(database_url: str) -> None:
    """Load the newest matchers in threads of this process: for a web process that has started and will not fork."""
    for held in STORES[str(make_url(database_url))].values():
        held.scorer()


def store(session: Session, kind: PairingKind) -> Store:
    """The store of a kind that belongs to the database of this session."""
    return STORES[str(session.get_bind().engine.url)][kind]
