"""Office files are zip archives: how many entries, how big, and whether anything in them could run."""

import io
import zipfile
import zlib
from collections.abc import Callable

from matchhub.core import errors
from matchhub.core.labels import N_

MAX_ENTRIES = 500
MAX_RATIO = 200
CHUNK = 1 << 16
UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
PROGRAMS = ("vbaproject.bin", ".exe", ".dll", ".zip", ".js", ".vbs", ".xlsm", ".docm", ".pptm")
ENTRY_MARK = b"PK\x01\x02"


def unreadable() -> errors.Invalid:
    """The one answer to every archive that is not what it should be."""
    return errors.Invalid(N_("这个文件读不出来，请另存为不加密的文件再上传"), field="file")


def check_office(content: bytes, *, max_expanded: int) -> None:
    """Refuse an Office file that is a bomb, encrypted, carries a program or lies about its sizes. Raises Invalid."""
    for _ in expanded(content, max_expanded=max_expanded, wanted=lambda name: True):
        pass


def expanded(content: bytes, *, max_expanded: int, wanted: Callable[[str], bool]) -> list[tuple[str, bytes]]:
    """Name and bytes of the entries that `wanted(name)` says, counted as they come out. Raises Invalid."""
    if content.count(ENTRY_MARK) > 4 * MAX_ENTRIES:
        raise unreadable()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            parts = _checked(source.infolist(), max_expanded)
            return [(part.filename, _bytes_of(source, part)) for part in parts if wanted(part.filename)]
    except UNREADABLE as error:
        raise unreadable() from error


def _checked(parts: list[zipfile.ZipInfo], max_expanded: int) -> list[zipfile.ZipInfo]:
    names = [part.filename for part in parts]
    if len(parts) > MAX_ENTRIES or len(set(names)) != len(names) or any(map(_is_odd, parts)):
        raise unreadable()
    if any(name.lower().endswith(PROGRAMS) for name in names):
        raise errors.Invalid(N_("文件里有宏或程序，请去掉后再上传"), field="file")
    if sum(part.file_size for part in parts) > max_expanded:
        raise unreadable()
    return parts


def _is_odd(part: zipfile.ZipInfo) -> bool:
    encrypted, link = part.flag_bits & 0x1, (part.external_attr >> 28) == 0xA
    outside = part.filename.startswith("/") or ".." in part.filename.split("/")
    return bool(encrypted or link or outside or part.file_size > max(2**20, part.compress_size * MAX_RATIO))


def _bytes_of(source: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    pieces, total = [], 0
    with source.open(part) as stream:
        while piece := stream.read(CHUNK):
            total += len(piece)
            if total > part.file_size:
                raise zipfile.BadZipFile("more than it said")
            pieces.append(piece)
    return b"".join(pieces)
