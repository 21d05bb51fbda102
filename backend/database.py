"""The database: SQLite or PostgreSQL, set up so that nothing acknowledged is lost and writers wait for each other.

SQLite lets one transaction write at a time. PostgreSQL is asked to do the same: what was read is still so when it is
written, the same code is right on both, and a panel has no need of more.

Tables are only ever made by migrations, never at start: two web processes that create tables at once crash.
"""

from __future__ import annotations

from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from backend.models import Base
from backend.settings import ROOT

BUSY_MILLISECONDS = 10_000
# The order counts: switching to WAL itself may have to wait for another process.
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
# PostgreSQL: who writes holds this lock, an arbitrary number, until its transaction ends.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(7104931)"
ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
READING_METHODS = {"GET", "HEAD", "OPTIONS"}
READS = "reads"  # execution option of a connection that will not write
MIGRATIONS = str(ROOT / "migrations")

db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory=MIGRATIONS, render_as_batch=True, compare_type=True)


class UnpreparedError(RuntimeError):
    """The database is not there, or not as this program's migrations leave it; its text says what came instead."""


def init_app(app: Flask) -> None:
    """Bind the database and its migrations (`flask db …`) to `app`."""
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            set_up_sqlite(db.engine)
        elif db.engine.dialect.name == "postgresql":
            set_up_postgresql(db.engine)


def set_up_sqlite(engine: Engine) -> None:
    """Apply the pragmas to each connection and take over from the driver when a transaction begins."""
    event.listen(engine, "connect", apply_pragmas)
    event.listen(engine, "begin", begin)


def set_up_postgresql(engine: Engine) -> None:
    """Wait for a lock as long as on SQLite, and let transactions that may write take turns."""
    event.listen(engine, "connect", limit_waiting)
    event.listen(engine, "begin", take_turns)


def limit_waiting(connection: Any, record: object) -> None:
    """Set up one new PostgreSQL connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {BUSY_MILLISECONDS}")
    connection.commit()


def take_turns(connection: Connection) -> None:
    """Begin a transaction; one that may write waits until no other one does."""
    if connection.get_execution_options().get(READS):
        connection.exec_driver_sql(ONE_MOMENT)
    elif not answers_a_reader():
        connection.exec_driver_sql(TAKE_TURNS)


def apply_pragmas(connection: Any, record: object) -> None:
    """Set up one new SQLite connection."""
    connection.isolation_level = None  # the driver would begin by itself, and DEFERRED
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def begin(connection: Connection) -> None:
    """Begin a transaction; one that may write takes the lock at once.

    A writer that begins DEFERRED and reads first fails when it turns to writing while another one writes, and no
    waiting helps. Requests that only read do not queue behind writers.
    """
    reads = connection.get_execution_options().get(READS) or answers_a_reader()
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def answers_a_reader() -> bool:
    """Tell whether this is a request that only reads."""
    return has_request_context() and request.method in READING_METHODS


def reading_session() -> Session:
    """Open a session that only reads, however long: it sees one moment and keeps no writer waiting."""
    return Session(db.engine.execution_options(**{READS: True}))


def refresh_statistics() -> None:
    """Let SQLite look at what is in the tables, so that it chooses indexes well; PostgreSQL does so by itself."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")  # entries of an index: a few milliseconds
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def require_prepared() -> None:
    """See that all migrations of this program, and no others, have been applied. Raises UnpreparedError."""
    try:
        with reading_session() as session:
            applied = set(MigrationContext.configure(session.connection()).get_current_heads())
    except DatabaseError as error:
        raise UnpreparedError(f"expected a database that answers, got: {str(error.orig).splitlines()[0]}") from None
    scripts = ScriptDirectory(MIGRATIONS)
    if applied == set(scripts.get_heads()):
        return
    if not applied:
        got = "one without tables"
    elif applied <= {script.revision for script in scripts.walk_revisions()}:
        got = f"one of an older program (migration {', '.join(sorted(applied))})"
    else:
        raise UnpreparedError(
            f"expected a database of this program, got one of a newer program (migration {', '.join(sorted(applied))}):"
            " update this one"
        )
    raise UnpreparedError(f"expected a database prepared by `flask --app backend db upgrade` or `make run`, got {got}")
