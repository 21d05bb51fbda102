"""Indexes that hold all that the map of digits and the counts of a generation ask for."""

from alembic import op

# revision identifiers, used by Alembic.
revision = "0010_coverage"
down_revision = "0009_gates"
branch_labels = None
depends_on = None

FILTERS = ["type", "state", "meter_type_id", "source", "group", "proposed_confidence"]
MADE = {
    "ix_training_augmentation_meter_type_id_type_correct_value": ["meter_type_id", "type", "correct_value"],
    "ix_training_augmentation_seed_meter_type_id_created_at": ["seed", "meter_type_id", "created_at"],
}


def upgrade():
    op.drop_index("ix_training_filters", "training")
    op.create_index("ix_training_filters", "training", [*FILTERS, "correct_value"])
    for name, columns in MADE.items():
        op.create_index(name, "training_augmentation", columns)


def downgrade():
    for name in MADE:
        op.drop_index(name, "training_augmentation")
    op.drop_index("ix_training_filters", "training")
    op.create_index("ix_training_filters", "training", FILTERS)
