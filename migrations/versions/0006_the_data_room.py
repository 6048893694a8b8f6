"""The data room: view-only or download, promises of secrecy, who looked at which file."""

import json
from datetime import datetime, UTC
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from matchhub.core import setup
from matchhub.core.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXTS = sa.table(
    "legal_text", sa.column("kind"), sa.column("version"), sa.column("body"), sa.column("body_en"),
    sa.column("effective_at", UtcDateTime()),
)  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("consent") as batch:
        batch.add_column(sa.Column("allows_download", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("consent") as batch:
        batch.alter_column("allows_download", server_default=None)
    op.create_table(
        "non_disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("required_at", UtcDateTime(), nullable=False),
        sa.Column("required_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_non_disclosure_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["required_by_id"], ["user.id"], name=op.f("fk_non_disclosure_required_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_non_disclosure")),
    )
    op.create_index(op.f("ix_non_disclosure_attachment_id"), "non_disclosure", ["attachment_id"])
    op.create_index(
        "one_non_disclosure_per_file", "non_disclosure", ["attachment_id"], unique=True,
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    _create_acceptances()
    _create_views()
    _bring_text()


def _create_acceptances() -> None:
    op.create_table(
        "nda_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("non_disclosure_id", sa.Integer(), nullable=False),
        sa.Column("legal_text_id", sa.Integer(), nullable=True),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("document_name", sa.String(length=160), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["legal_text_id"], ["legal_text.id"], name=op.f("fk_nda_acceptance_legal_text_id_legal_text")
        ),
        sa.ForeignKeyConstraint(
            ["non_disclosure_id"], ["non_disclosure.id"],
            name=op.f("fk_nda_acceptance_non_disclosure_id_non_disclosure"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_nda_acceptance_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_nda_acceptance_owner_id_organization")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_nda_acceptance_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nda_acceptance")),
    )  # fmt: skip
    op.create_index("ix_nda_acceptance_person", "nda_acceptance", ["attachment_id", "user_id"])


def _create_views() -> None:
    op.create_table(
        "material_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("document_name", sa.String(length=160), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("downloaded_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_material_view_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organization.id"], name=op.f("fk_material_view_owner_id_organization")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_material_view_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_view")),
        sa.UniqueConstraint("code", name=op.f("uq_material_view_code")),
    )
    op.create_index("ix_material_view_file", "material_view", ["attachment_id", "organization_id"])
    op.create_index(op.f("ix_material_view_owner_id"), "material_view", ["owner_id"])


def _bring_text() -> None:
    """An installation that runs already gets the sample text; a new one brings it with the others."""
    bind = op.get_bind()
    if not bind.scalar(sa.select(sa.func.count()).select_from(TEXTS)):
        return
    texts = json.loads(Path(setup.LEGAL).read_text(encoding="utf-8"))
    nda = next(text for text in texts if text["kind"] == "nda")
    bind.execute(TEXTS.insert().values(**nda, effective_at=datetime.now(UTC)))


def downgrade() -> None:
    op.drop_table("material_view")
    op.drop_table("nda_acceptance")
    op.drop_table("non_disclosure")
    op.execute(TEXTS.delete().where(TEXTS.c.kind == "nda"))
    with op.batch_alter_table("consent") as batch:
        batch.drop_column("allows_download")
