"""Fixtures of the tests about people, and about what is published."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from backend.database import db
from backend.services import accounts
from backend.settings import Settings

from .accounts import PASSWORD


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash quickly: how long argon2 takes is not what most tests are about."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "hasher", quick)
    monkeypatch.setattr(accounts, "NOBODY", quick.hash("nobody"))


@pytest.fixture
def anna(app: Flask, quick_hashes: None) -> None:
    """An admin with a password."""
    with app.app_context():
        accounts.create_admin("Anna", PASSWORD, "test")
        db.session.remove()


@pytest.fixture
def nothing_published(settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()
