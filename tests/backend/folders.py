"""Small dataset folders of drawn pictures."""

import csv
import hashlib
from pathlib import Path

from PIL import Image, ImageDraw


def draw(text: str, size: tuple[int, int] = (90, 30)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((5, 2), text, fill="black", font_size=20)
    return image


def write_folder(folder: Path, rows: list[dict[str, object]], columns: str = "image,type,correct_value") -> Path:
    """Write a dataset folder; each picture shows its row's value (JPEG, named as the row says)."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns.split(","))
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        place = folder / "images" / str(row["image"])
        if not place.exists():
            draw(str(row["correct_value"])).save(place, "JPEG")
    return folder


def some_rows(count: int = 6) -> list[dict[str, object]]:
    return [{"image": f"счётчик {n}.jpg", "type": n % 3, "correct_value": f"00{n}.{n}"} for n in range(count)]


def contents(folder: Path) -> dict[str, str]:
    """Each file of a folder with its hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
