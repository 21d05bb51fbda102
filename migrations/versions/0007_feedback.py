"""What people told us about readings."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0007_feedback"
down_revision = "0006_decisions"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=11), nullable=False),
        sa.Column("reading", sa.String(length=11), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="ck_feedback_confidence"),
        sa.CheckConstraint("length(content_sha256) = 64", name="ck_feedback_content_sha256"),
        sa.CheckConstraint("length(key_sha256) = 64", name="ck_feedback_key_sha256"),
        sa.CheckConstraint("length(value) > 0", name="ck_feedback_value"),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_feedback_training_id_training", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("content_sha256", name="uq_feedback_content_sha256"),
        sa.UniqueConstraint("key_sha256", name="uq_feedback_key_sha256"),
        sa.UniqueConstraint("training_id", name="uq_feedback_training_id"),
    )


def downgrade():
    op.drop_table("feedback")
