"""Sentences are kept between requests; not longer than the words that they are made of."""

from sqlalchemy import select

from matchhub.core import installation
from matchhub.core.db import db, unit_of_work
from matchhub.core.dictionaries import DictionaryEntry
from matchhub.core.ui import speaking
from matchhub.core.web import App
from matchhub.matches.reasons import Asked, Reason, Words
from matchhub.matches.views import wording
from tests.cast import Cast

FIELD = Reason("field", "why", "%(common)s", {"common": Words("industries", ("new_materials",))})


def test_a_kept_sentence_follows_the_reader_and_the_dictionary(app: App, people: Cast) -> None:
    with app.test_request_context():
        before = wording.say(FIELD)
        with speaking("en"):
            assert wording.say(FIELD) != before
        assert wording.say(FIELD) == before
    db.session.rollback()
    with unit_of_work() as session:
        entry = session.scalars(select(DictionaryEntry).where(DictionaryEntry.code == "new_materials")).one()
        entry.label = "改过的词"
        installation.required(session).dictionary_version += 1

    with app.test_request_context():
        assert before != "改过的词" and wording.say(FIELD) == "改过的词"


def test_a_condition_that_asks_for_a_list_is_said_too(app: App, people: Cast) -> None:
    reason = Reason("rule", "why-not", "%(rule)s", {"rule": Asked("qualifications", "any_of", ["high_tech"])})

    with app.test_request_context():
        assert wording.say(reason)
