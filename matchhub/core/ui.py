"""What templates may use: the site, the viewer, places, filters for money and time, hashed addresses of static files."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import current_app, Flask, g, has_request_context, request, url_for
from flask_babel import Domain, force_locale, get_locale, gettext, ngettext, pgettext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from matchhub.core import context, dictionaries, installation, money, quickness
from matchhub.core.changes import word_changes
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db
from matchhub.core.marking import marked, marked_words
from matchhub.core.paging import Page
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, is_htmx, worded
from matchhub.core.wordings import reason_in_words

LOCALES = ("zh", "en")
LOCALE, CATALOGUE, WORDS = "matchhub.locale", "matchhub.catalogue", "matchhub.words"  # kept for one request
STATIC = "matchhub.static"  # kept for the process
IN_APP = "MicroMessenger"  # a chat's own browser, which cannot keep files
FUNCTIONS = {  # what pages call hundreds of times, by its name in templates
    "url_for": "matchhub.core.quickness.address",
    "word": "matchhub.core.ui.word",
    "words": "matchhub.core.ui.words",
    "in_locale": "matchhub.core.ui.in_locale",
    "static_url": "matchhub.core.ui.static_url",
}
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class Place:
    """One of the five places of a role; `endpoints` besides its own keep it lit."""

    label: str
    icon: str
    endpoint: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place as the layout shows it."""

    label: str
    icon: str
    url: str
    active: bool
    count: int = 0


@dataclass(slots=True)
class Navigation:
    """Filled by `wiring.py`: which places an actor has, and what the layout must know of the viewer."""

    places_of: Callable[[Actor], Sequence[Place]] = lambda actor: ()
    viewer_of: Callable[[Actor], Any] = lambda actor: None


NAVIGATION = Navigation()


def choose_locale() -> str:
    """The reader's own choice, then the browser's; Chinese first."""
    chosen = request.cookies.get("locale")
    if chosen in LOCALES:
        return chosen
    return _spoken_best(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=512)
def _spoken_best(accepted: str) -> str:
    """What of ours a browser likes best; kept, as there are few such headers."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LOCALES, default="zh") or "zh"


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Within it the words are those of another language than the reader's: what has to be read in both."""
    store = request.environ if has_request_context() else {}
    kept = {name: store.pop(name) for name in (LOCALE, CATALOGUE, WORDS) if name in store}
    try:
        with force_locale(locale):
            yield
    finally:
        for name in (LOCALE, CATALOGUE, WORDS):
            store.pop(name, None)
        store.update(kept)


def locale_code() -> str:
    """zh or en. Kept for the request: a page asks hundreds of times."""
    kept = quickness.kept()
    code: str | None = kept.get(LOCALE)
    if code is None:
        code = kept[LOCALE] = str(getattr(get_locale(), "language", "zh"))
    return code


class Words(Domain):
    """The words of the catalogues; the reader's is looked up once a request."""

    def get_translations(self) -> Any:
        kept = quickness.kept()
        if CATALOGUE not in kept:
            kept[CATALOGUE] = super().get_translations()
        return kept[CATALOGUE]


def shown_places() -> list[ShownPlace]:
    """The places of the present actor, the current one lit."""
    places = tuple(NAVIGATION.places_of(current_actor()))
    return list(_lit(places, request.endpoint or "", locale_code(), quickness.root()))


@lru_cache(maxsize=2_000)
def _lit(places: tuple[Place, ...], endpoint: str, locale: str, root: str) -> tuple[ShownPlace, ...]:
    """Kept, as they are the same for all of one role who look at one page in one language."""
    blueprint = endpoint.split(".", 1)[0]
    return tuple(
        ShownPlace(
            pgettext("place", place.label),
            place.icon,
            quickness.address(place.endpoint),
            endpoint == place.endpoint or endpoint in place.also or blueprint in place.also,
        )
        for place in places
    )


def site() -> installation.Installation | None:
    """The installation, read once a request."""
    if "site" not in g:
        g.site = installation.current(db.session())
    row: installation.Installation | None = g.site
    return row


def dictionary_words() -> dictionaries.Snapshot:
    """The dictionaries, looked up once a request: a page asks them hundreds of times."""
    kept = quickness.kept()
    if WORDS not in kept:
        kept[WORDS] = dictionaries.snapshot()
    found: dictionaries.Snapshot = kept[WORDS]
    return found


def word(dictionary: str, code: str | None) -> str | None:
    """The label of a code in the reader's language."""
    return dictionary_words().word(dictionary, code, locale_code())


def words(dictionary: str, codes: Sequence[str] | None) -> str | None:
    """Labels joined in the reader's way; None for nothing."""
    if not codes:
        return None
    joint = "、" if locale_code() == "zh" else ", "
    return joint.join(word(dictionary, code) or code for code in codes)


def shown_code(code: str | None) -> str | None:
    """A code name in the reader's language: 新材料-0007 is New materials-0007 in English."""
    return dictionary_words().code_name(code, locale_code()) if code else code


def show_money(yuan: int | None) -> str | None:
    """元 as 800 万元 or ¥8m; None stays None (shown as 未填)."""
    return None if yuan is None else money.show(yuan, locale_code())


def show_money_range(low: int | None, high: int | None) -> str | None:
    """A range of 元."""
    return money.show_range(low, high, locale_code())


def show_date(moment: datetime | date | None) -> str | None:
    """2026年11月22日 周日, or Sunday 22 November 2026."""
    if moment is None:
        return None
    day = moment.astimezone(CITY_ZONE).date() if isinstance(moment, datetime) else moment
    if locale_code() == "zh":
        return f"{day.year}年{day.month}月{day.day}日 {WEEKDAYS[day.weekday()]}"
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def show_day(moment: datetime | date | None) -> str | None:
    """The short form in tables: 2026年11月22日 or 22 Nov 2026."""
    if moment is None:
        return None
    day = moment.astimezone(CITY_ZONE).date() if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日" if locale_code() == "zh" else f"{day.day} {day:%b} {day.year}"


def show_datetime(moment: datetime | None) -> str | None:
    """A day and a time in the city's zone."""
    if moment is None:
        return None
    local = moment.astimezone(CITY_ZONE)
    return f"{show_date(moment)}{',' if locale_code() == 'en' else ''} {local:%H:%M}"


def show_near(moment: datetime | None, now: datetime | None = None) -> str | None:
    """How far off: 还有 3 天（11月25日 周三 18:00）, or 已过 2 天."""
    if moment is None:
        return None
    now = now or utcnow()
    local = moment.astimezone(CITY_ZONE)
    days = (local.date() - now.astimezone(CITY_ZONE).date()).days
    when = f"{local.month}月{local.day}日 {WEEKDAYS[local.weekday()]} {local:%H:%M}"
    if locale_code() == "en":
        when = f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
    if moment < now:
        since = abs(days)
        return (
            gettext("今天已过（%(when)s）", when=when)
            if not since
            else ngettext("已过 %(num)s 天（%(when)s）", "已过 %(num)s 天（%(when)s）", since, when=when)
        )
    if days == 0:
        return gettext("今天（%(when)s）", when=when)
    return ngettext("还有 %(num)s 天（%(when)s）", "还有 %(num)s 天（%(when)s）", days, when=when)


def show_ago(moment: datetime | None) -> str | None:
    """How long ago, in one unit."""
    if moment is None:
        return None
    gone = max(timedelta(0), utcnow() - moment)
    if gone < timedelta(minutes=1):
        return gettext("刚刚")
    if gone < timedelta(hours=1):
        return ngettext("%(num)s 分钟前", "%(num)s 分钟前", int(gone.total_seconds() // 60))
    if gone < timedelta(days=1):
        return ngettext("%(num)s 小时前", "%(num)s 小时前", int(gone.total_seconds() // 3600))
    if gone < timedelta(days=30):
        return ngettext("%(num)s 天前", "%(num)s 天前", gone.days)
    return show_day(moment)


def phone_masked(number: str | None) -> str | None:
    """138****1234."""
    return f"{number[:3]}****{number[-4:]}" if number and len(number) >= 8 else number


def email_masked(address: str | None) -> str | None:
    """c***@domain."""
    if not address or "@" not in address:
        return address
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@{domain}"


@lru_cache(maxsize=512)
def _with_fingerprint(url_path: str, folder: str, filename: str) -> str:
    """A file's address with its hash, read once: a process serves the files that it started with."""
    return f"{url_path}/{filename}?v={hashlib.sha256(Path(folder, filename).read_bytes()).hexdigest()[:12]}"


def _static_place() -> tuple[str, str]:
    """Under which path static files are served, from which folder; kept, as Flask works both out each time."""
    kept: tuple[str, str] | None = current_app.extensions.get(STATIC)
    if kept is None:
        kept = current_app.extensions[STATIC] = str(current_app.static_url_path), str(current_app.static_folder)
    return kept


def static_url(filename: str) -> str:
    """The address of a static file with its hash, so that browsers may keep it for a year."""
    return quickness.root() + _with_fingerprint(*_static_place(), filename)


def in_locale(row: Any, name: str) -> Any:
    """`row.name`, or `row.name_en` for English readers where it is filled."""
    if locale_code() == "en" and (text := getattr(row, f"{name}_en", "")):
        return text
    return getattr(row, name, None)


def query_url(**changes: Any) -> str:
    """The present address with some query values changed; None removes one."""
    args = {**request.args.to_dict(flat=False), **(request.view_args or {})}
    for key, value in changes.items():
        args[key] = value
    return url_for(request.endpoint or "", **{k: v for k, v in args.items() if v is not None})


def page_urls(page: Page[Any]) -> dict[str, Any]:
    """A page of a list as the pager shows it."""
    return {
        "number": page.number,
        "pages": page.pages,
        "total": page.total,
        "counted": page.counted,
        "is_capped": page.is_capped,
        "as_of": page.as_of,
        "has_prev": page.has_prev,
        "has_next": page.has_next,
        "prev_url": query_url(page=page.number - 1) if page.has_prev else None,
        "next_url": query_url(page=page.number + 1) if page.has_next else None,
    }


def show_reason(reason: str) -> str:
    """Why something was returned or refused, its code in the reader's words."""
    return reason_in_words(reason, locale_code())


def not_filled(value: Any) -> Any:
    """`value`, or the words that say that nobody has filled it in."""
    return value if value not in (None, "", [], ()) else _said_blank(locale_code())


@lru_cache(maxsize=8)
def _said_blank(locale: str) -> Markup:
    return Markup('<span class="not-filled">{}</span>').format(gettext("未填"))


def init_app(app: Flask) -> None:
    """Give the templates their globals and filters."""
    app.context_processor(_globals)
    app.jinja_env.filters.update(
        money=show_money, date=show_date, day=show_day, datetime=show_datetime, near=show_near, ago=show_ago,
        phone_masked=phone_masked, email_masked=email_masked, or_blank=not_filled,
        code_name=shown_code, marked=marked, marked_words=marked_words, reason=show_reason,
    )  # fmt: skip
    app.jinja_env.globals.update(
        static_url=static_url, word=word, words=words, money_range=show_money_range, in_locale=in_locale,
        query_url=query_url, page_urls=page_urls, is_htmx=is_htmx, request_id=context.request_id,
        word_changes=word_changes, worded=worded,
    )  # fmt: skip
    words_of_readers = app.extensions["babel"].instance.domain_instance = Words()
    quickness.init_app(app, catalogue=words_of_readers.get_translations)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.speak(  # type: ignore[attr-defined]
        language=locale_code, root=quickness.root, catalogue=words_of_readers.get_translations, functions=FUNCTIONS
    )


def _globals() -> dict[str, Any]:
    """Read late: an error page must render even where the database does not answer."""
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    way_back = "?" + urlencode({"next": back}, safe="/?")
    other = "en" if locale_code() == "zh" else "zh"
    try:
        shared = {"site": site(), "places": shown_places(), "viewer": NAVIGATION.viewer_of(current_actor())}
    except Exception:
        current_app.logger.exception("layout without database")
        shared = {"site": None, "places": [], "viewer": None}
    return {
        **shared,
        "actor": g.get("actor"),
        "locale": locale_code(),
        "in_app_browser": IN_APP in (request.user_agent.string or ""),
        "large_text": request.cookies.get("large_text") == "1",
        "switch_locale_url": quickness.address("console.language", locale=other) + way_back,
        "large_text_url": quickness.address("console.large_text") + way_back,
        "now": utcnow(),
    }
