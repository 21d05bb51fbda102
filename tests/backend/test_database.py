"""The database: what it is set to, waiting writers, migrations that run up and down and keep what refers to what."""

import shutil
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.models import NAMES
from backend.settings import ROOT

pytestmark = pytest.mark.both_databases

TABLES = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "a1", {parent!r}
def upgrade():
    op.create_table("meter", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    op.create_table("photo", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("meter_id", sa.Integer, sa.ForeignKey("meter.id", ondelete="CASCADE")))
    op.execute("INSERT INTO meter VALUES (1, 'first')")
    op.execute("INSERT INTO photo VALUES (1, 1)")
def downgrade():
    op.drop_table("photo")
    op.drop_table("meter")
"""
CHANGE = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "a2", "a1"
def upgrade():
    with op.batch_alter_table("meter") as table:
        table.alter_column("name", type_=sa.String(40), nullable=False)
        table.create_unique_constraint("uq_meter_name", ["name"])
def downgrade():
    with op.batch_alter_table("meter") as table:
        table.drop_constraint("uq_meter_name", type_="unique")
        table.alter_column("name", type_=sa.String(20), nullable=True)
"""


def heads() -> list[str]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config).get_heads()


@pytest.mark.one_database("sqlite", reason="PostgreSQL knows no pragmas")
@pytest.mark.parametrize(
    ("pragma", "value"), [("busy_timeout", 10_000), ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_pragmas(app: Flask, pragma: str, value: object) -> None:
    with app.app_context():
        assert db.session.execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.mark.one_database("postgresql", reason="SQLite waits as a pragma says")
def test_waiting_has_an_end(app: Flask) -> None:
    with app.app_context():
        assert db.session.execute(text("SHOW lock_timeout")).scalar() == "10s"


def foreign_keys_hold() -> bool:
    return db.engine.dialect.name != "sqlite" or db.session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_writers_that_read_first_lose_nothing(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
        with Session(engine) as session, session.begin():
            session.execute(text("CREATE TABLE counter (n INTEGER)"))
            session.execute(text("INSERT INTO counter VALUES (0)"))

    def count(times: int) -> None:
        for _ in range(times):
            with Session(engine) as session, session.begin():
                n = session.execute(text("SELECT n FROM counter")).scalar_one()
                session.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count, args=(40,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert session.execute(text("SELECT n FROM counter")).scalar_one() == 160


def test_reading_requests_do_not_wait_for_a_writer(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
    with engine.connect() as writer:
        writer.execute(text("CREATE TABLE held (n INTEGER)"))  # the write lock is taken and not given back
        assert app.test_client().get("/healthz").status_code == 200
        writer.rollback()


def test_migrations_up_and_down_match_the_models(app: Flask) -> None:
    with app.app_context():
        from alembic.autogenerate import compare_metadata
        from alembic.runtime.migration import MigrationContext

        downgrade(revision="base")
        upgrade()
        with db.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_versions_keep_their_slots_down_and_up(app: Flask) -> None:
    columns = "created_by, created_at, model_id, number, changes, card_sha256, files, statistics, published"
    with app.app_context():
        with db.engine.begin() as connection:
            for number, name in enumerate(("compact", "finder", "lenet"), start=1):
                model = f"{number}, '{name}', 'x', 'me', '2026-01-01'"
                made = f"INSERT INTO neural_model (id, name, structure, created_by, created_at) VALUES ({model})"
                row = f"'me', '2026-01-01', {number}, 1, '', '{str(number) * 64}', '{{}}', '{{}}', true"
                slot = "reader" if name == "compact" else name
                connection.execute(text(made))
                connection.execute(text(f"INSERT INTO neural_version ({columns}, slot) VALUES ({row}, '{slot}')"))
        downgrade(revision="0012_recipes")
        upgrade()
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT slot, published FROM neural_version ORDER BY model_id")).all()
    assert [tuple(row) for row in rows] == [("reader", True), ("finder", False), ("lenet", False)]


def test_readings_of_chats_are_of_meters_unless_said_otherwise(app: Flask) -> None:
    """Down again the digits go: there they would be taken for readings."""
    columns = "chat_id, photo_message_id, file_id, meter, text, confidence, accepted, version, given, created_at"
    with app.app_context():
        with db.engine.begin() as connection:
            chat = "INSERT INTO telegram_chat (id, purpose, created_at) VALUES (7, 'meter', '2026-01-01')"
            connection.execute(text(chat))
            for number, purpose in enumerate(("meter", "digit"), start=1):
                row = f"7, {number}, 'f', '', '{number}', 0.5, true, 'a/1', false, '2026-01-01', '{purpose}'"
                connection.execute(text(f"INSERT INTO telegram_reading ({columns}, purpose) VALUES ({row})"))
        downgrade(revision="0013_slots")
        upgrade()
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT text, purpose FROM telegram_reading")).all()
    assert [tuple(row) for row in rows] == [("1", "meter")]


def test_changing_a_table_keeps_the_rows_that_refer_to_it(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    (folder / "versions" / "a1.py").write_text(TABLES.format(parent=next(iter(heads()), None)), encoding="utf-8")
    (folder / "versions" / "a2.py").write_text(CHANGE, encoding="utf-8")
    with app.app_context():
        upgrade(directory=str(folder))
        assert db.session.execute(text("SELECT meter_id FROM photo")).all() == [(1,)]
        assert foreign_keys_hold()
        db.session.remove()
        downgrade(directory=str(folder), revision="a1")
        assert db.session.execute(text("SELECT meter_id FROM photo")).all() == [(1,)]
        db.session.remove()
        downgrade(directory=str(folder), revision="base")
        assert not {"meter", "photo"} & set(sa.inspect(db.engine).get_table_names())


def test_a_migration_that_fails_leaves_nothing_half_done(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    broken = TABLES.format(parent=next(iter(heads()), None)).replace(
        "def downgrade", "    raise OSError\ndef downgrade"
    )
    (folder / "versions" / "a1.py").write_text(broken, encoding="utf-8")
    with app.app_context():
        before = sa.inspect(db.engine).get_table_names()
        with pytest.raises(OSError):  # noqa: PT011 (raised by the migration above)
            upgrade(directory=str(folder))
        assert sa.inspect(db.engine).get_table_names() == before
        assert foreign_keys_hold()


def test_constraints_are_named() -> None:
    assert dict(db.metadata.naming_convention) == NAMES


def test_a_reading_session_lets_writers_write(app: Flask) -> None:
    with app.app_context(), reading_session() as reading:
        assert reading.execute(text("SELECT count(*) FROM meter_type")).scalar() == 1
        db.session.execute(text("UPDATE meter_type SET unit = 'm3'"))
        db.session.commit()
        assert reading.execute(text("SELECT unit FROM meter_type")).scalar() == "kWh"  # still the moment it began
