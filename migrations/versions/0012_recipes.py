"""Runs of recipes."""

from alembic import op

# revision identifiers, used by Alembic.
revision = "0012_recipes"
down_revision = "0011_telegram"
branch_labels = None
depends_on = None

KINDS = "\"kind\" IN ('training', 'fine_tuning', 'generation', 'import', 'reading', 'learning_curve'{})"


def upgrade():
    replace_kinds(KINDS.format(", 'recipe'"))


def downgrade():
    op.execute("DELETE FROM run WHERE kind = 'recipe'")
    replace_kinds(KINDS.format(""))


def replace_kinds(condition):
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint("ck_run_kind", type_="check")
        batch.create_check_constraint("ck_run_kind", condition)
