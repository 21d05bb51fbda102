"""What tests share that need no network's own readings: a reader that says what they want, a meter with a past."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

MODULES = {name: Path(__file__).with_name(name) for name in ("pretend_page.js", "sense_page.js")}
CALL = "async ([module, name, ...values]) => (await import(`/${module}_page.js`))[name](...values)"


def give_modules(page: Page) -> None:
    """From now on `ask` works in this page."""
    for name, module in MODULES.items():
        page.route(f"**/{name}", fulfil(module))


def fulfil(module: Path) -> Callable[[Route], None]:
    """What answers with a module."""
    return lambda route: route.fulfill(path=module, content_type="text/javascript")


def ask(page: Page, name: str, *values: object, module: str = "pretend") -> Any:
    """Call a function of a module in the page."""
    return page.evaluate(CALL, [module, name, *values])


def keep_meter(page: Page, address: str) -> str:
    """Put a meter that stood at 412 a month ago into the store, the one used last; its id."""
    page.goto(f"{address}/icon.svg")
    return str(ask(page, "keepMeter", ["00300", "00412"], 5, 0, module="sense")["id"])
