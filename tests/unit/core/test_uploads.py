"""Uploads: known by their content, not by their name; hostile names are made plain."""

import io
import struct
import zlib
from pathlib import Path

import pytest

from matchhub.core import errors
from matchhub.core.uploads import check, display_name, DOCUMENTS, IMAGES


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\0\0" * 2))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("计划书.pdf", "计划书.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\plan.pdf", "plan.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("gnp.\u202efdp.exe", "gnp.fdp.exe"),
        ("<script>.pdf", "_script_.pdf"),
        ("", "file"),
        ("...", "file"),
        ("\x00.pdf", "pdf"),
    ],
)
def test_a_name_is_safe_to_show(raw: str, shown: str) -> None:
    assert display_name(raw) == shown


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    name = display_name("长" * 500 + ".pdf")

    assert len(name) <= 120
    assert name.endswith(".pdf")


def test_a_real_picture_is_laid_down_under_a_random_key(tmp_path: Path) -> None:
    upload = check(io.BytesIO(png()), "标志.gif", folder=tmp_path, allowed=IMAGES, max_bytes=10_000)

    assert upload.name == "标志.png"  # by its content
    assert (tmp_path / upload.key[:2] / upload.key).read_bytes() == png()


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 100,
        b"GIF89a" + b"\0" * 100,
        b"#!/bin/sh\nrm -rf /\n",
        b"\x7fELF" + b"\0" * 100,
        b"",
    ],
)
def test_what_is_not_of_an_allowed_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(errors.Invalid):
        check(io.BytesIO(content), "plan.pdf", folder=tmp_path, allowed=DOCUMENTS, max_bytes=10_000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.Invalid):
        check(io.BytesIO(png() + b"\0" * 10_000), "a.png", folder=tmp_path, allowed=IMAGES, max_bytes=5_000)


@pytest.mark.parametrize("size", [(100_000, 100_000), (0, 5)])
def test_a_gigantic_picture_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(errors.Invalid):
        check(io.BytesIO(png(*size)), "a.png", folder=tmp_path, allowed=IMAGES, max_bytes=10_000)
