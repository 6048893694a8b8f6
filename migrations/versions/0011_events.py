"""events.

Templates with their first versions, venues, series, events, seats, registrations, tickets, line-up, invitations, feeds.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.clock import utcnow
from matchhub.core.db import UtcDateTime
from matchhub.events.models.seed import seed_templates

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "event_template",
    "venue",
    "room",
    "event_series",
    "event",
    "agenda_item",
    "form_field",
    "announcement",
    "feed",
    "pitch_application",
    "pitch_call",
    "pitch",
    "pitch_review",
    "invitation_wave",
    "event_invitation",
    "seat_pool",
    "registration",
    "check_in",
    "ticket",
)


def upgrade() -> None:
    _create_events()
    _create_lineup()
    _create_invitations()
    _create_seats()
    now = utcnow()
    templates = sa.table(
        "event_template",
        *(sa.column(name) for name in ("type", "number", "source")),
        sa.column("effective_from", sa.Date()),
        sa.column("content", sa.JSON()),
        sa.column("created_at", UtcDateTime()),
        sa.column("updated_at", UtcDateTime()),
    )
    op.bulk_insert(templates, [{**row, "created_at": now, "updated_at": now} for row in seed_templates()])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_events() -> None:
    op.create_table(
        "event_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_event_template_created_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_template")),
        sa.UniqueConstraint("type", "number", name=op.f("uq_event_template_type_number")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("transport", sa.String(length=300), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_venue_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
    )
    op.create_index(op.f("ix_venue_organization_id"), "venue", ["organization_id"])
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_room_capacity_positive")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_room_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_room_venue_id_name")),
    )
    op.create_table(
        "event_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("rhythm", sa.String(length=32), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("holidays", sa.String(length=32), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(rhythm = 'monthly') = (nth IS NOT NULL)", name=op.f("ck_event_series_nth_of_month")),
        sa.CheckConstraint("every BETWEEN 1 AND 12", name=op.f("ck_event_series_every")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_event_series_length")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_event_series_weekday")),
        sa.ForeignKeyConstraint(["host_id"], ["organization.id"], name=op.f("fk_event_series_host_id_organization")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_event_series_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_series")),
    )
    op.create_index(op.f("ix_event_series_host_id"), "event_series", ["host_id"])
    op.create_index(op.f("ix_event_series_state"), "event_series", ["state"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=60), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("series_on", sa.Date(), nullable=True),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=True),
        sa.Column("district_code", sa.String(length=12), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("join_url", sa.String(length=500), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("registration_closes_at", UtcDateTime(), nullable=False),
        sa.Column("lineup_public_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=32), nullable=False),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("reminder_hours", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("moved_from", UtcDateTime(), nullable=True),
        sa.Column("change_reason", sa.String(length=300), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_event_ends_after_start")),
        sa.CheckConstraint("offer_hours BETWEEN 1 AND 72", name=op.f("ck_event_offer_hours")),
        sa.ForeignKeyConstraint(["carrier_id"], ["organization.id"], name=op.f("fk_event_carrier_id_organization")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_event_created_by_id_user")),
        sa.ForeignKeyConstraint(["host_id"], ["organization.id"], name=op.f("fk_event_host_id_organization")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_event_room_id_room")),
        sa.ForeignKeyConstraint(["series_id"], ["event_series.id"], name=op.f("fk_event_series_id_event_series")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["event_template.id"], name=op.f("fk_event_template_id_event_template")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("series_id", "series_on", name=op.f("uq_event_series_id_series_on")),
        sa.UniqueConstraint("uid", name=op.f("uq_event_uid")),
    )
    op.create_index("ix_event_calendar", "event", ["starts_at", "state"])
    op.create_index(op.f("ix_event_carrier_id"), "event", ["carrier_id"])
    op.create_index(op.f("ix_event_district_code"), "event", ["district_code"])
    op.create_index("ix_event_host", "event", ["host_id", "state"])
    op.create_index("ix_event_room", "event", ["room_id", "starts_at"])
    op.create_index(op.f("ix_event_state"), "event", ["state"])
    op.create_index(op.f("ix_event_type"), "event", ["type"])
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("speaker", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("minutes > 0 AND offset_minutes >= 0", name=op.f("ck_agenda_item_times")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_agenda_item_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_event_id"), "agenda_item", ["event_id"])
    op.create_table(
        "form_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("when_key", sa.String(length=40), nullable=False),
        sa.Column("when_values", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_form_field_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_field")),
        sa.UniqueConstraint("event_id", "key", name=op.f("uq_form_field_event_id_key")),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_announcement_event_id_event")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_announcement_made_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_event_id"), "announcement", ["event_id"])
    op.create_index(
        "ix_announcement_untold",
        "announcement",
        ["made_at"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(kind = 'series') = (series_id IS NOT NULL)", name=op.f("ck_feed_which_series")),
        sa.ForeignKeyConstraint(["series_id"], ["event_series.id"], name=op.f("fk_feed_series_id_event_series")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_feed_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_hash")),
    )
    op.create_index(
        "one_feed_per_person",
        "feed",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND kind = 'person'"),
        postgresql_where=sa.text("ended_at IS NULL AND kind = 'person'"),
    )
    op.create_index(
        "one_feed_per_series",
        "feed",
        ["user_id", "series_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND kind = 'series'"),
        postgresql_where=sa.text("ended_at IS NULL AND kind = 'series'"),
    )


def _create_lineup() -> None:
    op.create_table(
        "pitch_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("recommended_by_id", sa.Integer(), nullable=True),
        sa.Column("applied_by_id", sa.Integer(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["applied_by_id"], ["user.id"], name=op.f("fk_pitch_application_applied_by_id_user")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_pitch_application_event_id_event")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_pitch_application_need_id_need")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pitch_application_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recommended_by_id"], ["organization.id"], name=op.f("fk_pitch_application_recommended_by_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_application")),
    )
    op.create_index(op.f("ix_pitch_application_need_id"), "pitch_application", ["need_id"])
    op.create_index(op.f("ix_pitch_application_organization_id"), "pitch_application", ["organization_id"])
    op.create_index(op.f("ix_pitch_application_state"), "pitch_application", ["state"])
    op.create_index(
        "uq_pitch_application_open",
        "pitch_application",
        ["event_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "pitch_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("reserves", sa.Integer(), nullable=False),
        sa.Column("pitch_minutes", sa.Integer(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_pitch_call_closes_after_opening")),
        sa.CheckConstraint("places > 0 AND reserves >= 0", name=op.f("ck_pitch_call_places")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_pitch_call_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_call")),
        sa.UniqueConstraint("event_id", name=op.f("uq_pitch_call_event_id")),
    )
    op.create_table(
        "pitch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("named_since", UtcDateTime(), nullable=True),
        sa.Column("named_by_id", sa.Integer(), nullable=True),
        sa.Column("public_line", sa.String(length=80), nullable=False),
        sa.Column("public_line_en", sa.String(length=160), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_pitch_length")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["pitch_application.id"], name=op.f("fk_pitch_application_id_pitch_application")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_pitch_event_id_event")),
        sa.ForeignKeyConstraint(["named_by_id"], ["user.id"], name=op.f("fk_pitch_named_by_id_user")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_pitch_need_id_need")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pitch_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch")),
    )
    op.create_index(op.f("ix_pitch_event_id"), "pitch", ["event_id"])
    op.create_index(op.f("ix_pitch_need_id"), "pitch", ["need_id"])
    op.create_index(op.f("ix_pitch_organization_id"), "pitch", ["organization_id"])
    op.create_index(op.f("ix_pitch_state"), "pitch", ["state"])
    op.create_index(
        "uq_pitch_open",
        "pitch",
        ["event_id", "organization_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'dropped'"),
        postgresql_where=sa.text("state <> 'dropped'"),
    )
    op.create_table(
        "pitch_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("conflict", sa.String(length=300), nullable=False),
        sa.Column("handed_in_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["pitch_application.id"], name=op.f("fk_pitch_review_application_id_pitch_application")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_pitch_review_reviewer_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_review")),
        sa.UniqueConstraint("application_id", "reviewer_id", name=op.f("uq_pitch_review_application_id_reviewer_id")),
    )
    op.create_index(op.f("ix_pitch_review_reviewer_id"), "pitch_review", ["reviewer_id"])


def _create_invitations() -> None:
    op.create_table(
        "invitation_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_invitation_wave_event_id_event")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("fk_invitation_wave_sent_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_wave")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_invitation_wave_event_id_number")),
    )
    op.create_table(
        "event_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=True),
        sa.Column("person_key", sa.String(length=270), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organization_name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_event_invitation_event_id_event")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_event_invitation_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_event_invitation_user_id_user")),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["invitation_wave.id"], name=op.f("fk_event_invitation_wave_id_invitation_wave")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_invitation")),
        sa.UniqueConstraint("event_id", "person_key", name=op.f("uq_event_invitation_event_id_person_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_event_invitation_token_hash")),
    )
    op.create_index(op.f("ix_event_invitation_organization_id"), "event_invitation", ["organization_id"])
    op.create_index(op.f("ix_event_invitation_sent_at"), "event_invitation", ["sent_at"])
    op.create_index(op.f("ix_event_invitation_state"), "event_invitation", ["state"])
    op.create_index(op.f("ix_event_invitation_user_id"), "event_invitation", ["user_id"])
    op.create_index(op.f("ix_event_invitation_wave_id"), "event_invitation", ["wave_id"])


def _create_seats() -> None:
    op.create_table(
        "seat_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_seat_pool_capacity_not_negative")),
        sa.CheckConstraint("ceiling >= capacity", name=op.f("ck_seat_pool_ceiling_over_capacity")),
        sa.CheckConstraint("taken <= ceiling", name=op.f("ck_seat_pool_never_oversold")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_seat_pool_taken_not_negative")),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_seat_pool_waiting_not_negative")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_seat_pool_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_pool")),
        sa.UniqueConstraint("event_id", "role", name=op.f("uq_seat_pool_event_id_role")),
        sa.UniqueConstraint("id", "event_id", name=op.f("uq_seat_pool_id_event_id")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.String(length=270), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("organization_name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("seated_at", UtcDateTime(), nullable=True),
        sa.Column("waiting_since", UtcDateTime(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("offered_until", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_registration_offer_ends")
        ),
        sa.CheckConstraint(
            "state <> 'waitlisted' OR waiting_since IS NOT NULL", name=op.f("ck_registration_waits_since")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_registration_decided_by_id_user")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_registration_event_id_event")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["event_invitation.id"], name=op.f("fk_registration_invitation_id_event_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_registration_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["pool_id", "event_id"], ["seat_pool.id", "seat_pool.event_id"], name="pool_of_event"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_registration_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("event_id", "person_key", name=op.f("uq_registration_event_id_person_key")),
    )
    op.create_index(op.f("ix_registration_invitation_id"), "registration", ["invitation_id"])
    op.create_index(
        "ix_registration_offers",
        "registration",
        ["offered_until"],
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(op.f("ix_registration_organization_id"), "registration", ["organization_id"])
    op.create_index("ix_registration_queue", "registration", ["pool_id", "state", "rank", "waiting_since", "id"])
    op.create_index(op.f("ix_registration_user_id"), "registration", ["user_id"])
    op.create_table(
        "check_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_check_in_by_user_id_user")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_check_in_event_id_event")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_check_in_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    op.create_index(op.f("ix_check_in_event_id"), "check_in", ["event_id"])
    op.create_index(
        "one_entry_per_registration",
        "check_in",
        ["registration_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_ticket_registration_id_registration")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_ticket_code_hash")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_ticket_registration_id")),
    )
