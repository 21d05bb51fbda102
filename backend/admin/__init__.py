"""The panel at /admin/: Flask-Admin with our own shell, one module a page.

A page's module has `views()`, which makes its views anew for each application.
"""

from __future__ import annotations

import secrets

from flask import Flask, g
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from backend.admin import (
    accounts,
    augmentations,
    curves,
    duplicates,
    first_guess,
    fragments,
    labelling,
    login,
    meter_types,
    overview,
    pictures,
    recipes,
    run_reasons,
    runs,
    training,
    versions,
)

# In the order of the menu; the first one has the index view.
PAGES = (
    overview,
    labelling,
    training,
    fragments,
    augmentations,
    duplicates,
    versions,
    curves,
    first_guess,
    recipes,
    runs,
    meter_types,
    accounts,
)
NAME = "Meter reader"


def init_app(app: Flask) -> None:
    """Add the panel."""
    login.init_app(app)
    app.register_blueprint(pictures.blueprint)
    index, *others = [view for page in PAGES for view in page.views()]
    panel = Admin(
        name=NAME,
        index_view=index,
        url="/admin",
        theme=Bootstrap4Theme(swatch="default"),
        csp_nonce_generator=nonce,
    )
    panel.init_app(app)
    for view in others:
        panel.add_view(view)
    app.jinja_env.globals.update(panel=panel, why=run_reasons.why)


def nonce() -> str:
    """The number that lets the scripts of this one answer run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)
