"""The chats of the Telegram bot."""

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0011_telegram"
down_revision = "0010_coverage"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "telegram_chat",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("network", sa.String(length=80), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("\"purpose\" IN ('meter', 'digit')", name="ck_telegram_chat_purpose"),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_chat"),
    )
    op.create_table(
        "telegram_update",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("\"state\" IN ('waiting', 'answered', 'done')", name="ck_telegram_update_state"),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_update"),
    )
    op.create_index("ix_telegram_update_state_id", "telegram_update", ["state", "id"])
    op.create_table(
        "telegram_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("photo_message_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.String(length=255), nullable=False),
        sa.Column("meter", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=11), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("corrected", sa.String(length=11), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name="ck_telegram_reading_confidence"),
        sa.CheckConstraint("length(text) > 0", name="ck_telegram_reading_text"),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["telegram_chat.id"], name="fk_telegram_reading_chat_id_telegram_chat", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_reading"),
    )
    op.create_index("ix_telegram_reading_chat_id_id", "telegram_reading", ["chat_id", "id"])


def downgrade():
    op.drop_table("telegram_reading")
    op.drop_table("telegram_update")
    op.drop_table("telegram_chat")
