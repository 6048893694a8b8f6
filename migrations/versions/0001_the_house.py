"""the house."""

import sqlalchemy as sa
from alembic import op

from matchhub.core import triggers
from matchhub.core.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("actor_user_id", sa.Integer(), nullable=True),
        sa.Column("actor_organization_id", sa.Integer(), nullable=True),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("object_type", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_action"), ["action"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_event_actor_organization_id"), ["actor_organization_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_event_object", ["object_type", "object_id"], unique=False)

    op.create_table(
        "code_name_counter",
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("label", name=op.f("pk_code_name_counter")),
    )
    op.create_table(
        "dictionary_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dictionary", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=160), nullable=False),
        sa.Column("parent", sa.String(length=80), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("official", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dictionary_entry")),
    )
    with op.batch_alter_table("dictionary_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dictionary_entry_dictionary"), ["dictionary"], unique=False)
        batch_op.create_index("uq_dictionary_entry_code", ["dictionary", "code", "effective_from"], unique=True)

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_name", sa.String(length=60), nullable=False),
        sa.Column("city_name_en", sa.String(length=60), nullable=False),
        sa.Column("city_region", sa.String(length=12), nullable=False),
        sa.Column("product_name", sa.String(length=60), nullable=False),
        sa.Column("logo_file_id", sa.Integer(), nullable=True),
        sa.Column("icp", sa.String(length=80), nullable=False),
        sa.Column("police_record", sa.String(length=80), nullable=False),
        sa.Column("site_code", sa.String(length=40), nullable=False),
        sa.Column("host_unit", sa.String(length=120), nullable=False),
        sa.Column("organizer_unit", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("need_check_by_carrier", sa.Boolean(), nullable=False),
        sa.Column("in_flight_per_enterprise", sa.Integer(), nullable=False),
        sa.Column("cool_down_days", sa.Integer(), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("silence_days", sa.Integer(), nullable=False),
        sa.Column("dictionary_version", sa.Integer(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
    op.create_table(
        "legal_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "terms",
                "privacy",
                "contact_consent",
                "materials_consent",
                name="textkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("effective_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_text")),
    )
    with op.batch_alter_table("legal_text", schema=None) as batch_op:
        batch_op.create_index("uq_legal_text_version", ["kind", "version"], unique=True)

    op.create_table(
        "matching_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_model")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_matching_model_kind_name")),
    )
    with op.batch_alter_table("matching_model", schema=None) as batch_op:
        batch_op.create_index(
            "uq_matching_model_active",
            ["kind"],
            unique=True,
            sqlite_where=sa.text("is_active"),
            postgresql_where=sa.text("is_active"),
        )

    op.create_table(
        "security_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor_user_id", sa.Integer(), nullable=True),
        sa.Column("actor_organization_id", sa.Integer(), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_event")),
    )
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_security_event_kind"), ["kind"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("identifier_hash", sa.String(length=64), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_ip"), ["ip"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_limit", ["kind", "identifier_hash", "at"], unique=False)

    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_file_key")),
    )
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_file_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "used_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_code")),
        sa.UniqueConstraint("user_id", "code", name=op.f("uq_used_code_user_id_code")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_changed_at", UtcDateTime(), nullable=True),
        sa.Column("totp_secret", sa.String(length=200), nullable=True),
        sa.Column("totp_enabled_at", UtcDateTime(), nullable=True),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("last_seen_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("email IS NOT NULL OR mobile IS NOT NULL", name=op.f("ck_user_reachable")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("mobile", name=op.f("uq_user_mobile")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("recipient_user_id", sa.Integer(), nullable=True),
        sa.Column("recipient_key", sa.String(length=120), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("object_type", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("bell", sa.Boolean(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column(
            "mail_state",
            sa.Enum("none", "pending", "sent", "failed", "cancelled", name="mailstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint("recipient_user_id IS NOT NULL OR address <> ''", name=op.f("ck_notice_has_recipient")),
        sa.ForeignKeyConstraint(["recipient_user_id"], ["user.id"], name=op.f("fk_notice_recipient_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "kind",
            "recipient_key",
            "object_type",
            "object_id",
            "due_at",
            name=op.f("uq_notice_kind_recipient_key_object_type_object_id_due_at"),
        ),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_bell", ["recipient_user_id", "read_at"], unique=False)
        batch_op.create_index(
            "ix_notice_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("mail_state = 'pending'"),
            postgresql_where=sa.text("mail_state = 'pending'"),
        )

    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "investor",
                "carrier",
                "bank",
                "mentor",
                "bureau",
                name="organizationkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("sort_key", sa.String(length=240), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("district_code", sa.String(length=12), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "unverified",
                "pending",
                "verified",
                "rejected",
                "closed",
                "merged",
                name="organizationstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.String(length=300), nullable=False),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("verified_by_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("is_claimed", sa.Boolean(), nullable=False),
        sa.Column("external_ref", sa.String(length=120), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["organization.id"], name=op.f("fk_organization_merged_into_id_organization")
        ),
        sa.ForeignKeyConstraint(["verified_by_id"], ["user.id"], name=op.f("fk_organization_verified_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_district_code"), ["district_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_kind"), ["kind"], unique=False)
        batch_op.create_index("ix_organization_kind_sort", ["kind", "sort_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_organization_status"), ["status"], unique=False)
        batch_op.create_index(
            "uq_organization_external",
            ["external_ref"],
            unique=True,
            sqlite_where=sa.text("external_ref IS NOT NULL"),
            postgresql_where=sa.text("external_ref IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_organization_uscc",
            ["uscc"],
            unique=True,
            sqlite_where=sa.text("uscc IS NOT NULL AND status <> 'merged'"),
            postgresql_where=sa.text("uscc IS NOT NULL AND status <> 'merged'"),
        )

    op.create_table(
        "password_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind", sa.Enum("mail", "operator_code", name="resetkind", native_enum=False, length=32), nullable=False
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["issued_by_id"], ["user.id"], name=op.f("fk_password_reset_issued_by_id_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_password_reset_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_reset_token_hash")),
    )
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_reset_user_id"), ["user_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "text_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["legal_text.id"], name=op.f("fk_text_acceptance_text_id_legal_text")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_text_acceptance_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_acceptance")),
        sa.UniqueConstraint("user_id", "text_id", name=op.f("uq_text_acceptance_user_id_text_id")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("deck", "licence", "certificate", "other", name="attachmentkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_attachment_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_attachment_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("about_type", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("shown_values", sa.JSON(), nullable=False),
        sa.Column("text_id", sa.Integer(), nullable=False),
        sa.Column("materials_text_id", sa.Integer(), nullable=True),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("active_from", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("subject_id <> recipient_id", name=op.f("ck_consent_two_parties")),
        sa.ForeignKeyConstraint(["given_by_id"], ["user.id"], name=op.f("fk_consent_given_by_id_user")),
        sa.ForeignKeyConstraint(
            ["materials_text_id"], ["legal_text.id"], name=op.f("fk_consent_materials_text_id_legal_text")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organization.id"], name=op.f("fk_consent_recipient_id_organization")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["organization.id"], name=op.f("fk_consent_subject_id_organization")),
        sa.ForeignKeyConstraint(["text_id"], ["legal_text.id"], name=op.f("fk_consent_text_id_legal_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_pair", ["subject_id", "recipient_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "viewer",
                "district_officer",
                "city_officer",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user.id"], name=op.f("fk_invitation_invited_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_invitation_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "editor",
                "viewer",
                "district_officer",
                "city_officer",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column(
            "state",
            sa.Enum("requested", "active", "refused", "ended", name="membershipstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_membership_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_membership_open",
            ["user_id", "organization_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('requested', 'active')"),
            postgresql_where=sa.text("state IN ('requested', 'active')"),
        )

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "open", "paused", "closed", "expired", name="offerstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("statement_en", sa.Text(), nullable=False),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("must", sa.JSON(), nullable=False),
        sa.Column("capacity_per_month", sa.Integer(), nullable=True),
        sa.Column("reply_days", sa.Integer(), nullable=True),
        sa.Column("is_inferred", sa.Boolean(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "capacity_per_month IS NULL OR capacity_per_month BETWEEN 1 AND 200", name=op.f("ck_offer_capacity")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_offer_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_offer_id_kind")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index("ix_offer_list", ["kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_state"), ["state"], unique=False)

    op.create_table(
        "organization_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_organization_name_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_name")),
    )
    with op.batch_alter_table("organization_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_name_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "organization_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("blocked", "portfolio", "shareholder", name="relationkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"], ["organization.id"], name=op.f("fk_organization_relation_from_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["organization.id"], name=op.f("fk_organization_relation_to_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_relation")),
        sa.UniqueConstraint("from_id", "to_id", "kind", name=op.f("uq_organization_relation_from_id_to_id_kind")),
    )
    with op.batch_alter_table("organization_relation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organization_relation_to_id"), ["to_id"], unique=False)

    op.create_table(
        "past_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("investor_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("company_name", sa.String(length=160), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("round_code", sa.String(length=40), nullable=True),
        sa.Column("amount_yuan", sa.BigInteger(), nullable=True),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("external_ref", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organization.id"], name=op.f("fk_past_round_enterprise_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["investor_id"], ["organization.id"], name=op.f("fk_past_round_investor_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_round")),
    )
    with op.batch_alter_table("past_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_past_round_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index("ix_past_round_investor", ["investor_id", "closed_on"], unique=False)
        batch_op.create_index(
            "uq_past_round_external",
            ["external_ref"],
            unique=True,
            sqlite_where=sa.text("external_ref IS NOT NULL"),
            postgresql_where=sa.text("external_ref IS NOT NULL"),
        )

    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "enterprise",
                "investor",
                "carrier",
                "bank",
                "mentor",
                "bureau",
                name="organizationkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "published",
                "returned",
                "archived",
                name="profilestate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("one_liner", sa.String(length=60), nullable=False),
        sa.Column("one_liner_en", sa.String(length=160), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("lead_industry", sa.String(length=80), nullable=True),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_title", sa.String(length=60), nullable=False),
        sa.Column("contact_mobile", sa.String(length=20), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_wechat", sa.String(length=60), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=500), nullable=False),
        sa.Column("last_submission", sa.JSON(), nullable=False),
        sa.Column("drafts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_profile_decided_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_profile_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_profile_organization_id")),
    )
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profile_lead_industry"), ["lead_industry"], unique=False)
        batch_op.create_index(batch_op.f("ix_profile_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_profile_state"), ["state"], unique=False)

    op.create_table(
        "qualification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("certificate_number", sa.String(length=80), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_qualification_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint("organization_id", "code", name=op.f("uq_qualification_organization_id_code")),
    )
    op.create_table(
        "residency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "admitted",
                "incubating",
                "graduated",
                "exited",
                "refused",
                name="residencystatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("entered_on", sa.Date(), nullable=True),
        sa.Column("incubation_from", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("moved_to", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "left_on IS NULL OR entered_on IS NULL OR left_on >= entered_on", name=op.f("ck_residency_dates_in_order")
        ),
        sa.ForeignKeyConstraint(["carrier_id"], ["organization.id"], name=op.f("fk_residency_carrier_id_organization")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organization.id"], name=op.f("fk_residency_enterprise_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residency")),
    )
    with op.batch_alter_table("residency", schema=None) as batch_op:
        batch_op.create_index("ix_residency_carrier", ["carrier_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_residency_status"), ["status"], unique=False)
        batch_op.create_index(
            "uq_residency_open",
            ["enterprise_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('admitted', 'incubating')"),
            postgresql_where=sa.text("status IN ('admitted', 'incubating')"),
        )

    op.create_table(
        "carrier_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("carrier_type", sa.String(length=40), nullable=True),
        sa.Column("carrier_level", sa.String(length=40), nullable=True),
        sa.Column("carrier_focus", sa.String(length=40), nullable=True),
        sa.Column("certified_on", sa.Date(), nullable=True),
        sa.Column("total_area_m2", sa.Integer(), nullable=True),
        sa.Column("incubation_area_m2", sa.Integer(), nullable=True),
        sa.Column("workstations", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["profile.id"], name=op.f("fk_carrier_profile_id_profile"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_profile")),
    )
    op.create_table(
        "enterprise_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_name", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=True),
        sa.Column("established_on", sa.Date(), nullable=True),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("founder_traits", sa.JSON(), nullable=False),
        sa.Column("trl", sa.Integer(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("revenue_yuan", sa.BigInteger(), nullable=True),
        sa.Column("rd_expense_yuan", sa.BigInteger(), nullable=True),
        sa.Column("invention_patents", sa.Integer(), nullable=True),
        sa.Column("other_ip", sa.Integer(), nullable=True),
        sa.Column("qualifications", sa.JSON(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["carrier_id"], ["organization.id"], name=op.f("fk_enterprise_profile_carrier_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["profile.id"], name=op.f("fk_enterprise_profile_id_profile"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_profile")),
    )
    with op.batch_alter_table("enterprise_profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_profile_carrier_id"), ["carrier_id"], unique=False)
        batch_op.create_index(
            "uq_enterprise_profile_code_name",
            ["code_name"],
            unique=True,
            sqlite_where=sa.text("code_name <> ''"),
            postgresql_where=sa.text("code_name <> ''"),
        )

    op.create_table(
        "investment_mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_min_yuan", sa.BigInteger(), nullable=True),
        sa.Column("ticket_max_yuan", sa.BigInteger(), nullable=True),
        sa.Column("rounds", sa.JSON(), nullable=False),
        sa.Column("instruments", sa.JSON(), nullable=False),
        sa.Column("qualifications", sa.JSON(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "ticket_min_yuan IS NULL OR ticket_max_yuan IS NULL OR ticket_max_yuan >= ticket_min_yuan",
            name=op.f("ck_investment_mandate_range"),
        ),
        sa.CheckConstraint(
            "ticket_min_yuan IS NULL OR ticket_min_yuan > 0", name=op.f("ck_investment_mandate_min_positive")
        ),
        sa.ForeignKeyConstraint(["id"], ["offer.id"], name=op.f("fk_investment_mandate_id_offer"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investment_mandate")),
    )
    op.create_table(
        "investor_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fund_type", sa.String(length=40), nullable=True),
        sa.Column("aum_yuan", sa.BigInteger(), nullable=True),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["profile.id"], name=op.f("fk_investor_profile_id_profile"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investor_profile")),
    )
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "open",
                "paused",
                "met",
                "closed",
                "expired",
                name="needstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("code_name", sa.String(length=40), nullable=False),
        sa.Column("teaser", sa.String(length=80), nullable=False),
        sa.Column("teaser_en", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("industries", sa.JSON(), nullable=False),
        sa.Column("lead_industry", sa.String(length=80), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("district_code", sa.String(length=12), nullable=True),
        sa.Column("carrier_id", sa.Integer(), nullable=True),
        sa.Column("deck_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=500), nullable=False),
        sa.Column("closing_reason", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("last_submission", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["carrier_id"], ["organization.id"], name=op.f("fk_need_carrier_id_organization")),
        sa.ForeignKeyConstraint(["deck_id"], ["attachment.id"], name=op.f("fk_need_deck_id_attachment")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_need_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_need_id_kind")),
    )
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_carrier_id"), ["carrier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_district_code"), ["district_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_lead_industry"), ["lead_industry"], unique=False)
        batch_op.create_index("ix_need_list", ["kind", "state", "published_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_organization_id"), ["organization_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_state"), ["state"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sid_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("membership_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("second_factor_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_user_session_membership_id_membership")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("sid_hash", name=op.f("uq_user_session_sid_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "equity_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("amount_min_yuan", sa.BigInteger(), nullable=True),
        sa.Column("amount_max_yuan", sa.BigInteger(), nullable=True),
        sa.Column("round_code", sa.String(length=40), nullable=True),
        sa.Column("instruments", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("equity_max_pct", sa.Integer(), nullable=True),
        sa.Column("excludes", sa.JSON(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan",
            name=op.f("ck_equity_need_range"),
        ),
        sa.CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name=op.f("ck_equity_need_min_positive")),
        sa.CheckConstraint(
            "equity_max_pct IS NULL OR equity_max_pct BETWEEN 1 AND 100", name=op.f("ck_equity_need_percent")
        ),
        sa.ForeignKeyConstraint(["id"], ["need.id"], name=op.f("fk_equity_need_id_need"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_need")),
    )
    op.create_table(
        "match_exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_exclusion_need_id_need")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_match_exclusion_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_exclusion")),
        sa.UniqueConstraint("need_id", "offer_id", "reason", name=op.f("uq_match_exclusion_need_id_offer_id_reason")),
    )
    with op.batch_alter_table("match_exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_exclusion_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_exclusion_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "match_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Enum("need", "offer", name="side", native_enum=False, length=32), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("interested", "not_fit", "later", name="feedbackkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_match_feedback_by_user_id_user")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_feedback_need_id_need")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_match_feedback_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_feedback")),
        sa.UniqueConstraint("side", "need_id", "offer_id", name=op.f("uq_match_feedback_side_need_id_offer_id")),
    )
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_feedback_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_feedback_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "match_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("queued", "running", "done", "failed", name="runstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.CheckConstraint("need_id IS NULL OR offer_id IS NULL", name=op.f("ck_match_run_one_subject")),
        sa.ForeignKeyConstraint(["model_id"], ["matching_model.id"], name=op.f("fk_match_run_model_id_matching_model")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_match_run_need_id_need")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_match_run_offer_id_offer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
    )
    with op.batch_alter_table("match_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_run_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_run_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index(
            "ix_match_run_queue",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index(batch_op.f("ix_match_run_state"), ["state"], unique=False)

    op.create_table(
        "introduction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("investor_id", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "accepted",
                "declined",
                "expired",
                "withdrawn",
                "revoked",
                "closed",
                name="introductionstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("awaits_claim", sa.Boolean(), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("last_activity_at", UtcDateTime(), nullable=False),
        sa.Column("refusal_reason", sa.String(length=40), nullable=False),
        sa.Column("closing_reason", sa.String(length=40), nullable=False),
        sa.Column("ask_again_on", UtcDateTime(), nullable=True),
        sa.Column("requester_consent_id", sa.Integer(), nullable=True),
        sa.Column("recipient_consent_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("requester_id <> recipient_id", name=op.f("ck_introduction_two_parties")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_introduction_answered_by_id_user")),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["organization.id"], name=op.f("fk_introduction_ended_by_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organization.id"], name=op.f("fk_introduction_enterprise_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["investor_id"], ["organization.id"], name=op.f("fk_introduction_investor_id_organization")
        ),
        sa.ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        sa.ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
        sa.ForeignKeyConstraint(
            ["recipient_consent_id"], ["consent.id"], name=op.f("fk_introduction_recipient_consent_id_consent")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["organization.id"], name=op.f("fk_introduction_recipient_id_organization")
        ),
        sa.ForeignKeyConstraint(["requested_by_id"], ["user.id"], name=op.f("fk_introduction_requested_by_id_user")),
        sa.ForeignKeyConstraint(
            ["requester_consent_id"], ["consent.id"], name=op.f("fk_introduction_requester_consent_id_consent")
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["organization.id"], name=op.f("fk_introduction_requester_id_organization")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_introduction_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
    )
    with op.batch_alter_table("introduction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_introduction_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_investor_id"), ["investor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index("ix_introduction_recipient", ["recipient_id", "state"], unique=False)
        batch_op.create_index("ix_introduction_requester", ["requester_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_introduction_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_introduction_open",
            ["need_id", "offer_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('requested', 'accepted')"),
            postgresql_where=sa.text("state IN ('requested', 'accepted')"),
        )

    op.create_table(
        "published_run",
        sa.Column("side", sa.Enum("need", "offer", name="side", native_enum=False, length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("fits", sa.Integer(), nullable=False),
        sa.Column("may_fit", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_published_run_run_id_match_run")),
        sa.PrimaryKeyConstraint("side", "subject_id", name=op.f("pk_published_run")),
    )
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.Enum("need", "offer", name="side", native_enum=False, length=32), nullable=False),
        sa.Column("kind", sa.Enum("equity", name="pairingkind", native_enum=False, length=32), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("score_for_need", sa.Double(), nullable=True),
        sa.Column("score_for_offer", sa.Double(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column(
            "verdict", sa.Enum("fits", "may_fit", "fails", name="verdict", native_enum=False, length=32), nullable=False
        ),
        sa.Column("unknown_count", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        sa.ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
        sa.ForeignKeyConstraint(["run_id"], ["match_run.id"], name=op.f("fk_suggestion_run_id_match_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint(
            "run_id", "side", "need_id", "offer_id", name=op.f("uq_suggestion_run_id_side_need_id_offer_id")
        ),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_need", ["side", "need_id", "run_id"], unique=False)
        batch_op.create_index("ix_suggestion_offer", ["side", "offer_id", "run_id"], unique=False)

    op.create_table(
        "deal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("introduction_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("investor_id", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "contacted",
                "in_talks",
                "due_diligence",
                "term_sheet",
                "signed",
                "funded",
                "ended",
                name="dealstage",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stage_changed_at", UtcDateTime(), nullable=False),
        sa.Column("next_step", sa.String(length=120), nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("exit_reason", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["organization.id"], name=op.f("fk_deal_enterprise_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_deal_introduction_id_introduction")
        ),
        sa.ForeignKeyConstraint(["investor_id"], ["organization.id"], name=op.f("fk_deal_investor_id_organization")),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_deal_need_id_need")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("introduction_id", name=op.f("uq_deal_introduction_id")),
    )
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deal_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index("ix_deal_investor", ["investor_id", "stage"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deal_stage"), ["stage"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("introduction_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_user_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "accepted",
                "declined",
                "cancelled",
                "held",
                name="meetingstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("on_site", "online", "phone", name="meetingmode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 10 AND 480", name=op.f("ck_meeting_length")),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_meeting_introduction_id_introduction")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["organization.id"], name=op.f("fk_meeting_proposed_by_id_organization")
        ),
        sa.ForeignKeyConstraint(["proposed_by_user_id"], ["user.id"], name=op.f("fk_meeting_proposed_by_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_introduction_id"), ["introduction_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_state"), ["state"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("introduction_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_message_author_id_user")),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_message_introduction_id_introduction")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_message_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_introduction_id"), ["introduction_id"], unique=False)

    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("entered", "confirmed", "disputed", "withdrawn", name="outcomestate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("amount_yuan", sa.BigInteger(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("meets_need", sa.Boolean(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_by_user_id", sa.Integer(), nullable=False),
        sa.Column("confirmed_by_user_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("dispute_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_yuan > 0", name=op.f("ck_outcome_amount_positive")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_user_id"], ["user.id"], name=op.f("fk_outcome_confirmed_by_user_id_user")
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_outcome_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["organization.id"], name=op.f("fk_outcome_entered_by_id_organization")
        ),
        sa.ForeignKeyConstraint(["entered_by_user_id"], ["user.id"], name=op.f("fk_outcome_entered_by_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcome_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outcome_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_outcome_open",
            ["deal_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('entered', 'confirmed')"),
            postgresql_where=sa.text("state IN ('entered', 'confirmed')"),
        )

    for statement in triggers.create(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in triggers.drop(op.get_bind().dialect.name):
        op.execute(statement)
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outcome_open",
            sqlite_where=sa.text("state IN ('entered', 'confirmed')"),
            postgresql_where=sa.text("state IN ('entered', 'confirmed')"),
        )
        batch_op.drop_index(batch_op.f("ix_outcome_state"))
        batch_op.drop_index(batch_op.f("ix_outcome_deal_id"))

    op.drop_table("outcome")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_introduction_id"))

    op.drop_table("message")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_state"))
        batch_op.drop_index(batch_op.f("ix_meeting_introduction_id"))

    op.drop_table("meeting")
    with op.batch_alter_table("deal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deal_stage"))
        batch_op.drop_index(batch_op.f("ix_deal_need_id"))
        batch_op.drop_index("ix_deal_investor")
        batch_op.drop_index(batch_op.f("ix_deal_enterprise_id"))

    op.drop_table("deal")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index("ix_suggestion_offer")
        batch_op.drop_index("ix_suggestion_need")

    op.drop_table("suggestion")
    op.drop_table("published_run")
    with op.batch_alter_table("introduction", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_introduction_open",
            sqlite_where=sa.text("state IN ('requested', 'accepted')"),
            postgresql_where=sa.text("state IN ('requested', 'accepted')"),
        )
        batch_op.drop_index(batch_op.f("ix_introduction_state"))
        batch_op.drop_index("ix_introduction_requester")
        batch_op.drop_index("ix_introduction_recipient")
        batch_op.drop_index(batch_op.f("ix_introduction_offer_id"))
        batch_op.drop_index(batch_op.f("ix_introduction_investor_id"))
        batch_op.drop_index(batch_op.f("ix_introduction_expires_at"))
        batch_op.drop_index(batch_op.f("ix_introduction_enterprise_id"))

    op.drop_table("introduction")
    with op.batch_alter_table("match_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_run_state"))
        batch_op.drop_index(
            "ix_match_run_queue", sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'")
        )
        batch_op.drop_index(batch_op.f("ix_match_run_offer_id"))
        batch_op.drop_index(batch_op.f("ix_match_run_need_id"))

    op.drop_table("match_run")
    with op.batch_alter_table("match_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_feedback_offer_id"))
        batch_op.drop_index(batch_op.f("ix_match_feedback_need_id"))

    op.drop_table("match_feedback")
    with op.batch_alter_table("match_exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_exclusion_offer_id"))
        batch_op.drop_index(batch_op.f("ix_match_exclusion_need_id"))

    op.drop_table("match_exclusion")
    op.drop_table("equity_need")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_need_state"))
        batch_op.drop_index(batch_op.f("ix_need_organization_id"))
        batch_op.drop_index("ix_need_list")
        batch_op.drop_index(batch_op.f("ix_need_lead_industry"))
        batch_op.drop_index(batch_op.f("ix_need_expires_at"))
        batch_op.drop_index(batch_op.f("ix_need_district_code"))
        batch_op.drop_index(batch_op.f("ix_need_carrier_id"))

    op.drop_table("need")
    op.drop_table("investor_profile")
    op.drop_table("investment_mandate")
    with op.batch_alter_table("enterprise_profile", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_enterprise_profile_code_name",
            sqlite_where=sa.text("code_name <> ''"),
            postgresql_where=sa.text("code_name <> ''"),
        )
        batch_op.drop_index(batch_op.f("ix_enterprise_profile_carrier_id"))

    op.drop_table("enterprise_profile")
    op.drop_table("carrier_profile")
    with op.batch_alter_table("residency", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_residency_open",
            sqlite_where=sa.text("status IN ('admitted', 'incubating')"),
            postgresql_where=sa.text("status IN ('admitted', 'incubating')"),
        )
        batch_op.drop_index(batch_op.f("ix_residency_status"))
        batch_op.drop_index("ix_residency_carrier")

    op.drop_table("residency")
    op.drop_table("qualification")
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profile_state"))
        batch_op.drop_index(batch_op.f("ix_profile_region_code"))
        batch_op.drop_index(batch_op.f("ix_profile_lead_industry"))

    op.drop_table("profile")
    with op.batch_alter_table("past_round", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_past_round_external",
            sqlite_where=sa.text("external_ref IS NOT NULL"),
            postgresql_where=sa.text("external_ref IS NOT NULL"),
        )
        batch_op.drop_index("ix_past_round_investor")
        batch_op.drop_index(batch_op.f("ix_past_round_enterprise_id"))

    op.drop_table("past_round")
    with op.batch_alter_table("organization_relation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_relation_to_id"))

    op.drop_table("organization_relation")
    with op.batch_alter_table("organization_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organization_name_organization_id"))

    op.drop_table("organization_name")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_state"))
        batch_op.drop_index(batch_op.f("ix_offer_organization_id"))
        batch_op.drop_index("ix_offer_list")
        batch_op.drop_index(batch_op.f("ix_offer_expires_at"))

    op.drop_table("offer")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_open",
            sqlite_where=sa.text("state IN ('requested', 'active')"),
            postgresql_where=sa.text("state IN ('requested', 'active')"),
        )
        batch_op.drop_index(batch_op.f("ix_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_membership_state"))
        batch_op.drop_index(batch_op.f("ix_membership_organization_id"))

    op.drop_table("membership")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_organization_id"))

    op.drop_table("invitation")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_pair")

    op.drop_table("consent")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_organization_id"))

    op.drop_table("attachment")
    op.drop_table("text_acceptance")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_user_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("password_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_reset_user_id"))

    op.drop_table("password_reset")
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_organization_uscc",
            sqlite_where=sa.text("uscc IS NOT NULL AND status <> 'merged'"),
            postgresql_where=sa.text("uscc IS NOT NULL AND status <> 'merged'"),
        )
        batch_op.drop_index(
            "uq_organization_external",
            sqlite_where=sa.text("external_ref IS NOT NULL"),
            postgresql_where=sa.text("external_ref IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_organization_status"))
        batch_op.drop_index("ix_organization_kind_sort")
        batch_op.drop_index(batch_op.f("ix_organization_kind"))
        batch_op.drop_index(batch_op.f("ix_organization_district_code"))

    op.drop_table("organization")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_due",
            sqlite_where=sa.text("mail_state = 'pending'"),
            postgresql_where=sa.text("mail_state = 'pending'"),
        )
        batch_op.drop_index("ix_notice_bell")

    op.drop_table("notice")
    op.drop_table("user")
    op.drop_table("used_code")
    with op.batch_alter_table("stored_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_file_organization_id"))

    op.drop_table("stored_file")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_limit")
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_ip"))
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_at"))

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("security_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_security_event_kind"))
        batch_op.drop_index(batch_op.f("ix_security_event_at"))

    op.drop_table("security_event")
    with op.batch_alter_table("matching_model", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_matching_model_active", sqlite_where=sa.text("is_active"), postgresql_where=sa.text("is_active")
        )

    op.drop_table("matching_model")
    with op.batch_alter_table("legal_text", schema=None) as batch_op:
        batch_op.drop_index("uq_legal_text_version")

    op.drop_table("legal_text")
    op.drop_table("job_lease")
    op.drop_table("installation")
    with op.batch_alter_table("dictionary_entry", schema=None) as batch_op:
        batch_op.drop_index("uq_dictionary_entry_code")
        batch_op.drop_index(batch_op.f("ix_dictionary_entry_dictionary"))

    op.drop_table("dictionary_entry")
    op.drop_table("code_name_counter")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_object")
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_organization_id"))
        batch_op.drop_index(batch_op.f("ix_audit_event_action"))

    op.drop_table("audit_event")
