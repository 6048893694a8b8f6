"""One cell becomes what a browser would have sent for its field, or a refusal that says how to mend it."""

import difflib
import re
import unicodedata
from datetime import date, datetime

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, clean_text
from matchhub.importing.kinds import Column, ColumnForm

SEPARATORS = "、;；,，|\n"
NEAR = 0.45


def text_of(cell: Cell) -> str:
    """A cell as text; a day as 2026-12-31."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return clean_text("" if cell is None else str(cell)).strip()


def folded(text: str) -> str:
    """A header or word without what does not tell words apart: case, width, spaces, a mark for what is needed, a unit."""
    plain = re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", text)).casefold()
    return re.sub(r"\((?:必填|needed|万元|%)\)$", "", plain) or plain


def raw_values(column: Column, cell: Cell) -> list[str]:
    """What a browser would send. Raises Invalid for a formula, an unknown word, a share where percent are meant."""
    text = text_of(cell)
    if text.startswith("="):
        raise errors.Invalid(N_("这一格是公式，请改成文字或数字"))
    if column.form is ColumnForm.RATE and not isinstance(cell, str) and text.startswith("0."):
        raise errors.Invalid(N_("利率写百分数，例如 3.85，不要写成 0.0385"))
    if column.form is ColumnForm.CODES:
        return list(dict.fromkeys(_code(column, word) for word in _split(column, text)))
    if column.form is ColumnForm.LINES:
        return ["\n".join(_split(column, text))]
    if column.form is ColumnForm.CODE:
        return [_code(column, text)] if text else []
    if column.form is ColumnForm.FLAG:
        return ["y"] if text and _code(column, text) == "yes" else []
    return [text]


def _split(column: Column, text: str) -> list[str]:
    """The words of a list; a word of the dictionary that holds a separator itself stays whole."""
    whole = sorted((w for _, *both in column.words for w in both if set(w) & set(SEPARATORS)), key=len, reverse=True)
    pattern = "|".join([*(re.escape(word) for word in whole), f"[^{re.escape(SEPARATORS)}]+"])
    return [word.strip() for word in re.findall(pattern, text) if word.strip()]


def _code(column: Column, word: str) -> str:
    known = {folded(text): code for code, *both in reversed(column.words) for text in (code, *both)}
    if "yes" in known:
        known |= dict.fromkeys(("y", "true", "1", "√", "有"), known["yes"])
        known |= dict.fromkeys(("n", "false", "0", "×", "无"), known.get("no", ""))
    if (found := known.get(folded(word))) is not None:
        return found
    near = nearest(word, [text for _, *both in column.words for text in both])
    if near:
        raise errors.Invalid(N_("没有「%(word)s」，是不是「%(near)s」？"), word=word[:30], near=near)
    raise errors.Invalid(N_("没有「%(word)s」，请从「可用词」页里选"), word=word[:30])


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that looks most like this one; None where none does."""
    folds = {folded(text): text for text in known if text}
    found = difflib.get_close_matches(folded(word), list(folds), n=1, cutoff=NEAR)
    inside = [text for fold, text in folds.items() if len(fold) > 1 and (fold in folded(word) or folded(word) in fold)]
    return folds[found[0]] if found else min(inside, key=len, default=None)


def written(column: Column, raw: list[str], value: object) -> Cell:
    """A stored value as a cell that can be read again: words for codes, 万元, a day as a day."""
    if column.form in (ColumnForm.CODE, ColumnForm.CODES):
        words = {code: zh for code, zh, _en in column.words} | {"True": "是", "False": "否"}
        labels = {"True": "yes", "False": "no"}
        told = [words.get(labels.get(code, code), words.get(code, code)) for code in raw if code]
        return "、".join(told) or None
    if column.form is ColumnForm.FLAG:
        return "是" if raw else "否"
    if isinstance(value, date):
        return value
    text = raw[0] if raw else ""
    is_number = column.form in (ColumnForm.AMOUNT, ColumnForm.WHOLE) and text.isascii() and text.isdigit()
    return int(text) if is_number else text or None
