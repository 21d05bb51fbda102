"""Finders and classifiers are published beside the reader, each in a slot of its own."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0013_slots"
down_revision = "0012_recipes"
branch_labels = None
depends_on = None

INDEX = "uq_neural_version_published"
# The models of other slots that there could be; any other reads displays.
OTHERS = ("finder", "clocks_or_crocs", "drawn_convolutional", "drawn_dense", "lenet", "lenet_better", "meter_or_not")


def upgrade():
    op.drop_index(INDEX, "neural_version")
    with op.batch_alter_table("neural_version") as table:
        table.add_column(sa.Column("slot", sa.String(80), nullable=False, server_default="reader"))
    with op.batch_alter_table("neural_version") as table:
        table.alter_column("slot", existing_type=sa.String(80), server_default=None)
    model, version = sa.table("neural_model", sa.column("id"), sa.column("name")), sa.table(
        "neural_version", sa.column("model_id"), sa.column("slot")
    )
    name = sa.select(model.c.name).where(model.c.id == version.c.model_id).scalar_subquery()
    op.execute(sa.update(version).where(name.in_(OTHERS)).values(slot=name))
    index("slot")


def downgrade():
    op.drop_index(INDEX, "neural_version")
    op.execute("UPDATE neural_version SET published = false WHERE slot != 'reader'")
    with op.batch_alter_table("neural_version") as table:
        table.drop_column("slot")
    index("published")


def index(column):
    only = sa.text("published")
    op.create_index(INDEX, "neural_version", [column], unique=True, sqlite_where=only, postgresql_where=only)
