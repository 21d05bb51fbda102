"""`python -m scripts.icons`: draw the icons of the installed page, `frontend/icons/*.png`, from `frontend/icon.svg`."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts.browser import find

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
GROUND = "#0b5f6b"  # that of the icon itself
SAFE = 0.8  # of a maskable icon's width: what no mask cuts off (https://www.w3.org/TR/appmanifest/#icon-masks)
# File → size in pixels, share of it that the drawing takes, what lies behind it.
ICONS = {
    "icon-192.png": (192, 1.0, "transparent"),
    "icon-512.png": (512, 1.0, "transparent"),
    "maskable-512.png": (512, SAFE, GROUND),
    "apple-180.png": (180, 1.0, GROUND),  # iOS rounds the corners itself and shows transparent ones in black
}


def draw(page: Page, drawing: str, size: int, share: float, ground: str) -> bytes:
    """One icon as PNG; `drawing` is the SVG as a data: address."""
    page.set_viewport_size({"width": size, "height": size})
    style = f"margin:0;background:{ground};display:grid;place-items:center;height:100vh"
    page.set_content(f'<body style="{style}"><img src="{drawing}" width="{size * share}" height="{size * share}">')
    page.locator("img").evaluate("image => image.decode()")
    return page.screenshot(omit_background=True)


def main() -> None:
    """Draw them all."""
    drawing = "data:image/svg+xml;base64," + base64.b64encode((FRONTEND / "icon.svg").read_bytes()).decode()
    folder = FRONTEND / "icons"
    folder.mkdir(exist_ok=True)
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver, driver.chromium.launch(executable_path=find(), args=flags) as browser:
        page = browser.new_page()
        for name, (size, share, ground) in ICONS.items():
            (folder / name).write_bytes(draw(page, drawing, size, share, ground))


if __name__ == "__main__":
    main()
