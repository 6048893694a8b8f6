"""the day of an event.

Who keeps the door, what is on, the jury and its scores, interest in a pitch; what a door called an entry.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("door_keeper", "stage_clock", "jury", "jury_member", "jury_score", "pitch_interest")


def upgrade() -> None:
    op.add_column("check_in", sa.Column("ref", sa.String(length=36), nullable=True))
    where = sa.text("ref IS NOT NULL")
    op.create_index(
        "one_entry_per_upload", "check_in", ["ref"], unique=True, sqlite_where=where, postgresql_where=where
    )
    _door_and_stage()
    _jury()
    op.create_table(
        "pitch_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pitch_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("introduction_id", sa.Integer(), nullable=True),
        *_row_times(),
        sa.Column("version", sa.Integer(), nullable=False),
        *_references("pitch_interest", pitch_id="pitch", registration_id="registration"),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_pitch_interest_introduction_id_introduction"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_interest")),
        sa.UniqueConstraint(
            "pitch_id", "registration_id", name=op.f("uq_pitch_interest_pitch_id_registration_id")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_pitch_interest_registration_id"), "pitch_interest", ["registration_id"])
    op.create_index(op.f("ix_pitch_interest_introduction_id"), "pitch_interest", ["introduction_id"])


def _row_times() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
        for column, other in columns.items()
    ]


def _door_and_stage() -> None:
    op.create_table(
        "door_keeper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        *_row_times(),
        *_references("door_keeper", event_id="event", user_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_keeper")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_door_keeper_event_id_user_id")),
    )
    op.create_index(op.f("ix_door_keeper_user_id"), "door_keeper", ["user_id"])
    op.create_table(
        "stage_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("delay_minutes", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("pitch_id", sa.Integer(), nullable=True),
        sa.Column("on_since", UtcDateTime(), nullable=True),
        *_row_times(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("delay_minutes BETWEEN -240 AND 480", name=op.f("ck_stage_clock_delay")),
        sa.CheckConstraint("item_id IS NULL OR pitch_id IS NULL", name=op.f("ck_stage_clock_one_thing_on")),
        *_references("stage_clock", event_id="event", pitch_id="pitch"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_stage_clock_item_id_agenda_item"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_clock")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stage_clock_event_id")),
    )


def _jury() -> None:
    op.create_table(
        "jury",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("drop_extremes", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closing_reason", sa.String(length=300), nullable=False),
        *_row_times(),
        sa.Column("version", sa.Integer(), nullable=False),
        *_references("jury", event_id="event", closed_by_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury")),
        sa.UniqueConstraint("event_id", name=op.f("uq_jury_event_id")),
    )
    op.create_index(op.f("ix_jury_state"), "jury", ["state"])
    op.create_table(
        "jury_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jury_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", UtcDateTime(), nullable=True),
        *_row_times(),
        sa.Column("version", sa.Integer(), nullable=False),
        *_references("jury_member", jury_id="jury", registration_id="registration"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_member")),
        sa.UniqueConstraint("jury_id", "registration_id", name=op.f("uq_jury_member_jury_id_registration_id")),
    )
    op.create_index(op.f("ix_jury_member_registration_id"), "jury_member", ["registration_id"])
    op.create_table(
        "jury_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("pitch_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("conflict", sa.String(length=300), nullable=False),
        sa.Column("handed_in_at", UtcDateTime(), nullable=False),
        *_row_times(),
        sa.Column("version", sa.Integer(), nullable=False),
        *_references("jury_score", member_id="jury_member", pitch_id="pitch"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_score")),
        sa.UniqueConstraint("member_id", "pitch_id", name=op.f("uq_jury_score_member_id_pitch_id")),
    )
    op.create_index(op.f("ix_jury_score_pitch_id"), "jury_score", ["pitch_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("one_entry_per_upload", table_name="check_in")
    op.drop_column("check_in", "ref")
