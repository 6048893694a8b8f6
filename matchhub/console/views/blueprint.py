"""The console's blueprint, which its modules fill."""

from flask import Blueprint

bp = Blueprint("console", __name__)
