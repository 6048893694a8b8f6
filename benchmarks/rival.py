"""The pages that ours are measured beside: a list of 50 rows as a good Flask developer writes it, and the plainest one.

`/list`: fifty needs as ORM objects, newest first, each with its organization loaded eagerly by a join; a table of six columns
(what, who, kind, region, state, date), each row linked by `url_for`; a page template that extends a layout with head, navigation
of five places, main and foot; autoescape; dates formatted by a filter. No sign-in, no policy, no translation, no disclosure, no
count, no pager, no icons.

`/plainest`: one query of 50 rows, one template string of three columns.
"""

from datetime import datetime

from flask import Flask, render_template, render_template_string
from jinja2 import DictLoader
from sqlalchemy import create_engine, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.models import Organization
from matchhub.listings.models import Need

LAYOUT = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{% block title %}{% endblock %}</title>
  <link rel="stylesheet" href="{{ url_for("static", filename="app.css") }}">
</head>
<body>
  <nav><ul>{% for label, url in places %}<li><a href="{{ url }}">{{ label }}</a></li>{% endfor %}</ul></nav>
  <main>{% block content %}{% endblock %}</main>
  <footer>{{ city }}</footer>
</body>
</html>
"""
LIST = """{% extends "layout.html" %}
{% block title %}Needs{% endblock %}
{% block content %}
<h1>Needs</h1>
<table>
  <thead><tr><th>What</th><th>Who</th><th>Kind</th><th>Region</th><th>State</th><th>Published</th></tr></thead>
  <tbody>
    {% for need in needs %}
    <tr>
      <td><a href="{{ url_for("page", need=need.id) }}">{{ need.teaser or need.code_name }}</a></td>
      <td>{{ need.organization.name }}</td>
      <td>{{ need.kind.value }}</td>
      <td>{{ need.region_code or "" }}</td>
      <td>{{ need.state.value }}</td>
      <td>{{ need.published_at|day }}</td>
    </tr>
    {% endfor %}
  </tbody>
</table>
{% endblock %}
"""
PLAINEST = """<table>
{% for o in rows %}<tr><td>{{ o.id }}</td><td>{{ o.name }}</td><td>{{ o.kind.value }}</td></tr>{% endfor %}
</table>"""
PLACES = [(label, f"/{label.lower()}") for label in ("Today", "Needs", "Suggestions", "Introductions", "Figures")]


def make_rival(url: str) -> Flask:
    """The rival on the same database, with an engine of its own as SQLAlchemy makes it by default."""
    app = Flask("rival")
    app.jinja_loader = DictLoader({"layout.html": LAYOUT, "list.html": LIST})
    engine = create_engine(url)

    @app.template_filter("day")
    def day(moment: datetime | None) -> str:
        return f"{moment:%d %b %Y}" if moment else ""

    @app.get("/list")
    def page() -> str:
        statement = select(Need).options(joinedload(Need.organization)).order_by(Need.published_at.desc()).limit(50)
        with Session(engine) as session:
            return render_template("list.html", needs=session.scalars(statement).all(), places=PLACES, city="Ezhou")

    @app.get("/plainest")
    def plainest() -> str:
        with Session(engine) as session:
            return render_template_string(PLAINEST, rows=session.scalars(select(Organization).limit(50)).all())

    return app
