"""`python -m tests.training.small_export …`: the export command, which knows the small network by its name."""

from __future__ import annotations

import sys

from tests.training.small_training import SMALL
from training.architectures import ARCHITECTURES
from training.export import main

if __name__ == "__main__":
    ARCHITECTURES["small"] = SMALL
    sys.exit(main())
