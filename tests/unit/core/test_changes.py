"""What changed between two texts is marked by the word, and both texts can be put together again."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core.changes import MOST_TOKENS, Piece, word_changes


def marked(pieces: list[Piece]) -> str:
    return "".join(f"[{text}]" if changed else text for text, changed in pieces)


@pytest.mark.parametrize(
    ("before", "after", "gone", "come"),
    [
        ("员工 18 人", "员工 26 人", "员工 [18] 人", "员工 [26] 人"),
        ("高模量碳纤维部件", "高模量碳纤维部件与原丝", "高模量碳纤维部件", "高模量碳纤维部件[与原丝]"),
        ("研发3.5万元", "研发4.5万元", "研发[3.5]万元", "研发[4.5]万元"),
        ("same words", "same words", "same words", "same words"),
        ("鄂城区创业大道", "葛店创新大道", "[鄂城区创业]大道", "[葛店创新]大道"),
    ],
)
def test_the_changed_words_are_marked(before: str, after: str, gone: str, come: str) -> None:
    old, new = word_changes(before, after)

    assert (marked(old), marked(new)) == (gone, come)


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_are_the_texts(before: str, after: str) -> None:
    old, new = word_changes(before, after)

    assert "".join(text for text, _ in old) == before
    assert "".join(text for text, _ in new) == after
    assert all(one[1] != other[1] for pieces in (old, new) for one, other in pairwise(pieces))


@given(st.text(max_size=60))
def test_the_same_text_has_no_change(text: str) -> None:
    assert not any(changed for _, changed in word_changes(text, text)[1])


def test_a_very_long_text_is_changed_as_a_whole() -> None:
    old, new = word_changes("甲" * (MOST_TOKENS + 1), "乙")

    assert [changed for _, changed in (*old, *new)] == [True, True]
