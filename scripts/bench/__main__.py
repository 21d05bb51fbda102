"""`python -m scripts.bench`: measure what the panel reaches, print it as a table, and with `--full` keep it.

Without `--full` everything is measured with few rows, in a few minutes, to see that it works. With it the sizes are
those of the targets and the figures go to `docs/results/panel.json`, from which `python -m training.results` makes a
part of the results page. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

from backend.settings import ROOT
from scripts.bench import Figures, figure
from training.tables import panel

# The parts in the order of the table, each with the arguments that make it quick.
PARTS: dict[str, dict[str, Any]] = {
    "list_page": {"samples": 5000, "requests": 80},
    "overview": {"samples": 5000, "requests": 15},
    "imports": {"count": 1000},
    "generation": {"pictures": 1000, "one_at_a_time": 100},
    "duplicates": {"hashes": 3000, "displays": 100},
    "leaks": {"displays": 300, "each": 10},
    "reading": {"readings": 50},
    "labelling": {"pictures": 20, "samples": 2000},
    "kills": {"moments": 8},
    "check": {"planted": 200},
}


def run(names: list[str], full: bool) -> Figures:
    """Measure these parts, one after the other; one that fails is a figure that was not reached."""
    parts = {name: measured(name, {} if full else PARTS[name]) for name in names}
    return {"machine": machine(), "measured": datetime.now(timezone.utc).date().isoformat(), "parts": parts}


def measured(name: str, arguments: dict[str, Any]) -> Figures:
    """What one part gives, and how long it took."""
    print(f"measuring {name} …", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        result: Figures = import_module(f"scripts.bench.{name}").run(**arguments)
    except Exception as error:  # the others are still worth measuring
        message = f"failed: {type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
        result = {"figures": [figure(name, "", message, False)]}
    return {**result, "seconds": round(time.monotonic() - start, 1)}


def machine() -> dict[str, Any]:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.machine(),
        "memory_gb": round(memory / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; status 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"which of {', '.join(PARTS)}; all without any")
    parser.add_argument("--full", action="store_true", help="with the sizes of the targets, and keep the figures")
    parser.add_argument("--to", type=Path, help="where to keep them (docs/results/panel.json with --full)")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"expected parts among {', '.join(PARTS)}, got {', '.join(unknown)}")
    result = run(options.parts or list(PARTS), options.full)
    place = options.to or (ROOT / "docs" / "results" / "panel.json" if options.full else None)
    if place:
        keep(place, result)
    print("\n".join(panel(result)))
    figures = [each for part in result["parts"].values() for each in part["figures"]]
    return int(any(each["reached"] is False for each in figures))


def keep(place: Path, result: Figures) -> None:
    """Write the figures; parts that were measured before and not now stay."""
    before = json.loads(place.read_text("utf-8")) if place.exists() else {"parts": {}}
    parts = before["parts"] | result["parts"]
    ordered = {name: parts[name] for name in PARTS if name in parts}
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps({**result, "parts": ordered}, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
