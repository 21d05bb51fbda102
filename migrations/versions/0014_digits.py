"""Digits that the Telegram bot told are kept as readings are, so that a reply corrects them."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0014_digits"
down_revision = "0013_slots"
branch_labels = None
depends_on = None

CHECK = "ck_telegram_reading_purpose"


def upgrade():
    with op.batch_alter_table("telegram_reading") as table:
        table.add_column(sa.Column("purpose", sa.String(10), nullable=False, server_default="meter"))
        table.create_check_constraint(CHECK, "\"purpose\" IN ('meter', 'digit')")
    with op.batch_alter_table("telegram_reading") as table:
        table.alter_column("purpose", existing_type=sa.String(10), server_default=None)


def downgrade():
    op.execute("DELETE FROM telegram_reading WHERE purpose = 'digit'")
    with op.batch_alter_table("telegram_reading") as table:
        table.drop_constraint(CHECK, type_="check")
        table.drop_column("purpose")
