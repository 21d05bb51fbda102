"""Runs that measure learning curves."""

from alembic import op

# revision identifiers, used by Alembic.
revision = "0008_learning_curves"
down_revision = "0007_feedback"
branch_labels = None
depends_on = None

KINDS = "\"kind\" IN ('training', 'fine_tuning', 'generation', 'import', 'reading'{})"


def upgrade():
    replace_kinds(KINDS.format(", 'learning_curve'"))


def downgrade():
    op.execute("DELETE FROM run WHERE kind = 'learning_curve'")
    replace_kinds(KINDS.format(""))


def replace_kinds(condition):
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint("ck_run_kind", type_="check")
        batch.create_check_constraint("ck_run_kind", condition)
