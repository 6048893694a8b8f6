"""The blueprint that the views of introductions hang on."""

from flask import Blueprint

bp = Blueprint("introductions", __name__)
