"""Every feature, at every value, from both sides, says something true in the right place."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from matchhub.matches import reasons, telling
from matchhub.matches.comparison import Fact
from matchhub.matches.engine.speaking import chosen
from matchhub.matches.enums import Side
from matchhub.matches.kinds.saying import strong_from
from matchhub.matches.reasons import Sight

OPEN_TEXT = "碳纤维 预浸料"
SAID: dict[str, dict[str, Any]] = {
    "industry": {"need": ("health.biotech",), "offer": ("new_materials",), "nearest": (("health.biotech", "health"),)},
    "round": {"need": ("angel",), "offer": ("a", "b"), "nearest": (("angel", "a"),)},
    "amount": {"need": (5_000_000.0, 8_000_000.0), "offer": (20_000_000.0, 50_000_000.0)},
    "region": {"need": ("420704",), "offer": ("420000",), "nearest": (("420704", "420000"),)},
    "instrument": {"need": ("equity",), "offer": ("equity",), "nearest": (("equity", "equity"),)},
    "text": {"common": ("碳纤维", "纤维"), "need": 40, "offer": 40},
    "qualification": {"need": ("hnte",), "offer": ("hnte",), "nearest": (("hnte", "hnte"),)},
    "track_record": {"rounds": 12, "like": "industries", "latest": date(2026, 5, 4)},
    "responsiveness": {"offer": 4.0},
}
AGAINST = ("多看", "投", "有差距", "重合不多", "还没有", "不多", "没有选", "才回复")
VALUES = (0.0, 0.3, 0.6, 1.0)


def spoken(topic: str, value: float | None, side: Side, **changed: Any) -> reasons.Reason:
    silent = () if value is not None else ("need",)
    reason = reasons.said(Fact(topic, value, 0.1, SAID[topic] | changed, silent), Sight(side, (1, 2), OPEN_TEXT))
    assert reason is not None
    return reason


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("value", VALUES)
def test_the_section_follows_the_value_and_the_sentence_the_section(topic: str, value: float, side: Side) -> None:
    reason = spoken(topic, value, side)

    assert reason.topic == topic
    assert (reason.tone == "why") == reasons.is_strong(topic, value)
    assert all(f"%({name})s" in reason.message for name in reason.values)
    if reason.tone == "why-not":
        assert any(word in reason.message for word in AGAINST), reason.message
        assert not reason.message.startswith(("双方都", "你们都"))


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("topic", SAID)
def test_strong_and_weak_are_never_the_same_sentence(topic: str, side: Side) -> None:
    assert spoken(topic, 1.0, side).message != spoken(topic, 0.0, side).message


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("topic", SAID)
@pytest.mark.parametrize("who", ["need", "offer"])
def test_silence_is_unknown_and_names_who_is_silent(topic: str, side: Side, who: str) -> None:
    reason = reasons.said(Fact(topic, None, 0.0, SAID[topic], (who,)), Sight(side))

    assert reason is not None and reason.tone == "unknown"
    if topic not in ("track_record", "responsiveness"):
        assert reason.message.startswith("你" if (who == "need") == (side is Side.NEED) else "对方")


@pytest.mark.parametrize("topic", SAID)
def test_each_viewer_reads_you_of_itself(topic: str) -> None:
    firm, fund = (spoken(topic, 0.0, side).message for side in Side)

    assert firm != fund or topic == "text"


@pytest.mark.parametrize(("topic", "free"), [("industry", ()), ("round", ("*",)), ("region", ("*",))])
def test_who_asks_for_nothing_speaks_for_everybody(topic: str, free: tuple[str, ...]) -> None:
    assert "不限" in spoken(topic, 1.0, Side.NEED, offer=free).message


def test_a_word_inside_another_is_not_told_twice() -> None:
    weak = spoken("text", 0.3, Side.NEED)

    assert weak.message == "两边的说明重合不多，只都提到「%(words)s」。"
    assert weak.values == {"words": "碳纤维"}


def test_what_is_stored_tells_the_same_as_what_was_compared() -> None:
    facts = [
        Fact(topic, value, value / 10, said) for (topic, said), value in zip(SAID.items(), VALUES * 3, strict=False)
    ]
    facts.append(Fact("other", None, 0.0, {}, ("need",)))
    kept = [facts[at] for at in chosen_of(facts)]
    again = list(telling.read([telling.stored(fact) for fact in kept]))

    for side in Side:
        sight = Sight(side, (1, 2), OPEN_TEXT)
        assert reasons.shortlist(again, sight) == reasons.shortlist(facts[:-1], sight)


def chosen_of(facts: Sequence[Fact]) -> list[int]:
    """The places of the facts that a row keeps."""
    value = np.array([[np.nan if fact.value is None else fact.value for fact in facts]])
    adds = np.array([[fact.contribution for fact in facts]])
    return chosen(value, adds, np.ones_like(value, dtype=bool), [strong_from(fact.topic) for fact in facts])[0]


def test_a_row_keeps_the_three_strongest_and_the_two_weakest_that_speak_and_that_the_pair_holds() -> None:
    value = np.array([[0.9, 0.1, np.nan, 0.8, 0.0, 0.7, 0.3, 1.0, 1.0], [np.nan, 0.2, 0.9, 0, 0, 0, 0, 0, 0]])
    adds = np.array([[0.1, 0.0, 0.0, 0.3, 0.0, 0.2, 0.1, 0.9, 0.2], np.zeros(9)])
    held = np.array([[True] * 7 + [False, True], [True, True, True] + [False] * 6])

    assert chosen(value, adds, held, [0.5] * 9) == [[3, 5, 8, 4, 1], [2, 1]]
