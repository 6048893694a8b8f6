from datetime import date

import numpy as np
import pytest

from matchhub.matcher import ANY, SetColumn, Table
from matchhub.matcher.table import day_of, DAYS_UNKNOWN


def test_an_empty_set_is_silence_and_any_is_an_answer():
    column = SetColumn.of([["a", "b"], [], None, [ANY]])

    assert column.known.tolist() == [True, False, False, True]
    assert column.anything.tolist() == [False, False, False, True]
    assert [column.row(at) for at in range(4)] == [("a", "b"), (), (), (ANY,)]


def test_none_is_unknown_in_every_kind_of_column():
    table = Table.of([1], numbers={"x": [None]}, texts={"t": [None]}, dates={"d": [None]})

    assert np.isnan(table.number("x")[0])
    assert table.text("t") == ("",)
    assert table.day("d")[0] == DAYS_UNKNOWN
    assert day_of(DAYS_UNKNOWN) is None


def test_a_column_that_is_absent_is_silent_in_every_row():
    table = Table.of([1, 2])

    assert np.isnan(table.number("x")).all()
    assert not table.codes("s").known.any()
    assert table.text("t") == ("", "")


def test_a_date_comes_back_as_it_went_in():
    table = Table.of([1], dates={"d": [date(2026, 6, 1)]})

    assert day_of(int(table.day("d")[0])) == date(2026, 6, 1)


def test_rows_are_taken_in_the_order_asked_and_may_repeat():
    table = Table.of([1, 2, 3], numbers={"x": [1, 2, 3]}, sets={"s": [["a"], ["b"], None]}).take([2, 0, 0])

    assert table.ids == (3, 1, 1)
    assert table.number("x").tolist() == [3, 1, 1]
    assert [table.codes("s").row(at) for at in range(3)] == [(), ("a",), ("a",)]


def test_a_column_of_another_length_is_refused_by_name():
    with pytest.raises(ValueError, match="ticket_min"):
        Table.of([1, 2], numbers={"ticket_min": [1.0]})
