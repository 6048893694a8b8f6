"""Documents as pictures, page by page: drawn once in a child process, kept on disk under the document's hash.

The kept pictures carry no watermark; whoever hands one out stamps it (`core.watermark`). All of this is slow: call it
with no transaction open. The folder may be emptied at any time: what is missing is drawn again.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.core.page_renderer import ENCRYPTED
from matchhub.core.uploads import KINDS
from matchhub.settings import ROOT

MOST_PAGES = 300  # what is shown of a longer document
AT_ONCE = 8  # pages drawn by one child: the reader scrolls on
MEMORY_BYTES = 600 * 2**20
CPU_SECONDS = 10
WALL_SECONDS = 20
WAIT_SECONDS = 25
RETRY_SECONDS = 3600  # a page or a document that failed is not tried again before
SHOWN = frozenset({KINDS["pdf"], KINDS["png"], KINDS["jpg"]})

_children = threading.BoundedSemaphore(2)
_turns = tuple(threading.Lock() for _ in range(64))


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document: where its bytes lie, their SHA-256, and the folder for the pictures of all documents."""

    path: Path
    sha256: str
    kept: Path

    @property
    def folder(self) -> Path:
        """Where this document's pictures lie."""
        return self.kept / self.sha256[:2] / self.sha256


@dataclass(frozen=True, slots=True)
class Outline:
    """How many pages a document has, and the sizes in pixels of those that are shown."""

    count: int
    sizes: tuple[tuple[int, int], ...]


class Unreadable(errors.Invalid):
    """The document cannot be drawn; the words say how its owner can mend it."""


def is_shown(media_type: str) -> bool:
    """Whether documents of this kind can be looked at here; the others can only be downloaded."""
    return media_type in SHOWN


def outline(document: Document) -> Outline:
    """The document's pages. Raises Unreadable (field `file`), Busy."""
    path = document.folder / "outline.json"
    if not path.exists():
        with _turn(document):
            if not path.exists():
                _look(document, path)
    found = json.loads(path.read_text(encoding="ascii"))
    if "failed" in found:
        _expire(path)
        raise _unreadable(found["failed"])
    return Outline(found["count"], tuple((width, height) for width, height in found["sizes"]))


def picture(document: Document, number: int) -> bytes:
    """Page `number` (from 1) as a JPEG without watermark. Raises NotFound (no such page), Unreadable, Busy."""
    shown = len(outline(document).sizes)
    if not 1 <= number <= shown:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    path, failed = document.folder / f"{number:04}.jpg", document.folder / f"{number:04}.failed"
    if not path.exists() and not _is_recent(failed):
        with _turn(document):
            if not path.exists() and not _is_recent(failed):
                _draw(document, number, shown)
    if not path.exists():
        raise Unreadable(N_("这一页显示不出来"), field="file")
    return path.read_bytes()


def sweep(kept: Path, *, older_than: float) -> int:
    """Remove the pictures of documents that nobody has opened since `older_than` (seconds since 1970); how many documents."""
    gone = 0
    for folder in kept.glob("??/*"):
        if max((file.stat().st_atime for file in folder.iterdir()), default=0.0) < older_than:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _look(document: Document, path: Path) -> None:
    """Ask for the outline and keep the answer, a failure too: a document that breaks the renderer is not tried at each click."""
    ended, said = _run(document, 0, 0)
    try:
        found = json.loads(said)
    except ValueError:
        found = {"failed": "encrypted" if ended == ENCRYPTED else "broken"}
    _write(path, json.dumps(found))


def _draw(document: Document, number: int, shown: int) -> None:
    _run(document, number, min(number + AT_ONCE - 1, shown))
    if not (document.folder / f"{number:04}.jpg").exists():
        _write(document.folder / f"{number:04}.failed", "")


def _run(document: Document, first: int, last: int) -> tuple[int, bytes]:
    """How the child ended, and what it said. It inherits no environment: no secrets, no address of the database."""
    document.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [
        sys.executable, "-m", "matchhub.core.page_renderer", str(document.path.resolve()), str(document.folder.resolve()),
        str(first), str(last), str(MOST_PAGES), str(MEMORY_BYTES), str(CPU_SECONDS),
    ]  # fmt: skip
    if not _children.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={}, stdin=subprocess.DEVNULL, capture_output=True, timeout=WALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, b""
    finally:
        _children.release()
    return done.returncode, done.stdout


@contextmanager
def _turn(document: Document) -> Iterator[None]:
    """One at a time for each document: the pictures of a page are asked for together and drawn once."""
    lock = _turns[int(document.sha256[:8], 16) % len(_turns)]
    if not lock.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    try:
        yield
    finally:
        lock.release()


def _busy() -> errors.Busy:
    return errors.Busy(N_("人多，几秒后再试，内容还在"))


def _unreadable(failed: str) -> Unreadable:
    if failed == "encrypted":
        return Unreadable(N_("这个 PDF 设了密码，去掉密码后再上传"), field="file")
    return Unreadable(N_("这个文件打不开，请重新导出后再上传"), field="file")


def _is_recent(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < RETRY_SECONDS
    except FileNotFoundError:
        return False


def _expire(path: Path) -> None:
    if not _is_recent(path):
        path.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="ascii") as part:
        part.write(text)
    Path(part.name).replace(path)
