"""The web application: extensions, blueprints, error pages; nothing else. Creating it opens no database connection."""

import logging
from pathlib import Path

from flask import Flask, request, Response
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from matchhub import wiring
from matchhub.core import compression, context, errors, logs, ui
from matchhub.core.db import db
from matchhub.core.engine import engine_options, prepare_engine
from matchhub.core.labels import N_
from matchhub.core.web import (
    App,
    confirmation_page,
    error_page,
    ProofNeeded,
    sign_in_page,
    SignInNeeded,
    undeclared_routes,
)
from matchhub.settings import ROOT, Settings, SettingsError

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}
YEAR = 365 * 24 * 3600
HTTP_WORDS = {
    400: N_("这个请求读不懂，请返回再试"),
    404: N_("没有这一页，或者你不能看"),
    405: N_("这个地址不能这样用"),
    413: N_("内容太大，请分开上传"),
    429: N_("操作太频繁，请稍后再试"),
}


def create_app(settings: Settings | None = None) -> App:
    """Build the application for `settings` (from the environment by default). Raises SettingsError."""
    settings = settings or Settings.from_env()
    app = App(
        "matchhub",
        root_path=str(Path(__file__).parent),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, settings)
    _extend(app, settings)
    wiring.connect(app)
    ui.init_app(app)
    compression.init_app(app)
    _answer_errors(app)
    _around_requests(app)
    if missing := undeclared_routes(app):
        raise SettingsError("routes without declared access: " + "; ".join(missing))
    return app


def _configure(app: App, settings: Settings) -> None:
    app.extensions["matchhub"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database),
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=(settings.upload_megabytes + 1) * 2**20,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        MAX_FORM_PARTS=500,
        SEND_FILE_MAX_AGE_DEFAULT=YEAR,
        SESSION_COOKIE_NAME="matchhub",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_production,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI="memory://",
    )
    if settings.proxy_count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxy_count, x_proto=settings.proxy_count, x_host=0
        )


def _extend(app: App, settings: Settings) -> None:
    logs.configure(settings)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, wait_seconds=settings.write_wait_seconds)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    CSRFProtect(app)
    Babel(app, locale_selector=ui.choose_locale)
    Limiter(get_remote_address, app=app, default_limits=["1200 per minute"])
    app.after_request(_sandbox_downloads)  # registered before Talisman, so that it has the last word
    Talisman(
        app,
        content_security_policy=CSP,
        force_https=settings.is_production,
        session_cookie_secure=settings.is_production,
        strict_transport_security=settings.is_production,
        frame_options="DENY",
        referrer_policy="same-origin",
        permissions_policy={"camera": "(self)", "microphone": "()", "geolocation": "()"},
    )


def _sandbox_downloads(response: Response) -> Response:
    """A file that somebody uploaded cannot run, even where a browser shows it."""
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _answer_errors(app: App) -> None:
    app.register_error_handler(errors.DomainError, error_page)
    app.register_error_handler(SignInNeeded, sign_in_page)
    app.register_error_handler(ProofNeeded, confirmation_page)
    app.register_error_handler(
        CSRFError, lambda _: error_page(errors.DomainError(N_("页面放得太久了，请刷新后再提交")))
    )

    def http_error(error: HTTPException) -> ResponseReturnValue:
        if isinstance(error, SecurityError):  # a host that is not ours: no address can be built for a page of ours
            return "Bad Request", 400, {"Content-Type": "text/plain"}
        code = error.code or 500
        if code < 400 or code == 500:
            return error.get_response() if code < 400 else _server_error(error)
        spoken = errors.DomainError(HTTP_WORDS.get(code, HTTP_WORDS[400]))
        spoken.status = code
        return error_page(spoken)

    app.register_error_handler(HTTPException, http_error)


def _server_error(error: Exception) -> ResponseReturnValue:
    logging.getLogger("matchhub").exception("unexpected", exc_info=error)
    spoken = errors.DomainError(N_("出了点问题，我们已经记录。请稍后再试，或把编号告诉管理员"))
    spoken.status = 500
    return error_page(spoken)


def _around_requests(app: Flask) -> None:
    @app.before_request
    def start() -> None:
        context.new_request_id()

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["X-Request-Id"] = context.request_id()
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
            response.vary.add("Cookie")
        elif "v" not in request.args:
            response.headers["Cache-Control"] = "public, max-age=300"
        return response
