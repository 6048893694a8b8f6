"""after an event.

What people say of it, whom they met, what became of that, the report; and the questions that templates ask afterwards.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime
from matchhub.events.models.seed import seed_templates

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("event_feedback", "event_contact", "follow_up", "event_report")
TEMPLATES = sa.table(
    "event_template", sa.column("id", sa.Integer), sa.column("type", sa.String), sa.column("content", sa.JSON)
)


def stamps() -> list[sa.Column[object]]:
    """When the row was made and changed, and how often."""
    return [
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "event_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("quotable", sa.Boolean(), nullable=False),
        *stamps(),
        sa.CheckConstraint(
            "answered_at IS NOT NULL OR NOT quotable", name=op.f("ck_event_feedback_quotes_need_words")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_feedback_event_id_event")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_event_feedback_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_feedback")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_event_feedback_registration_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_event_feedback_token_hash")),
    )
    op.create_index("ix_event_feedback_answered", "event_feedback", ["event_id", "answered_at"])
    op.create_table(
        "event_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("giver_place_id", sa.Integer(), nullable=False),
        sa.Column("firm_place_id", sa.Integer(), nullable=True),
        sa.Column("pitch_id", sa.Integer(), nullable=True),
        sa.Column("introduction_id", sa.Integer(), nullable=True),
        sa.Column("met_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_as", sa.String(length=32), nullable=True),
        *stamps(),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name=op.f("ck_event_contact_ends_somehow")),
        sa.CheckConstraint(
            "firm_place_id IS NOT NULL OR pitch_id IS NOT NULL", name=op.f("ck_event_contact_has_a_firm")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_contact_event_id_event")),
        sa.ForeignKeyConstraint(
            ["firm_place_id"], ["registration.id"], name=op.f("fk_event_contact_firm_place_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["giver_place_id"], ["registration.id"], name=op.f("fk_event_contact_giver_place_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_event_contact_introduction_id_introduction")
        ),
        sa.ForeignKeyConstraint(["pitch_id"], ["pitch.id"], name=op.f("fk_event_contact_pitch_id_pitch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_contact")),
        sa.UniqueConstraint(
            "giver_place_id", "firm_place_id", name=op.f("uq_event_contact_giver_place_id_firm_place_id")
        ),
        sa.UniqueConstraint("giver_place_id", "pitch_id", name=op.f("uq_event_contact_giver_place_id_pitch_id")),
    )
    for column in ("event_id", "firm_place_id", "pitch_id", "introduction_id"):
        op.create_index(op.f(f"ix_event_contact_{column}"), "event_contact", [column])
    op.create_index(
        "ix_event_contact_open",
        "event_contact",
        ["met_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        *stamps(),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_follow_up_answered_when")),
        sa.CheckConstraint("day > 0", name=op.f("ck_follow_up_after_the_event")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_follow_up_answered_by_id_user")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["event_contact.id"], name=op.f("fk_follow_up_contact_id_event_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("contact_id", "side", "day", name=op.f("uq_follow_up_contact_id_side_day")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_follow_up_token_hash")),
    )
    op.create_table(
        "event_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        *stamps(),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_report_event_id_event")),
        sa.ForeignKeyConstraint(["published_by_id"], ["user.id"], name=op.f("fk_event_report_published_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_report")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_report_event_id")),
    )
    _ask_afterwards()


def _ask_afterwards() -> None:
    """Versions of templates from before get the questions of the first version of their type."""
    questions = {row["type"]: row["content"]["feedback"] for row in seed_templates()}
    bind = op.get_bind()
    for row in bind.execute(sa.select(TEMPLATES)).all():
        if "feedback" not in row.content and row.type in questions:
            content = {**row.content, "feedback": questions[row.type]}
            bind.execute(TEMPLATES.update().where(TEMPLATES.c.id == row.id).values(content=content))


def downgrade() -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(TEMPLATES)).all():
        content = {name: value for name, value in row.content.items() if name != "feedback"}
        bind.execute(TEMPLATES.update().where(TEMPLATES.c.id == row.id).values(content=content))
    for table in reversed(TABLES):
        op.drop_table(table)
