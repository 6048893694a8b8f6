"""What is drawn by us: a name that the typeface lacks is written by its sound."""

from matchhub.core.fonts import drawable


def test_what_the_typeface_holds_is_left_as_it_is() -> None:
    words = "江城银行 林江 2026-12-01 14:03 · Xinghe（示例）"

    assert drawable(words) == words


def test_a_character_that_the_typeface_lacks_is_written_by_its_sound() -> None:
    assert drawable("林𬭚") == "林Chún"


def test_what_has_neither_picture_nor_sound_stays_a_box() -> None:
    assert drawable("a\U000f0000b") == "a□b"
