"""What makes pages quick says the same as what it stands for."""

from typing import Any

import pytest
from flask import render_template_string, url_for
from markupsafe import escape, Markup
from sqlalchemy import event, select

from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.labels import NN_
from matchhub.core.paging import paged
from matchhub.core.quickness import address, csrf_token, plain
from matchhub.core.ui import speaking
from matchhub.core.web import App, worded
from tests.cast import Cast


def test_words_are_translated_for_each_reader(app: App) -> None:
    said = []
    for locale in ("zh", "en", "zh"):
        with app.test_request_context("/"), speaking(locale):
            said.append(render_template_string("{{ _('登录') }}"))

    assert said == ["登录", "Sign in", "登录"]


def test_what_was_marked_as_counted_is_said_in_singular_and_plural(app: App) -> None:
    said = {}
    for locale in ("zh", "en"):
        with app.test_request_context("/"), speaking(locale):
            said[locale] = [worded(NN_("%(number)s 个工作日", "number"), number=number) for number in (1, 3, "1–3")]
            said[locale].append(worded("%(number)s 个工作日", number=3))  # not marked here: whatever there is

    assert said["en"][:3] == ["1 working day", "3 working days", "1–3 working days"]
    assert said["zh"] == ["1 个工作日", "3 个工作日", "1–3 个工作日", "3 个工作日"]


def test_a_template_says_its_words_as_constants_of_each_language(app: App) -> None:
    for locale, word in (("zh", "登录"), ("en", "Sign in"), ("zh", "登录")):
        with app.test_request_context("/"), speaking(locale):
            template = app.jinja_env.get_template("accounts/session_form.html")
            page = "".join(template.blocks["title"](template.new_context()))

        assert word in page
        assert word in template.root_render_func.__globals__["blocks"]["title"].__code__.co_consts


def test_a_sentence_with_values_reads_the_same_from_a_template_and_from_a_variable(app: App) -> None:
    literal = "{{ _('主办：%(name)s', name=name) }}{{ _('登录') }}{{ [_('登录')]|join }}"
    looked_up = "{{ _(one, name=name) }}{{ _(two) }}{{ [_(two)]|join }}"
    for locale in ("zh", "en"):
        with app.test_request_context("/"), speaking(locale):
            values = {"one": "主办：%(name)s", "two": "登录", "name": "<b>"}
            assert render_template_string(literal, **values) == render_template_string(looked_up, **values)


def test_what_is_put_into_a_sentence_is_escaped_in_a_page(app: App) -> None:
    with app.test_request_context("/"):
        page = render_template_string("{% for x in [1] %}{{ _('主办：%(name)s', name=name) }}{% endfor %}", name="<b>")

    assert page == "主办：&lt;b&gt;"


def test_a_macro_still_escapes_what_it_is_given(app: App) -> None:
    with app.test_request_context("/"):
        text = "{% macro cell(text) %}<td>{{ text }}</td>{% endmacro %}{{ cell(name) }}{{ cell(safe) }}"

        assert render_template_string(text, name="<i>", safe=Markup("<i>")) == "<td>&lt;i&gt;</td><td><i></td>"


def test_an_address_is_the_one_that_flask_gives(app: App) -> None:
    with app.test_request_context("/"):
        for values in ({}, {"page": 2}, {"kind": "equity", "page": "2"}, {"only": True}, {"tag": ["a", "b"]}):
            assert address("listings.needs", **values) == url_for("listings.needs", **values)


def test_an_address_knows_where_the_application_is_mounted(app: App) -> None:
    with app.test_request_context("/"):
        at_root = address("listings.needs")
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": "/hub"}):
        mounted = address("listings.needs")

    assert (at_root, mounted) == ("/needs", "/hub/needs")


def test_the_token_is_one_for_all_forms_of_a_page(app: App) -> None:
    with app.test_request_context("/"):
        first, second = render_template_string("{{ csrf_token() }} {{ csrf_token() }}").split()

        assert first == second == csrf_token()


def test_what_is_written_out_is_escaped_as_jinja_escapes(app: App) -> None:
    for value in ("<b>&", Markup("<b>"), 7, 0.5, None, True, ["<"], Raw()):
        assert plain(value) == escape(value)


class Raw:
    def __html__(self) -> str:
        return "<i>"


def test_an_icon_and_a_file_stand_in_a_template_as_they_look(app: App) -> None:
    written = (
        '{% from "components/icon.html" import icon %}{{ icon("bell", _("通知")) }}{{ static_url("css/app.css") }}'
    )
    looked_up = '{% from "components/icon.html" import icon %}{{ icon(name, _(label)) }}{{ static_url(file) }}'
    values = {"name": "bell", "label": "通知", "file": "css/app.css"}
    for mount in ("", "/hub"):
        for locale in ("zh", "en"):
            with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": mount}), speaking(locale):
                page = render_template_string(written)
                assert page == render_template_string(looked_up, **values)
                assert f'href="{mount}/static/icons/sprite.svg?v=' in page


def test_a_name_that_a_template_uses_for_its_own_is_left_to_it(app: App) -> None:
    with app.test_request_context("/"):
        own = "{% macro word(text) %}own {{ text }}{% endmacro %}{{ word('regions') }}"
        common = "{{ word('regions', code) }}"

        assert render_template_string(own) == "own regions"
        assert render_template_string(common, code=None) == "None"


def test_a_text_is_no_number_to_count_by_in_either_language(app: App) -> None:
    for locale in ("zh", "en"):
        with app.test_request_context("/"), speaking(locale), pytest.raises(TypeError):
            render_template_string('{{ ngettext("开始前 %(num)s 小时", "开始前 %(num)s 小时", "24, 2") }}')


def test_a_first_page_that_is_not_full_needs_no_count(app: App, people: Cast) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    everybody = select(Organization).order_by(Organization.id)
    there = db.session.scalars(everybody).all()
    firsts = db.session.execute(everybody.with_only_columns(Organization.id, Organization.name).limit(2)).all()

    found = {}
    for number, per_page in ((1, len(there) + 1), (1, len(there)), (1, 2), (2, 2), (999, 2)):
        asked.clear()
        page = paged(db.session(), everybody, number, per_page)
        found[number, per_page] = (len(asked), page.number, page.total, list(page.items))
    last = -(-len(there) // 2)

    assert found[1, len(there) + 1] == (1, 1, len(there), there)
    assert found[1, len(there)] == (2, 1, len(there), there)
    assert found[1, 2] == (2, 1, len(there), there[:2])
    assert found[2, 2] == (2, 2, len(there), there[2:4])
    assert found[999, 2] == (2, last, len(there), there[2 * (last - 1) :])
    sorted_first = paged(db.session(), everybody, 2, 2, by=Organization.id)
    assert (sorted_first.total, list(sorted_first.items)) == (len(there), there[2:4])
    columns: Any = everybody.with_only_columns(Organization.id, Organization.name)
    wide = paged(db.session(), columns, 1, 2, wide=True)
    assert (wide.total, list(wide.items)) == (len(there), firsts)
