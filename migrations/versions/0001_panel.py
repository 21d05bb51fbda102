"""The tables of the panel; the meter type "Mercury 201" comes with them."""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "meter_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=True),
        sa.Column("decimals", sa.SmallInteger(), nullable=True),
        sa.Column("display", sa.String(length=10), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("\"display\" IN ('drums', 'lcd', 'led')", name="ck_meter_type_display"),
        sa.CheckConstraint("decimals >= 0 AND decimals < coalesce(digits, 10)", name="ck_meter_type_decimals"),
        sa.CheckConstraint("digits BETWEEN 1 AND 10", name="ck_meter_type_digits"),
        sa.CheckConstraint("length(name) > 0", name="ck_meter_type_name"),
        sa.PrimaryKeyConstraint("id", name="pk_meter_type"),
        sa.UniqueConstraint("name", name="uq_meter_type_name"),
    )
    op.create_table(
        "neural_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("structure", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("length(name) > 0", name="ck_neural_model_name"),
        sa.PrimaryKeyConstraint("id", name="pk_neural_model"),
        sa.UniqueConstraint("name", name="uq_neural_model_name"),
    )
    op.create_table(
        "neural_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("card_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=False),
        sa.Column("data_sha256", sa.String(length=64), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("length(card_sha256) = 64", name="ck_neural_version_card_sha256"),
        sa.CheckConstraint("number > 0", name="ck_neural_version_number"),
        sa.ForeignKeyConstraint(
            ["model_id"], ["neural_model.id"], name="fk_neural_version_model_id_neural_model", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["neural_version.id"], name="fk_neural_version_parent_id_neural_version", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_neural_version"),
        sa.UniqueConstraint("model_id", "number", name="uq_neural_version_model_id_number"),
    )
    op.create_index("ix_neural_version_parent_id", "neural_version", ["parent_id"])
    op.create_index(
        "uq_neural_version_published",
        "neural_version",
        ["published"],
        unique=True,
        sqlite_where=sa.text("published"),
        postgresql_where=sa.text("published"),
    )

    op.create_table(
        "training_augmentation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("meter_type_id", sa.Integer(), nullable=False),
        sa.Column("correct_value", sa.String(length=11), nullable=False),
        sa.Column("element_ids", sa.String(length=120), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("image", sa.String(length=120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pixels_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint('"type" IN (0, 1, 2)', name="ck_training_augmentation_type"),
        sa.CheckConstraint("length(correct_value) > 0", name="ck_training_augmentation_correct_value"),
        sa.CheckConstraint("length(pixels_sha256) = 64", name="ck_training_augmentation_pixels_sha256"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_training_augmentation_sha256"),
        sa.CheckConstraint("width > 0 AND height > 0", name="ck_training_augmentation_size"),
        sa.ForeignKeyConstraint(
            ["meter_type_id"],
            ["meter_type.id"],
            name="fk_training_augmentation_meter_type_id_meter_type",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_augmentation"),
        sa.UniqueConstraint("element_ids", name="uq_training_augmentation_element_ids"),
    )
    op.create_index(
        "ix_training_augmentation_meter_type_id_type_id", "training_augmentation", ["meter_type_id", "type", "id"]
    )
    op.create_index("ix_training_augmentation_pixels_sha256", "training_augmentation", ["pixels_sha256"])
    op.create_index("ix_training_augmentation_sha256", "training_augmentation", ["sha256"])

    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("\"action\" IN ('publish', 'rollback', 'adopt')", name="ck_publication_action"),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["neural_version.id"],
            name="fk_publication_previous_id_neural_version",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["neural_version.id"], name="fk_publication_version_id_neural_version", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("ix_publication_version_id", "publication", ["version_id"])

    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("\"kind\" IN ('training', 'fine_tuning', 'generation', 'import')", name="ck_run_kind"),
        sa.CheckConstraint("\"state\" IN ('waiting', 'running', 'done', 'failed', 'stopped')", name="ck_run_state"),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name="ck_run_progress"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["neural_version.id"], name="fk_run_version_id_neural_version", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_state_heartbeat_at", "run", ["state", "heartbeat_at"])
    op.create_index("ix_run_version_id", "run", ["version_id"])

    op.create_table(
        "training",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("correct_value", sa.String(length=11), nullable=True),
        sa.Column("also_accepted", sa.String(length=120), nullable=False),
        sa.Column("meter_type_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("box_x", sa.Float(), nullable=True),
        sa.Column("box_y", sa.Float(), nullable=True),
        sa.Column("box_width", sa.Float(), nullable=True),
        sa.Column("box_height", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("phash", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("proposed_value", sa.String(length=11), nullable=True),
        sa.Column("proposed_probabilities", sa.LargeBinary(), nullable=True),
        sa.Column("proposed_confidence", sa.Float(), nullable=True),
        sa.Column("proposed_version_id", sa.Integer(), nullable=True),
        sa.Column("labelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("labelled_by", sa.String(length=120), nullable=True),
        sa.Column("image", sa.String(length=120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pixels_sha256", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint("state <> 'labelled' OR correct_value IS NOT NULL", name="ck_training_labelled"),
        sa.CheckConstraint("length(correct_value) > 0", name="ck_training_correct_value"),
        sa.CheckConstraint(
            "\"state\" IN ('new', 'proposed', 'labelled', 'unreadable', 'trash')", name="ck_training_state"
        ),
        sa.CheckConstraint('"type" IN (0, 1, 2)', name="ck_training_type"),
        sa.CheckConstraint(
            "(box_x IS NULL AND box_y IS NULL AND box_width IS NULL AND box_height IS NULL) OR (box_x IS NOT NULL AND box_y IS NOT NULL AND box_width > 0 AND box_height > 0 AND box_width IS NOT NULL AND box_height IS NOT NULL)",
            name="ck_training_box",
        ),
        sa.CheckConstraint("length(phash) = 64", name="ck_training_phash"),
        sa.CheckConstraint("length(pixels_sha256) = 64", name="ck_training_pixels_sha256"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_training_sha256"),
        sa.CheckConstraint("proposed_confidence BETWEEN 0 AND 1", name="ck_training_proposed_confidence"),
        sa.CheckConstraint("width > 0 AND height > 0", name="ck_training_size"),
        sa.ForeignKeyConstraint(
            ["meter_type_id"], ["meter_type.id"], name="fk_training_meter_type_id_meter_type", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_version_id"],
            ["neural_version.id"],
            name="fk_training_proposed_version_id_neural_version",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training"),
    )
    op.create_index("ix_training_correct_value", "training", ["correct_value"])
    op.create_index("ix_training_group_id", "training", ["group", "id"])
    op.create_index("ix_training_meter_type_id_id", "training", ["meter_type_id", "id"])
    op.create_index("ix_training_original_sha256", "training", ["original_sha256"])
    op.create_index("ix_training_pixels_sha256", "training", ["pixels_sha256"])
    op.create_index("ix_training_proposed_version_id", "training", ["proposed_version_id"])
    op.create_index("ix_training_sha256", "training", ["sha256"])
    op.create_index("ix_training_source_id", "training", ["source", "id"])
    op.create_index("ix_training_state_id", "training", ["state", "id"])
    op.create_index("ix_training_state_proposed_confidence", "training", ["state", "proposed_confidence"])
    op.create_index("ix_training_type_id", "training", ["type", "id"])

    op.create_table(
        "training_element",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("meter_type_id", sa.Integer(), nullable=False),
        sa.Column("correct_value", sa.String(length=11), nullable=False),
        sa.Column("training_id", sa.Integer(), nullable=True),
        sa.Column("image", sa.String(length=120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pixels_sha256", sa.String(length=64), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint('"part" IN (0, 1, 2)', name="ck_training_element_part"),
        sa.CheckConstraint("length(correct_value) > 0", name="ck_training_element_correct_value"),
        sa.CheckConstraint("length(pixels_sha256) = 64", name="ck_training_element_pixels_sha256"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_training_element_sha256"),
        sa.CheckConstraint("width > 0 AND height > 0", name="ck_training_element_size"),
        sa.ForeignKeyConstraint(
            ["meter_type_id"],
            ["meter_type.id"],
            name="fk_training_element_meter_type_id_meter_type",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name="fk_training_element_training_id_training", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_training_element"),
    )
    op.create_index("ix_training_element_meter_type_id_part_id", "training_element", ["meter_type_id", "part", "id"])
    op.create_index("ix_training_element_pixels_sha256", "training_element", ["pixels_sha256"])
    op.create_index("ix_training_element_sha256", "training_element", ["sha256"])
    op.create_index("ix_training_element_training_id", "training_element", ["training_id"])

    moment = datetime.now(timezone.utc)
    meter_types = sa.table(
        "meter_type",
        *(sa.column(name) for name in ("name", "unit", "digits", "decimals", "display", "created_by", "updated_by")),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("updated_at", sa.DateTime(timezone=True)),
    )
    mercury = {"name": "Mercury 201", "unit": "kWh", "digits": 6, "decimals": 1, "display": "drums"}
    made = {"created_at": moment, "created_by": "system", "updated_at": moment, "updated_by": "system"}
    op.bulk_insert(meter_types, [{**mercury, **made}])


def downgrade():
    for table in (
        "training_element",
        "training",
        "run",
        "publication",
        "training_augmentation",
        "neural_version",
        "neural_model",
        "meter_type",
    ):
        op.drop_table(table)
