"""What people changed about samples, leases of the labelling queue, indexes for several filters at once."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0003_labelling"
down_revision = "0002"
branch_labels = None
depends_on = None

DISAGREES = "ltrim(correct_value, '0') <> ltrim(proposed_value, '0')"


def upgrade():
    op.create_table(
        "training_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=True),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "\"kind\" IN ('accept', 'correct', 'unreadable', 'skip', 'edit', 'bulk')", name="ck_training_change_kind"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_change"),
        sa.UniqueConstraint("key", name="uq_training_change_key"),
    )
    op.create_index("ix_training_change_created_by_id", "training_change", ["created_by", "id"])
    op.create_table(
        "training_change_sample",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["training_change.id"],
            name="fk_training_change_sample_change_id_training_change",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["training.id"],
            name="fk_training_change_sample_training_id_training",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("change_id", "training_id", name="pk_training_change_sample"),
    )
    op.create_index("ix_training_change_sample_training_id", "training_change_sample", ["training_id"])
    op.create_table(
        "labelling_lease",
        sa.Column("training_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(person) > 0", name="ck_labelling_lease_person"),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_labelling_lease_training_id_training", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("training_id", name="pk_labelling_lease"),
    )
    op.create_index("ix_labelling_lease_person_place", "labelling_lease", ["person", "place"])
    where = sa.text(DISAGREES)
    columns = ["type", "state", "meter_type_id", "source", "group", "proposed_confidence"]
    op.create_index("ix_training_filters", "training", columns)
    op.create_index("ix_training_disagrees", "training", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade():
    op.drop_index("ix_training_disagrees", "training")
    op.drop_index("ix_training_filters", "training")
    for table in ("labelling_lease", "training_change_sample", "training_change"):
        op.drop_table(table)
