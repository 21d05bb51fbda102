"""What people decided about pairs that look alike and about contradicted labels."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0006_decisions"
down_revision = "0005_version_readings"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "pair_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.String(length=10), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("\"kept\" IN ('first', 'second', 'both')", name="ck_pair_decision_kept"),
        sa.CheckConstraint("first_id < second_id", name="ck_pair_decision_order"),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["training_change.id"],
            name="fk_pair_decision_change_id_training_change",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["training.id"], name="fk_pair_decision_first_id_training", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["training.id"], name="fk_pair_decision_second_id_training", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pair_decision"),
        sa.UniqueConstraint("first_id", "second_id", name="uq_pair_decision_first_id_second_id"),
    )
    op.create_index("ix_pair_decision_second_id", "pair_decision", ["second_id"])
    op.create_index("ix_pair_decision_change_id", "pair_decision", ["change_id"])
    op.create_table(
        "label_confirmation",
        sa.Column("training_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("correct_value", sa.String(length=11), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_label_confirmation_training_id_training", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("training_id", name="pk_label_confirmation"),
    )


def downgrade():
    op.drop_table("label_confirmation")
    op.drop_table("pair_decision")
