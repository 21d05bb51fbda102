"""What the panel reaches, measured: `make bench` runs every module here and writes `docs/results/panel.json`.

Each module has `run(…)` with sizes as arguments that returns `{"figures": [figure(…), …]}` and whatever else is worth
keeping beside them. Nothing here uses the installation of whoever runs it: `installation()` makes one for the purpose.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

Figures = dict[str, Any]


def figure(name: str, target: str, measured: str, reached: bool | None) -> dict[str, str | bool | None]:
    """One line of the table: what, how much is wanted, what was measured, whether it is enough (None: no target)."""
    return {"figure": name, "target": target, "measured": measured, "reached": reached}


@contextmanager
def installation(database_url: str = "", **settings: Any) -> Iterator[Flask]:
    """An application in a temporary instance folder with an empty, migrated database; its context is pushed."""
    from flask_migrate import upgrade

    from backend.app import create_app
    from backend.database import db
    from backend.settings import Settings

    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        app = create_app(Settings(instance=Path(folder), database_url=database_url, **settings))
        with app.app_context():
            try:
                upgrade()
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
