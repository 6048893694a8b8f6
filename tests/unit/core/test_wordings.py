"""A notice's values as each reader reads them."""

from matchhub.core.wordings import both, both_of, in_words


def echo(text: str) -> str:
    return f"<{text}>"


def test_a_pair_is_read_in_the_readers_half() -> None:
    value = both(lambda locale: "滨江孵化器" if locale == "zh" else "Binjiang Incubator")

    assert in_words(value, "en", say=echo) == "Binjiang Incubator"
    assert in_words(value, "zh", say=echo) == "滨江孵化器"


def test_what_is_the_same_in_both_languages_is_kept_once() -> None:
    values = both_of(lambda locale: {"what": "N-7", "day": f"{locale} day"})

    assert values == {"what": "N-7", "day": {"zh": "zh day", "en": "en day"}}


def test_a_msgid_is_translated_and_a_number_is_left_alone() -> None:
    assert in_words("负责人", "en", say=echo) == "<负责人>"
    assert in_words(3, "en", say=echo) == 3
    assert in_words("", "en", say=echo) == ""


def test_an_english_half_that_is_empty_falls_back_to_chinese() -> None:
    assert in_words({"zh": "滨江孵化器", "en": ""}, "en", say=echo) == "滨江孵化器"
