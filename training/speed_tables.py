"""Parts of the results page: architectures side by side, and how fast the input pipeline is."""

from __future__ import annotations

from typing import Any

from training.tables import counted, share

WAITING = 0.10  # of a step an accelerator may wait for pictures
AGAIN = 1000.0  # milliseconds from opening a page that the device keeps to the first reading


def architectures(file: Any) -> list[str]:
    """One row for each architecture; those without a trained version have no accuracy."""
    machine, timed = file["machine"], file["architectures"][0]["milliseconds"]["n"]
    rows = []
    for row in file["architectures"]:
        exact = f"{share(row['exact'])}, `{row['version']}`" if "exact" in row else "not trained"
        cells = [
            row["name"],
            "×".join(map(str, row["input"])),
            f"{row['parameters']:,}",
            f"{row['wire']['brotli'] / 1000:,.0f} kB",
            exact,
            counted(row.get("pictures")) if "exact" in row else "–",
            f"{row['milliseconds']['median']:.1f} ms",
            f"{row['milliseconds']['stages']['network']:.1f} ms",
            f"{row['training']:,.0f}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return [
        f"Measured {file['measured']} on {machine['cores']} cores ({machine['processor']}); readings in Chromium on "
        f"WASM, in turns in one run (n = {timed} each); training with ready batches of {file['batch']}. Weights that "
        "were not trained weigh and take the same, but for compression.",
        "",
        "| architecture | input | parameters | on the wire (brotli) | exact, validation | taught with (pictures) "
        "| one reading | – the network | training images a second |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
    ]


def again(file: Any) -> tuple[str, bool | None]:
    """The row of the page on a device that keeps it, with a network and without one."""
    second, offline = file["second"], file["offline"]
    found = f"{second['median'] / 1000:.2f} s, without a network {offline['median'] / 1000:.2f} s"
    return f"{found} (medians of {second['n']})", max(second["median"], offline["median"]) <= AGAIN


def pipeline(file: Any) -> tuple[str, bool | None]:
    """The row of the input pipeline: how many times the images a second of the ordinary way."""
    low, high = min(file["ratios"]), max(file["ratios"])
    rates = f"{file['pipeline']:,.0f} against {file['plain']:,.0f} images a second, {file['workers']} processes"
    return f"{file['ratio']:.1f} times ({low:.1f}–{high:.1f}): {rates}", file["ratio"] >= file["target"]


def waiting(file: Any) -> tuple[str, bool | None]:
    """The row of the accelerator: which share of the steps had to wait for their pictures, as the log says it."""
    return f"{file['waiting']:.1%} ({file['device']})", file["waiting"] < WAITING
