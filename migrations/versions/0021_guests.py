"""guests.

Visitors who ask by mail for a place, when people are free for events, and since when an event's reminders are what they are.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organization_name", sa.String(length=160), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (registration_id IS NULL)", name=op.f("ck_guest_place_confirmed_with_a_place")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_guest_place_event_id_event")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_guest_place_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["text_id"], ["legal_text.id"], name=op.f("fk_guest_place_text_id_legal_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_place")),
        sa.UniqueConstraint("event_id", "email", name=op.f("uq_guest_place_event_id_email")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_guest_place_registration_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guest_place_token_hash")),
    )
    op.create_index(op.f("ix_guest_place_email"), "guest_place", ["email"])
    op.create_index(op.f("ix_guest_place_expires_at"), "guest_place", ["expires_at"])
    op.create_table(
        "availability",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("away", sa.JSON(), nullable=False),
        sa.Column("stated_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_availability_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_availability")),
    )
    op.add_column("event", sa.Column("reminders_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("event", "reminders_since")
    op.drop_table("availability")
    op.drop_table("guest_place")
