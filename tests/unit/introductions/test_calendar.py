"""Text that goes into a calendar file."""

import pytest

from matchhub.introductions.views.meetings import one_line


@pytest.mark.parametrize(
    ("text", "line"), [("a\r\nATTENDEE:b", "a ATTENDEE:b"), ("\u2028x\ry", "x y"), ("会议室 3；东", "会议室 3；东")]
)
def test_a_line_stays_one_line(text, line):
    assert one_line(text) == line
