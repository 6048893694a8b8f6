"""Drawing documents: honest ones come out, hostile ones end the child and nothing else."""

import hashlib
import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from matchhub.core import errors, pages, watermark
from tests import documents


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "pages"


def laid_down(content: bytes, kept: Path) -> pages.Document:
    path = kept.parent / "document"
    path.write_bytes(content)
    return pages.Document(path, hashlib.sha256(content).hexdigest(), kept)


def test_a_page_is_drawn_once_and_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = laid_down(documents.deck("Xinghe", "Carbon fibre"), kept)
    first = pages.picture(document, 1)
    monkeypatch.setattr(pages, "_run", lambda *_: pytest.fail("drawn again"))

    assert pages.picture(document, 1) == first
    assert pages.outline(document) == pages.Outline(1, ((1600, 1131),))
    shown = Image.open(io.BytesIO(first))
    assert shown.size == (1600, 1131) and shown.convert("L").getextrema()[0] < 60, "the title is there"


def test_five_hundred_pages_are_shown_up_to_the_limit_and_drawn_as_they_are_read(kept: Path) -> None:
    document = laid_down(documents.pdf(500), kept)

    outline = pages.outline(document)
    pages.picture(document, 290)

    assert outline.count == 500 and len(outline.sizes) == pages.MOST_PAGES
    drawn = sorted(int(path.stem) for path in document.folder.glob("*.jpg"))
    assert drawn == list(range(290, 290 + pages.AT_ONCE)), "neither those before nor all of them"
    with pytest.raises(errors.NotFound):
        pages.picture(document, 301)
    with pytest.raises(errors.NotFound):
        pages.picture(document, 0)


@pytest.mark.parametrize("box", ["[0 0 1e9 1e9]", "[0 0 14400 14400]", "[0 0 1000000 1]", "[0 0 0 0]", "[5 5 -5 -5]"])
def test_a_page_of_any_size_becomes_a_picture_of_ours(box: str, kept: Path) -> None:
    document = laid_down(documents.pdf(1, box), kept)

    width, height = Image.open(io.BytesIO(pages.picture(document, 1))).size

    assert (width, height) == pages.outline(document).sizes[0] or max(width, height) <= 1601
    assert width * height <= 1601**2


@pytest.mark.parametrize(("content", "word"), [(documents.encrypted(), "密码"), (documents.malformed(), "打不开")])
def test_what_cannot_be_read_is_told_and_not_tried_at_every_click(
    content: bytes, word: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = laid_down(content, kept)

    with pytest.raises(pages.Unreadable, match=word):
        pages.outline(document)
    monkeypatch.setattr(pages, "_run", lambda *_: pytest.fail("tried again"))
    with pytest.raises(pages.Unreadable, match=word):
        pages.picture(document, 1)


def test_a_failure_is_tried_again_after_an_hour(kept: Path) -> None:
    document = laid_down(documents.malformed(), kept)
    with pytest.raises(pages.Unreadable):
        pages.outline(document)
    long_ago = time.time() - pages.RETRY_SECONDS - 1
    os.utime(document.folder / "outline.json", (long_ago, long_ago))
    document.path.write_bytes(documents.pdf())  # as if the renderer could read it by now

    with pytest.raises(pages.Unreadable):
        pages.outline(document)

    assert pages.outline(document).count == 1


def test_a_page_that_never_ends_is_cut_off_and_the_others_stay(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CPU_SECONDS", 1)
    document = laid_down(documents.endless(), kept)
    started = time.monotonic()

    with pytest.raises(pages.Unreadable):
        pages.picture(document, 1)

    assert time.monotonic() - started < 15
    assert pages.picture(laid_down(documents.pdf(), kept), 1)


def test_the_child_cannot_have_more_memory_than_it_is_given() -> None:
    code = "from matchhub.core import page_renderer as r; r.limit(300 * 2**20, 5); print(len(bytearray({} * 2**20)))"
    small = subprocess.run([sys.executable, "-c", code.format(50)], capture_output=True, check=False)
    large = subprocess.run([sys.executable, "-c", code.format(900)], capture_output=True, check=False)

    assert small.returncode == 0, "the control: what is within the limit is had"
    assert large.returncode != 0 and b"MemoryError" in large.stderr


def test_the_child_gets_no_secrets(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHHUB_SECRET_KEY", "canary-in-the-environment")
    seen = {}
    run = subprocess.run

    def watched(command: list[str], **options: object) -> object:
        seen.update(options, command=command)
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pages.subprocess, "run", watched)
    pages.outline(laid_down(documents.pdf(), kept))

    assert seen["env"] == {} and "canary" not in " ".join(seen["command"])


def test_many_readers_of_one_page_draw_it_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, runs, run = laid_down(documents.pdf(4), kept), [], pages._run
    monkeypatch.setattr(pages, "_run", lambda *given: runs.append(given) or run(*given))

    with ThreadPoolExecutor(8) as readers:
        found = set(readers.map(lambda number: len(pages.picture(document, number)), [1, 2, 3, 4] * 4))

    drawn = [first for _, first, _ in runs]
    assert found and drawn.count(0) == 1, "one outline"
    assert len(drawn) == len(set(drawn)), "and nobody starts where somebody else has drawn"


def test_pictures_are_shown_on_white_and_never_larger_than_a_page(kept: Path) -> None:
    small = Image.open(io.BytesIO(pages.picture(laid_down(documents.picture(40, 30), kept), 1)))
    large = Image.open(io.BytesIO(pages.picture(laid_down(documents.picture(4000, 1000, "JPEG"), kept), 1)))

    assert small.size == (40, 30) and large.size == (1600, 400)


def test_what_nobody_has_opened_for_long_is_swept_away(kept: Path) -> None:
    old, new = laid_down(documents.pdf(1), kept), laid_down(documents.pdf(2), kept)
    old = pages.Document(new.path, old.sha256, kept)
    pages.outline(new)
    new.path.write_bytes(documents.pdf(1))
    pages.outline(old)
    for file in old.folder.iterdir():
        os.utime(file, (1, 1))

    assert pages.sweep(kept, older_than=1000) == 1
    assert new.folder.exists() and not old.folder.exists()
    assert pages.outline(old).count == 1, "and is drawn again when it is asked for"


def test_the_watermark_changes_the_page_and_differs_by_reader(kept: Path) -> None:
    page = pages.picture(laid_down(documents.pdf(), kept), 1)

    mine = watermark.stamped(page, "远山资本 · 林雀 · 2026-11-23 11:42 · 7F3K9Q2A")
    yours = watermark.stamped(page, "北渡创投 · 周舟 · 2026-11-23 11:42 · 2A9Q7F3K")

    plain = Image.open(io.BytesIO(page)).convert("L")
    stamped = Image.open(io.BytesIO(mine)).convert("L")
    assert plain.getextrema() == (255, 255), "the control: the page itself is white"
    for box in ((0, 0, 600, 800), (531, 0, 1131, 800), (0, 800, 600, 1600), (531, 800, 1131, 1600)):
        assert stamped.crop(box).getextrema()[0] < 220, "words in every quarter"
    assert mine != yours


@pytest.mark.parametrize("ground", ["white", "black", "steelblue"])
def test_the_watermark_can_be_seen_on_any_ground(ground: str) -> None:
    target = io.BytesIO()
    Image.new("RGB", (800, 600), ground).save(target, "JPEG")
    before = Image.open(target).convert("L").getextrema()
    top = Image.open(io.BytesIO(watermark.stamped(target.getvalue(), "远山资本 · 7F3K9Q2A"))).convert("L")

    low, high = top.crop((0, 0, 800, 500)).getextrema()

    assert high - low > before[1] - before[0] + 30


def test_a_copy_is_a_pdf_of_pictures(kept: Path) -> None:
    page = pages.picture(laid_down(documents.pdf(), kept), 1)

    copy = pypdfium2.PdfDocument(watermark.pdf_of(iter([page, page, page])))

    assert len(copy) == 3
    assert copy[2].get_size() == pytest.approx((565.5, 800), abs=1)
    assert copy[0].get_textpage().get_text_bounded() == ""
