"""How far a command is, for the program that started it: one JSON line at a time, to a file or a pipe."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO, Any

INTERVAL = 1.0  # seconds between two lines that may be left out


class Progress:
    """Writes the lines; without a file, nothing. When nobody reads the pipe any more, the command ends (EPIPE)."""

    def __init__(self, path: str | Path | None) -> None:
        self._file: IO[str] | None = Path(path).open("a", encoding="utf-8") if path else None  # noqa: SIM115
        self._last = 0.0

    def __enter__(self) -> Progress:
        """Nothing to do: the file is open."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def say(self, step: int, steps: int, **more: Any) -> None:
        """So many steps of so many are done."""
        if self._file:
            self._file.write(json.dumps({"step": step, "steps": steps, **more}) + "\n")
            self._file.flush()
            self._last = time.monotonic()

    def hint(self, step: int, steps: int, **more: Any) -> None:
        """The same, unless a second has not passed since the last line."""
        if time.monotonic() - self._last >= INTERVAL:
            self.say(step, steps, **more)
