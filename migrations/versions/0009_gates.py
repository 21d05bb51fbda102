"""What a version was published in spite of, and why."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0009_gates"
down_revision = "0008_learning_curves"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("publication") as table:
        table.add_column(sa.Column("gates", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
        table.add_column(sa.Column("override", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("publication") as table:
        table.alter_column("gates", existing_type=sa.JSON(), server_default=None)
        table.alter_column("override", existing_type=sa.Text(), server_default=None)


def downgrade():
    with op.batch_alter_table("publication") as table:
        table.drop_column("override")
        table.drop_column("gates")
