"""Readings of a version on samples, runs that make them, and an index for the overview's counts."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0005_version_readings"
down_revision = "0004_runs"
branch_labels = None
depends_on = None

KINDS = "\"kind\" IN ('training', 'fine_tuning', 'generation', 'import'{})"


def upgrade():
    op.create_table(
        "version_reading",
        sa.Column("version_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("training_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=11), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="ck_version_reading_confidence"),
        sa.CheckConstraint("length(text) > 0", name="ck_version_reading_text"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["neural_version.id"],
            name="fk_version_reading_version_id_neural_version",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_version_reading_training_id_training", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("version_id", "training_id", name="pk_version_reading"),
    )
    op.create_index("ix_version_reading_training_id", "version_reading", ["training_id"])
    op.create_index("ix_training_type_state", "training", ["type", "state"])
    replace_kinds(KINDS.format(", 'reading'"))


def downgrade():
    op.execute("DELETE FROM run WHERE kind = 'reading'")
    replace_kinds(KINDS.format(""))
    op.drop_index("ix_training_type_state", "training")
    op.drop_table("version_reading")


def replace_kinds(condition):
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint("ck_run_kind", type_="check")
        batch.create_check_constraint("ck_run_kind", condition)
