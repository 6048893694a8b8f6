"""The edge to HTTP: access declared on every view, one transaction per request, errors that say what to do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import (
    current_app,
    flash,
    Flask,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    Response,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import format_date, get_locale, gettext, ngettext
from flask_wtf import FlaskForm
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.routing import IntegerConverter, Map
from wtforms import Field

from matchhub.core import db as database
from matchhub.core import errors, ledger, sheets
from matchhub.core.engine import busy, is_disconnect, is_lock_timeout
from matchhub.core.labels import Counted, Labelled, N_
from matchhub.core.page_templates import PageEnvironment
from matchhub.core.policy import Actor, Policy
from matchhub.core.quickness import quick_widget

View = Callable[..., ResponseReturnValue]
Loader = Callable[..., Any]
R = TypeVar("R")
LARGEST_ID = 2**31 - 1


class SignInNeeded(Exception):
    """The page is not for strangers."""


class ProofNeeded(Exception):
    """What is asked for leaves the house: first who asks proves again to be the person, or says what it is for."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a view declared: a permission of a policy, or that it is public and why."""

    policy: Policy | None = None
    permission: StrEnum | None = None
    load: Loader | None = None
    public_reason: str = ""


def requires(policy: Policy, permission: StrEnum, *, load: Loader | None = None) -> Callable[[View], View]:
    """Open a view to signed-in actors whom `policy` allows `permission`.

    `load(actor, **ids)` finds the object within the actor's scope, or None (→ 404); the view receives it first.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**ids: Any) -> ResponseReturnValue:
            actor = current_actor()
            if not actor.is_known:
                raise SignInNeeded
            subject = load(actor, **ids) if load else None
            if load and subject is None:
                ledger.security_event(actor, "not_found", endpoint=request.endpoint)
                raise errors.NotFound(N_("没有这一页，或者你不能看"))
            if not policy.allows(permission, actor, subject):
                ledger.security_event(actor, "forbidden", endpoint=request.endpoint)
                raise errors.Forbidden(N_("你没有做这件事的权限"))
            return view(subject) if load else view(**ids)

        guarded.__access__ = Access(policy, permission, load)  # type: ignore[attr-defined]
        return guarded

    return decorate


def public(reason: str) -> Callable[[View], View]:
    """Open a view to everyone; the reason is read by the architecture test and by people."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(**ids: Any) -> ResponseReturnValue:
            return view(**ids)

        opened.__access__ = Access(public_reason=reason)  # type: ignore[attr-defined]
        return opened

    return decorate


def takes_away(
    what: str, *, unless: Callable[[Actor], bool] = lambda actor: False, of_oneself: bool = False
) -> Callable[[View], View]:
    """Mark a view, under its `requires`, that hands out a list of others as a file; `what` is its name, a msgid; `unless`
    tells to whom it gives only what is the own, or counts. `of_oneself`: all about the person who asks, who need not say why.

    Nobody takes it without a fresh proof (ProofNeeded); the file carries a mark that stands in the trail with who took it,
    what for and how many rows.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*subject: Any, **ids: Any) -> ResponseReturnValue:
            if unless(current_actor()):
                return view(*subject, **ids)
            taking = current_app.extensions["matchhub_taking"](what)
            with sheets.marked(taking.mark) as mark:
                response = current_app.make_response(view(*subject, **ids))
            if response.status_code < 400:
                taking.note(mark.rows)
            return response

        guarded.__takes__ = what  # type: ignore[attr-defined]
        guarded.__of_oneself__ = of_oneself  # type: ignore[attr-defined]
        return guarded

    return decorate


def undeclared_routes(app: Flask) -> list[str]:
    """Routes without declared access, or with more than one method on one view: start-up refuses to serve them."""
    wrong = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        access = getattr(app.view_functions[rule.endpoint], "__access__", None)
        if access is None or len(methods) != 1:
            wrong.append(f"{','.join(methods)} {rule.rule} ({rule.endpoint})")
    return wrong


def current_actor() -> Actor:
    """Who acts in this request; ANONYMOUS for visitors."""
    if "actor" not in g:
        g.actor = current_app.extensions["matchhub_identify"]()
    actor: Actor = g.actor
    return actor


def row_id(value: Any) -> int:
    """How a form reads the id of a row. Raises ValueError for what no row can have."""
    number = int(value)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(number)
    return number


class RowId(IntegerConverter):
    """`<int:…>` in an address: what no row can have as its id is an address that does not exist."""

    regex = "[0-9]{1,10}"

    def __init__(self, rules: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(rules, *args, **{"max": LARGEST_ID, **kwargs})


class App(Flask):
    """Flask, with templates for each language and one transaction per request that ends before the response leaves."""

    jinja_environment = PageEnvironment
    jinja_options = {"cache_size": -1}  # all are kept: to find the oldest costs at each import

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_map.converters["int"] = RowId

    def preprocess_request(self) -> ResponseReturnValue | None:
        """What stands before every view only reads: once more where the database was restarted under it."""
        return _once_more(super().preprocess_request)

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; commit below 400, roll back otherwise; then write the ledger. What only reads runs once more
        where the database was restarted under it."""
        only_reads = request.method in ("GET", "HEAD")
        try:
            _refuse_unstorable()
            response = _once_more(self._answer) if only_reads else self._answer()
            database.finish(commit=response.status_code < 400)
        except Exception as error:
            database.finish(commit=False)
            ledger.flush()
            raise _spoken(error) from error
        ledger.flush()
        return response

    def _answer(self) -> Response:
        return self.make_response(super().dispatch_request())


def _once_more(read: Callable[[], R]) -> R:
    """What `read` gives. Where the server went away meanwhile nothing was written: on a new connection it is asked again."""
    try:
        return read()
    except DBAPIError as error:
        if not is_disconnect(error):
            raise
    database.finish(commit=False)
    ledger.forget()
    return read()


def _refuse_unstorable() -> None:
    """Raise where something holds NUL: nobody types it, and PostgreSQL does not store it."""
    parts = (request.args, request.form, request.files)
    typed = (text for part in parts for name, value in part.items(multi=True) for text in (name, value))
    sent = (*typed, *(request.view_args or {}).values())
    if any("\x00" in text for text in sent if isinstance(text, str)):
        raise errors.DomainError(N_("这个请求读不懂，请返回再试"))


def _spoken(error: Exception) -> Exception:
    """A lost race as Conflict; a lock that was not had, or a server that went away, as Busy; anything else unchanged."""
    if isinstance(error, StaleDataError | ObjectDeletedError):
        return errors.Conflict(N_("已经处理过了，请看最新情况"))
    if isinstance(error, IntegrityError) and is_unique_violation(error):
        return errors.Conflict(N_("已经处理过了，请看最新情况"))
    if isinstance(error, OperationalError) and is_lock_timeout(error):
        return busy()
    if is_disconnect(error):
        return errors.Busy(N_("和数据库的连接断了一下，内容还在。几秒后先看看有没有存上，再试"))
    return error


def is_unique_violation(error: IntegrityError) -> bool:
    """Whether a unique key refused the row."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint failed" in str(error.orig)


def worded(message: str, **values: Any) -> str:
    """`message` in the reader's language; one marked by `NN_` in its singular or plural."""
    if isinstance(message, Counted) and message.by in values:
        return str(ngettext(message, message, 1 if str(values[message.by]) == "1" else 2, **values))
    return str(gettext(message, **values))


def spoken_message(error: errors.DomainError) -> str:
    """The error in the reader's language."""
    return worded(error.message, **{key: _spoken_value(value) for key, value in error.values.items()})


def _spoken_value(value: Any) -> Any:
    """States by their label, days as the reader writes them."""
    if isinstance(value, Labelled):
        return gettext(value.label)
    if isinstance(value, date):
        return format_date(value, "d MMMM y" if str(get_locale()).startswith("en") else "long")
    return value


def error_page(error: errors.DomainError) -> ResponseReturnValue:
    """The page (or, for htmx, the alert) for an error of ours."""
    template = "errors/fragment.html" if is_htmx() else f"errors/{error.status}.html"
    body = render_template([template, "errors/400.html"], message=spoken_message(error), status=error.status)
    response = current_app.make_response((body, error.status))
    if isinstance(error, errors.Busy):
        response.headers["Retry-After"] = "3"
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def sign_in_page(_: SignInNeeded) -> ResponseReturnValue:
    """Send a stranger to sign in and back; a POST or an htmx call gets 401."""
    if request.method == "GET" and not is_htmx():
        return redirect(url_for("accounts.session_form", next=request.full_path.rstrip("?")))
    return render_template("errors/401.html", message=gettext("请先登录")), 401


def confirmation_page(_: ProofNeeded) -> ResponseReturnValue:
    """Send who asks for a list to the page that asks for a proof; it leads back to the list and to where one came from."""
    came = urlsplit(request.referrer or "")
    back = came.path + (f"?{came.query}" if came.query else "") if came.netloc == request.host else None
    return redirect(url_for("accounts.confirmation_form", next=request.full_path.rstrip("?"), back=back))


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page."""
    return has_request_context() and request.headers.get("HX-Request") == "true"


def safe_next(target: str | None, default: str) -> str:
    """`target` when it is a path of this site, else `default` (open redirects are how peers were caught four times)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(c) < 32 for c in target) or "\\" in target:
        return default
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else default


class Form(FlaskForm):
    """The base of all forms: errors of services land beside the field they are about, choices speak the reader's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self._fields.values():
            field.widget = quick_widget(field.widget)
            if isinstance(choices := getattr(field, "choices", None), dict):
                field.choices = {
                    value: gettext(word) if type(word) is str and word else word for value, word in choices.items()
                }

    @property
    def own_errors(self) -> list[str]:
        """Errors that belong to no field."""
        return [str(message) for message in self.form_errors]

    def refuse(self, error: errors.Invalid) -> None:
        """Put a service's refusal beside its field, or on top."""
        message = spoken_message(error)
        target: Field | None = self._fields.get(error.field or "")
        if target is None:
            self.form_errors.append(message)
        else:
            target.errors = [*target.errors, message]


@contextmanager
def refusals_on(form: Form) -> Iterator[None]:
    """Run a service; what it finds wrong is shown on the form, and the write is rolled back."""
    try:
        yield
    except errors.Invalid as error:
        database.finish(commit=False)
        form.refuse(error)


def is_refused(form: Form) -> bool:
    """Whether the form carries any error."""
    return bool(form.errors or form.form_errors)


def leaves_at(now: datetime) -> datetime | None:
    """When what is done now reaches the other side: after the time to undo it; None where nothing can be undone."""
    seconds: int = current_app.extensions["matchhub"].undo_seconds
    return now + timedelta(seconds=seconds) if seconds else None


def flash_undoable(text: str, undo_url: str) -> None:
    """Say what was done, with a button that undoes it while that is possible."""
    seconds: int = current_app.extensions["matchhub"].undo_seconds
    flash({"text": text, "undo_url": undo_url, "seconds": seconds} if seconds else text, "success")  # type: ignore[arg-type]


def page_number() -> int:
    """The page asked for, from 1; nonsense is 1."""
    text = request.args.get("page", "1")
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) else 1


def file_response(content: bytes, *, name: str, media_type: str) -> Response:
    """A download that cannot run in the reader's browser."""
    response = current_app.response_class(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
