"""The blueprint that the views of mentoring hang on."""

from flask import Blueprint

bp = Blueprint("mentoring", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = 5_000
