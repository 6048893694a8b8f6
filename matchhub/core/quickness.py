"""What makes pages quick: a page calls hundreds of macros, words and addresses, so each call must cost little.

What is here gives what Jinja, Flask, Flask-WTF or WTForms would give; it only keeps what cannot change in the process or the
request.
"""

import gc
import sys
from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

from flask import Flask, g, request, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import _escape_inner, escape, Markup  # type: ignore[attr-defined]  # what `escape` calls
from wtforms.widgets import Select

ADDRESSES_KEPT = 20_000
WORDS_KEPT = 20_000
TURN_SECONDS = 0.001
ALLOCATIONS = 50_000  # between two looks for garbage; Python's own 700 looks several times a page


class QuickContext(Context):
    """Jinja asks of each thing that a template calls which of its contexts it wants; of macros and functions we know."""

    def __init__(
        self, environment: Environment, parent: dict[str, Any], name: str | None, *args: Any, **more: Any
    ) -> None:
        super().__init__(environment, parent, name, *args, **more)
        self.globals_keys = set()  # no template has globals of its own: Jinja would look for them at each import

    def call(self, called: Any, /, *args: Any, **values: Any) -> Any:
        """Call a macro or a function directly; leave the rest to Jinja."""
        kind = type(called)
        if kind is Macro:
            if values or called.caller or called.catch_varargs or len(args) > called._argument_count:
                return called(self.eval_ctx, *args, **values)
            text = called._func(*args, *[missing] * (called._argument_count - len(args)))
            return _safe(Markup, text) if self.eval_ctx.autoescape else text
        if kind is FunctionType:
            wanted = getattr(called, "jinja_pass_arg", None)
            if wanted is None:
                return called(*args, **values)
            if wanted is EVAL_CONTEXT:
                return called(self.eval_ctx, *args, **values)
        return super().call(called, *args, **values)


_safe = str.__new__  # a Markup of text that is known to be text: Markup's own way asks each time
EVAL_CONTEXT = pass_eval_context(lambda _: None).jinja_pass_arg  # type: ignore[attr-defined]


def plain(value: Any) -> str:
    """What `escape` gives, as what is written out needs no word that it is safe. A list writes a thousand times."""
    kind = type(value)
    if kind is Markup:
        return value
    if kind is str:
        return _escape_inner(value)
    if kind is int:
        return str(value)
    return escape(value)


@lru_cache(maxsize=WORDS_KEPT)
def _found(catalogue: Any, text: str) -> str:
    found: str = catalogue.ugettext(text)
    return found


@lru_cache(maxsize=WORDS_KEPT)
def _plain(catalogue: Any, text: str) -> Markup:
    return Markup(_found(catalogue, text)) % {}


def translator(catalogue: Callable[[], Any]) -> Callable[..., str]:
    """`_` for templates: Jinja's makes a new context for each word in a loop or a block, ours needs none.

    `catalogue` gives the reader's; what was found in it is kept with it, as catalogues stay while a process runs.
    """

    @pass_eval_context
    def translated(context: EvalContext, text: str, **values: Any) -> str:
        reader, sentence = catalogue(), str(text)
        if not context.autoescape:
            return _found(reader, sentence) % values
        return Markup(_found(reader, sentence)) % values if values else _plain(reader, sentence)

    return translated


def sayer(words: Any) -> Callable[..., str]:
    """`_` of pages whose catalogue is known when they are compiled."""

    @lru_cache(maxsize=WORDS_KEPT)
    def found(text: str) -> Markup:
        return _plain(words, text)

    def said(text: Any, **values: Any) -> str:
        sentence = text if type(text) is str else str(text)
        return Markup(_found(words, sentence)) % values if values else found(sentence)

    return said


def pluralizer(catalogue: Callable[[], Any]) -> Callable[..., str]:
    """`ngettext` for templates, as `translator`."""

    @pass_eval_context
    def pluralized(context: EvalContext, one: str, many: str, count: int, **values: Any) -> str:
        if isinstance(count, str):  # Chinese has one form and would not notice; the English page would fail
            raise TypeError(f"no number to count by: {count}")
        words = catalogue().ungettext(one, many, count)
        return (Markup(words) if context.autoescape else words) % {"num": count, **values}

    return pluralized


def kept() -> dict[str, Any]:
    """The environment of this request, where things are kept for it; an empty one outside requests. A page asks hundreds of
    times, and each name asked of Flask's `request` costs as much as a look into ten dictionaries."""
    try:
        found: dict[str, Any] = request._get_current_object().environ  # type: ignore[attr-defined]
    except RuntimeError:
        return {}
    return found


def root() -> str:
    """Under which path the reader has the application."""
    return str(kept().get("SCRIPT_NAME", "")).rstrip("/")


@lru_cache(maxsize=ADDRESSES_KEPT, typed=True)
def _address(root: str, endpoint: str, /, **values: Any) -> str:
    return url_for(endpoint, **values)


def address(endpoint: str, /, **values: Any) -> str:
    """`url_for` for templates: an address that was asked for before under the same root is kept."""
    if endpoint[0] == ".":
        return url_for(endpoint, **values)  # relative to the present page
    try:
        return _address(root(), endpoint, **values)
    except TypeError:  # from what cannot be a key
        return url_for(endpoint, **values)


def csrf_token() -> str:
    """The token of this session, made once a request: each small form of a list carries it."""
    if "page_csrf_token" not in g:
        g.page_csrf_token = generate_csrf()
    token: str = g.page_csrf_token
    return token


class QuickSelect(Select):
    """What WTForms writes; an option that has nothing but its value and its words is written without sorting attributes, and
    words that are looked up only when they are read are looked up once, not three times."""

    @classmethod
    def render_option(cls, choice: Any, **more: Any) -> str:  # type: ignore[override]  # as of WTForms 3.3
        value, label = choice.value, choice.label
        if more or choice.render_kw or type(value) not in (str, int):
            return str(super().render_option(choice, **more))
        words = label if isinstance(label, Markup) else "" if label is None else str(label)
        selected = " selected" if choice.selected else ""
        return f'<option{selected} value="{plain(value)}">{plain(words or value)}</option>'


QUICK = {many: QuickSelect(multiple=many) for many in (False, True)}


def quick_widget(widget: Any) -> Any:
    """The widget of a field, or the quick one in its place."""
    return QUICK[bool(widget.multiple)] if type(widget) is Select else widget


def settle() -> None:
    """Take what the start built out of the search for garbage, search less often, and take turns more often: who holds a
    lock of the database must not wait 5 ms for Python's at each of its statements. Call once, before serving."""
    sys.setswitchinterval(TURN_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 20, 50)


def init_app(app: Flask, *, catalogue: Callable[[], Any]) -> None:
    """Give the templates the quick ones; after CSRFProtect, whose token they replace."""
    app.jinja_env.context_class = QuickContext
    app.jinja_env.globals.update(
        _=translator(catalogue), ngettext=pluralizer(catalogue), url_for=address, csrf_token=csrf_token
    )
    app.context_processor(lambda: {"csrf_token": csrf_token})
