"""Files from outside: size and kind are checked by content, the name is only shown, the bytes lie under a random id."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

import filetype
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import errors
from matchhub.core.archives import check_office
from matchhub.core.db import Base, db, UtcDateTime
from matchhub.core.images import without_metadata
from matchhub.core.labels import N_

KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv",
}
DOCUMENTS = frozenset({"pdf", "png", "jpg", "docx", "pptx"})
IMAGES = frozenset({"png", "jpg"})
OFFICE = frozenset({"docx", "xlsx", "pptx"})
MAX_PIXELS = 40_000_000
MAX_EXPANDED = 200 * 2**20


class StoredFile(Base):
    """An accepted upload; the bytes lie in the file store under `key`."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    organization_id: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    uploaded_by_id: Mapped[int | None]


@dataclass(frozen=True, slots=True)
class CheckedUpload:
    """Bytes that passed the checks and were laid down, not yet known to the database."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str


def display_name(raw: str) -> str:
    """A name that is safe to show and to offer for download: no path, no control or direction marks, 120 characters."""
    name = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"})
    name = re.sub(r'[<>:"|?*]+', "_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:110]}{dot}{ending[:9]}" if dot else name[:120] or "file"


def check(stream: BinaryIO, raw_name: str, *, folder: Path, allowed: frozenset[str], max_bytes: int) -> CheckedUpload:
    """Look at the bytes and lay them down under `folder`. Call outside the write phase: it is slow.

    Raises Invalid (field `file`) with words that say how to mend it.
    """
    content = stream.read(max_bytes + 1)
    name = display_name(raw_name)
    if not content:
        raise errors.Invalid(N_("文件是空的，请重新选择"), field="file")
    if len(content) > max_bytes:
        raise errors.Invalid(N_("文件不要超过 %(megabytes)s MB"), field="file", megabytes=max_bytes // 2**20)
    kind = filetype.guess_extension(content[:8192]) or ("csv" if "csv" in allowed and b"\x00" not in content else "")
    if kind not in allowed:
        raise errors.Invalid(N_("请上传 %(kinds)s 格式的文件"), field="file", kinds=" / ".join(sorted(allowed)))
    if kind in IMAGES:
        content = _clean_image(content, kind)
    elif kind in OFFICE:
        check_office(content, max_expanded=MAX_EXPANDED)
    key = token_hex(16)
    target = folder / key[:2] / key
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    stem = name.rsplit(".", 1)[0]
    return CheckedUpload(key, f"{stem}.{kind}", KINDS[kind], len(content), hashlib.sha256(content).hexdigest())


def _clean_image(content: bytes, kind: str) -> bytes:
    """Refuse gigantic pictures by their header alone; where and with what it was taken stays out."""
    width, height = _png_size(content) if kind == "png" else _jpeg_size(content)
    if width * height > MAX_PIXELS or not width or not height:
        raise errors.Invalid(N_("图片太大，请缩小到 4000 万像素以内"), field="file")
    return without_metadata(content, kind)


def _png_size(content: bytes) -> tuple[int, int]:
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    position = 2
    while position + 9 < len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return (
                int.from_bytes(content[position + 7 : position + 9], "big"),
                int.from_bytes(content[position + 5 : position + 7], "big"),
            )
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return 0, 0


def keep(upload: CheckedUpload, *, organization_id: int | None, user_id: int | None, now: datetime) -> StoredFile:
    """Make a checked upload known, in the present write transaction."""
    row = StoredFile(
        key=upload.key,
        organization_id=organization_id,
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        sha256=upload.sha256,
        uploaded_at=now,
        uploaded_by_id=user_id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def path_of(row: StoredFile, folder: Path) -> Path:
    """Where the bytes of `row` lie."""
    return folder / row.key[:2] / row.key
