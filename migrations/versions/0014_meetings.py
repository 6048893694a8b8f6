"""meetings one to one.

The round of an event, who takes part, whom they want to meet, the plan.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("meeting_round", "meeting_guest", "meeting_wish", "planned_meeting")


def upgrade() -> None:
    op.create_table(
        "meeting_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("tables", sa.Integer(), nullable=False),
        sa.Column("giver_least", sa.Integer(), nullable=False),
        sa.Column("giver_most", sa.Integer(), nullable=False),
        sa.Column("firm_least", sa.Integer(), nullable=False),
        sa.Column("firm_most", sa.Integer(), nullable=False),
        sa.Column("wishes_close_at", UtcDateTime(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("gap", sa.Double(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("firm_least >= 0 AND firm_least <= firm_most", name=op.f("ck_meeting_round_firm_bounds")),
        sa.CheckConstraint(
            "giver_least >= 0 AND giver_least <= giver_most", name=op.f("ck_meeting_round_giver_bounds")
        ),
        sa.CheckConstraint("slot_minutes > 0 AND pause_minutes >= 0", name=op.f("ck_meeting_round_times")),
        sa.CheckConstraint("tables > 0", name=op.f("ck_meeting_round_tables")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_meeting_round_event_id_event")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_meeting_round_item_id_agenda_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_round")),
        sa.UniqueConstraint("event_id", name=op.f("uq_meeting_round_event_id")),
    )
    op.create_index(op.f("ix_meeting_round_state"), "meeting_round", ["state"])
    op.create_table(
        "meeting_guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("away", sa.JSON(), nullable=False),
        sa.Column("missing_from", sa.Integer(), nullable=True),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_meeting_guest_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["meeting_round.id"], name=op.f("fk_meeting_guest_round_id_meeting_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_guest")),
        sa.UniqueConstraint("round_id", "registration_id", name=op.f("uq_meeting_guest_round_id_registration_id")),
    )
    op.create_index(op.f("ix_meeting_guest_registration_id"), "meeting_guest", ["registration_id"])
    op.create_table(
        "meeting_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("guest_id <> other_id", name=op.f("ck_meeting_wish_two_guests")),
        sa.ForeignKeyConstraint(
            ["guest_id"], ["meeting_guest.id"], name=op.f("fk_meeting_wish_guest_id_meeting_guest")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["meeting_guest.id"], name=op.f("fk_meeting_wish_other_id_meeting_guest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_wish")),
        sa.UniqueConstraint("guest_id", "other_id", name=op.f("uq_meeting_wish_guest_id_other_id")),
    )
    op.create_index(op.f("ix_meeting_wish_other_id"), "meeting_wish", ["other_id"])
    op.create_table(
        "planned_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("told_slot", sa.Integer(), nullable=True),
        sa.Column("told_seat", sa.Integer(), nullable=True),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(slot IS NULL) = (dropped_at IS NOT NULL)", name=op.f("ck_planned_meeting_slot_or_dropped")
        ),
        sa.CheckConstraint("(slot IS NULL) = (seat IS NULL)", name=op.f("ck_planned_meeting_slot_and_table")),
        sa.ForeignKeyConstraint(
            ["firm_id"], ["meeting_guest.id"], name=op.f("fk_planned_meeting_firm_id_meeting_guest")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["meeting_guest.id"], name=op.f("fk_planned_meeting_giver_id_meeting_guest")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["meeting_round.id"], name=op.f("fk_planned_meeting_round_id_meeting_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_meeting")),
        sa.UniqueConstraint("firm_id", "slot", name="uq_planned_meeting_firm_slot"),
        sa.UniqueConstraint("giver_id", "firm_id", name=op.f("uq_planned_meeting_giver_id_firm_id")),
        sa.UniqueConstraint("giver_id", "slot", name="uq_planned_meeting_giver_slot"),
        sa.UniqueConstraint("round_id", "slot", "seat", name="uq_planned_meeting_table"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
