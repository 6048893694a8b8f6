"""Both languages, always: every string has its English, with the same places in it and no Chinese left over."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACES = re.compile(r"%\((\w+)\)s|%%")
CHINESE = re.compile("[\u4e00-\u9fff]")
COUNTED = re.compile(r"%\((\w+)\)[sd] (?:[a-z-]+ ){0,2}?([a-z-]+s|people|are|were|have)\b")
NUMBERS = {  # places that hold a number which may be one; a limit is `most`, `least`, `max`, `cap`, `enough`: never one
    "capacity", "count", "days", "done", "hours", "left", "minutes", "months", "more", "num", "number", "of", "open",
    "pages", "people", "places", "points", "reserves", "seconds", "shown", "stated", "ticket", "told", "total", "wins",
}  # fmt: skip
SINGULAR = {"is", "progress", "this", "was", "has", "as", "times", "its", "yes", "us"}  # end in s and count nothing
KEPT = {"中文"}  # the name of the language in the language


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every string that the code and the templates use now."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "translations/babel.cfg"]
    command += ["-k", "N_", "-k", "NP_:1c,2", "-k", "NN_:1,1", "--no-location", "--ignore-dirs", "styleguide"]
    command += ["-o", str(target), "."]
    subprocess.run(command, cwd=ROOT, check=True)
    return read_po(io.BytesIO(target.read_bytes()))


@pytest.fixture(scope="module")
def english() -> Catalog:
    return read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="en")


def words(message: Message) -> list[str]:
    found = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return [str(text or "") for text in found]


def test_every_string_is_translated(used: Catalog, english: Catalog) -> None:
    missing = []
    for message in used:
        if message.id:
            found = english.get(message.id, message.context)
            if found is None or found.fuzzy or not all(words(found)):
                missing.append(message.id)

    assert missing == []


def test_no_translation_is_left_without_its_string(used: Catalog, english: Catalog) -> None:
    assert [m.id for m in english if m.id and used.get(m.id, m.context) is None] == []


def test_translations_keep_the_places(english: Catalog) -> None:
    wrong = []
    for message in english:
        if message.id:
            first = message.id[0] if isinstance(message.id, tuple | list) else message.id
            wanted = set(PLACES.findall(str(first)))
            wrong += [text for text in words(message) if not set(PLACES.findall(text)) <= wanted]

    assert wrong == []


def test_what_is_counted_has_its_singular(english: Catalog) -> None:
    assert [m.string for m in english if m.id and isinstance(m.string, str) and counts(m.string)] == []


@pytest.mark.parametrize("text", ["%(count)s firms", "Told: %(num)s more people.", "%(days)s working days left"])
def test_a_count_without_its_singular_is_found(text: str) -> None:
    assert counts(text)


@pytest.mark.parametrize("text", ["Firms: %(count)s", "%(who)s asks", "At most %(most)s lines", "%(yes)s yes"])
def test_what_needs_no_singular_is_left_alone(text: str) -> None:
    assert not counts(text)


def counts(text: str) -> bool:
    """Whether a number stands before a plural, so that one of them would read wrong."""
    return any(name in NUMBERS and noun not in SINGULAR for name, noun in COUNTED.findall(text))


def test_the_english_holds_no_chinese(english: Catalog) -> None:
    assert [text for m in english if m.id for text in words(m) if CHINESE.search(text) and text not in KEPT] == []
