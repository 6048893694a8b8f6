"""Excel out and in: text stays text, and a hostile file costs neither time nor memory."""

import io
import time
import zipfile
import zlib

import pytest

from matchhub.core.errors import Invalid
from matchhub.core.sheets import read_rows, workbook

FULL = workbook("名册", ["a", "b"], [["1", "2"]])


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FULL)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes], **options: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return target.getvalue()


def with_sheet(body: str) -> bytes:
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{body}</worksheet>"
    )
    return packed({**parts(), "xl/worksheets/sheet1.xml": xml.encode()})


def encrypted() -> bytes:
    content = bytearray(FULL)
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) != -1:
        content[start + 8] |= 1
        start += 4
    return bytes(content)


def lying() -> bytes:
    """A megabyte that says that it is ten bytes."""
    content = bytearray(packed({**parts(), "xl/worksheets/sheet1.xml": b"<a/>" * 250_000}))
    place = content.find(b"xl/worksheets/sheet1.xml", content.find(b"PK\x01\x02")) - 46
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    return bytes(content)


def doubled() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("xl/workbook.xml", b"<workbook/>")
    return target.getvalue()


LOL = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
)
HOSTILE = {
    "a bomb": packed({**parts(), "xl/sharedStrings.xml": b"\0" * (45 * 2**20)}),
    "a bomb in steps": packed({**parts(), "xl/sharedStrings.xml": b"<si>a</si>" * 4_500_000}),
    "a nested archive": packed({**parts(), "xl/inner.zip": FULL}),
    "a macro": packed({**parts(), "xl/vbaProject.bin": b"\0"}),
    "lying sizes": lying(),
    "encrypted": encrypted(),
    "double entries": doubled(),
    "billion laughs": packed({**parts(), "xl/worksheets/sheet1.xml": LOL}),
    "a cell far out": with_sheet('<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
    "a row far out": with_sheet('<sheetData><row r="1000000"><c><v>1</v></c></row></sheetData>'),
    "a written-out entity": with_sheet('<sheetData><row r="1"><c r="&#88;FD1048576"><v>1</v></c></row></sheetData>'),
    "a vast dimension": with_sheet('<dimension ref="A1:XFD1048576"/><sheetData/>'),
    "a million rows": with_sheet("<sheetData>" + "<row/>" * 1_000_000 + "</sheetData>"),
    "many entries": packed({**parts(), **{f"xl/x{n}.xml": b"" for n in range(3_000)}}),
    "half a file": FULL[: len(FULL) // 2],
    "no workbook": packed({"x.txt": b"x"}),
    "noise": b"PK\x03\x04" + zlib.compress(b"noise" * 1000),
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_a_moment(content: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(Invalid):
        read_rows(content, max_rows=2_000, max_columns=16)
    assert time.monotonic() - started < 5


def test_the_control_a_plain_file_is_read() -> None:
    assert read_rows(packed(parts()), max_rows=2_000, max_columns=16) == [["a", "b"], ["1", "2"]]
    assert read_rows(
        with_sheet('<sheetData><row r="1"><c r="A1"><v>7</v></c></row></sheetData>'), max_rows=9, max_columns=9
    ) == [[7]]


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+86 138 0000 0000", "-5", "-1+1", "@SUM(A1)", "\tx", "http://x.example", "007", "{=1}"],
)
def test_text_comes_back_as_it_was(text: str) -> None:
    content = workbook("x", ["h"], [[text]])

    assert read_rows(content, max_rows=9, max_columns=9)[1] == [text]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_signs_that_xml_cannot_carry_are_left_out() -> None:
    assert read_rows(workbook("x", ["h"], [["a\x00b\x1fc\ufffe"]]), max_rows=9, max_columns=9)[1] == ["abc"]
