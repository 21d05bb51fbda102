"""Who does a run, and whether it was asked to stop."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0004_runs"
down_revision = "0003_labelling"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("worker", sa.String(length=160), nullable=True))
        table.add_column(sa.Column("stopping", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("run") as table:
        table.alter_column("stopping", existing_type=sa.Boolean(), server_default=None)


def downgrade():
    with op.batch_alter_table("run") as table:
        table.drop_column("stopping")
        table.drop_column("worker")
