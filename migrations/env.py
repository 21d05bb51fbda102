"""How `flask --app backend db …` runs migrations: on the application's own database and tables."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, TypeDecorator

migrate = current_app.extensions["migrate"]


def leave_empty_out(migration_context, revision, directives) -> None:
    """Make no file when the tables did not change."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_plainly(kind, item, autogen_context):
    """Write a column type of ours as the type that the database sees: migrations outlive the code of today."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run(connection: Connection) -> None:
    """Run the migrations in one transaction: all of them, or none. (SQLite too can roll back changes of tables,
    since backend.database begins its transactions; Alembic assumes that it cannot.)"""
    arguments = {"process_revision_directives": leave_empty_out, "transactional_ddl": True, **migrate.configure_args}
    arguments["render_item"] = render_plainly
    context.configure(connection=connection, target_metadata=migrate.db.metadata, **arguments)
    with context.begin_transaction():
        context.run_migrations()
    connection.rollback()  # ends what reading the tables for comparison may have begun


def run_on_sqlite(connection: Connection) -> None:
    """Run the migrations with foreign keys off: changing a column copies its table and drops the old one, which
    would delete every row that refers to it. What was left dangling is found afterwards."""
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        run(connection)
        dangling = driver.execute("PRAGMA foreign_key_check").fetchall()
        if dangling:
            raise RuntimeError(f"expected no dangling references after the migration, got {dangling[:5]}")
    finally:
        connection.rollback()  # the pragma does nothing inside a transaction
        driver.execute("PRAGMA foreign_keys = ON")


with migrate.db.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        run_on_sqlite(connection)
    else:
        run(connection)
