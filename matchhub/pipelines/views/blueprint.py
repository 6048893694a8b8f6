"""The blueprint that the views of pipelines hang on."""

from flask import Blueprint

bp = Blueprint("pipelines", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = 5_000
