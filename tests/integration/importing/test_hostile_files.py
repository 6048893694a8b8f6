"""Files that are broken, huge or dangerous are refused in words, and nothing is kept of them."""

import io
import zipfile

import pytest

from matchhub.core.sheets import workbook
from matchhub.core.uploads import StoredFile
from tests.cast import Cast
from tests.integration.importing.conftest import all_of, csv_of, MANDATE, MANDATES, send, sheet_of, SignIn


def remade(content: bytes, **parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, text in parts.items():
            new.writestr(name, text)
    return target.getvalue()


GOOD = sheet_of(MANDATES, MANDATE)
SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ONE_CELL = '<sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row></sheetData>'
WITH_FORMULA = f'<worksheet xmlns="{SPACE}">{ONE_CELL}</worksheet>'.encode()
HOSTILE = {
    "a bomb": (remade(GOOD, **{"xl/media/x.bin": b"\0" * (300 * 2**20)}), "读不出来"),
    "a macro": (remade(GOOD, **{"xl/vbaProject.bin": b"x"}), "宏"),
    "a formula": (remade(GOOD, **{SHEET: WITH_FORMULA}), "公式"),
    "too many rows": (csv_of(MANDATES, *[("x",)] * 100_000), "最多"),
    "too many rows in a workbook": (workbook("表", MANDATES, [("x",)] * 1_500), "最多"),
    "UTF-16": (csv_of(MANDATES, MANDATE, encoding="utf-16"), "xlsx"),
    "no encoding": (b"\x81\x00\xff\xfe,x\r\n", "csv"),
    "broken quotes": ('名称,轮次\r\n"x,y\r\n'.encode(), "读不出来"),
    "another table": (csv_of(("甲", "乙"), ("1", "2")), "没有「名称」这一列"),
    "only the header": (csv_of(MANDATES), "表格是空的"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "格式"),
    "a column twice": (csv_of(("名称", "名称"), ("x", "y")), "有两遍"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_words_and_not_kept(market: Cast, sign_in: SignIn, name: str) -> None:
    content, words = HOSTILE[name]
    response = send(sign_in(market.yuanshan), "equity-offers", content)

    assert response.status_code == 422
    assert words in response.text
    assert all_of(StoredFile) == []


def test_the_same_file_without_the_harm_is_taken(market: Cast, sign_in: SignIn) -> None:
    assert send(sign_in(market.yuanshan), "equity-offers", remade(GOOD)).status_code == 302


def test_nothing_chosen_is_told_on_the_field(market: Cast, sign_in: SignIn) -> None:
    response = sign_in(market.yuanshan).post("/imports/equity-offers", data={})

    assert response.status_code == 422 and "请选择一个文件" in response.text


def test_text_that_begins_like_a_formula_is_refused_in_its_cell(market: Cast, sign_in: SignIn) -> None:
    client = sign_in(market.yuanshan)
    response = send(client, "equity-offers", csv_of(("名称", "说明"), ("好的", "=cmd|' /C calc'!A0")))

    assert "这一格是公式" in client.get(response.location).text
