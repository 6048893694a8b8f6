"""The small switches of the page: language and large text. They change only the reader's own cookie."""

from datetime import timedelta

from flask import redirect, request
from flask.typing import ResponseReturnValue

from matchhub.console.views.blueprint import bp
from matchhub.core.ui import LOCALES
from matchhub.core.web import public, safe_next

YEAR = timedelta(days=365)


@bp.get("/language/<string:locale>")
@public("choosing the language changes only the reader's own cookie")
def language(locale: str) -> ResponseReturnValue:
    response = redirect(safe_next(request.args.get("next"), "/"))
    response.set_cookie("locale", locale if locale in LOCALES else "zh", max_age=YEAR, samesite="Lax", httponly=True)
    return response


@bp.get("/large-text")
@public("choosing the text size changes only the reader's own cookie")
def large_text() -> ResponseReturnValue:
    response = redirect(safe_next(request.args.get("next"), "/"))
    chosen = "0" if request.cookies.get("large_text") == "1" else "1"
    response.set_cookie("large_text", chosen, max_age=YEAR, samesite="Lax", httponly=True)
    return response
