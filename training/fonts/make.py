"""Make the subsets in this folder from Debian packages.

Run as ``python training/fonts/make.py`` on Debian or Ubuntu with ``apt-get``, ``dpkg-deb`` and fontTools. It downloads
the packages named below, keeps the digits and few letters that the renderer draws, and renames each face to
"Meter <stem>": several of the licences reserve the original name for the unmodified font. Copyright and licence records
inside the fonts stay as they are; each package's own copyright file is copied to ``licences/``.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-untyped,import-not-found,unused-ignore]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped,import-not-found,unused-ignore]

FOLDER = Path(__file__).resolve().parent
DIGITS = "0123456789., "
LATIN = "".join(map(chr, range(0x20, 0x7F))) + "°²³№·×"
CYRILLIC = LATIN + "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщыьэюя"

# stem of the subset: (Debian package, font file in it, characters kept)
FACES: dict[str, tuple[str, str, str]] = {
    "bebas-bold": ("fonts-bebas-neue", "BebasNeue-Bold.otf", LATIN),
    "bebas-regular": ("fonts-bebas-neue", "BebasNeue-Regular.otf", DIGITS),
    "b612-mono": ("fonts-b612", "B612Mono-Regular.otf", LATIN),
    "courier-prime-sans": ("fonts-courier-prime", "Courier Prime Sans Bold.otf", DIGITS),
    "dejavu-condensed": ("fonts-dejavu-extra", "DejaVuSansCondensed-Bold.ttf", CYRILLIC),
    "dejavu-mono": ("fonts-dejavu-core", "DejaVuSansMono.ttf", DIGITS),
    "dosis": ("fonts-dosis", "Dosis-SemiBold.otf", DIGITS),
    "heros": ("fonts-texgyre", "texgyreheros-regular.otf", LATIN),
    "heros-bold": ("fonts-texgyre", "texgyreheros-bold.otf", DIGITS),
    "heros-condensed": ("fonts-texgyre", "texgyreheroscn-bold.otf", DIGITS),
    "inter": ("fonts-inter", "Inter-Medium.otf", DIGITS),
    "jura": ("fonts-jura", "Jura-Bold.otf", DIGITS),
    "ocr-b": ("fonts-ocr-b", "OCRB.otf", DIGITS),
    "open-din": ("fonts-opendin", "OSP-DIN.ttf", LATIN),
    "oxygen": ("fonts-oxygen", "Oxygen-Sans-Bold.ttf", DIGITS),
    "park": ("fonts-national-park", "NationalPark-Regular.otf", DIGITS),
    "park-heavy": ("fonts-national-park", "NationalPark-Heavy.otf", DIGITS),
    "play": ("fonts-play", "Play-Bold.ttf", DIGITS),
    "pt-narrow": ("fonts-paratype", "PTN57F.ttf", CYRILLIC),
    "pt-narrow-bold": ("fonts-paratype", "PTN77F.ttf", CYRILLIC),
    "road-b": ("fonts-roadgeek", "RG2014B.ttf", DIGITS),
    "road-c": ("fonts-roadgeek", "RG2014C.ttf", DIGITS),
    "road-d": ("fonts-roadgeek", "RG2014D.ttf", LATIN),
    "road-e": ("fonts-roadgeek", "RG2014E.ttf", DIGITS),
    "roboto": ("fonts-roboto-unhinted", "Roboto-Medium.ttf", LATIN),
    "roboto-condensed": ("fonts-roboto-unhinted", "RobotoCondensed-Bold.ttf", DIGITS),
    "routed": ("fonts-routed-gothic", "routed-gothic.ttf", LATIN),
    "routed-narrow": ("fonts-routed-gothic", "routed-gothic-narrow.ttf", DIGITS),
    "schola": ("fonts-texgyre", "texgyreschola-bold.otf", LATIN),
}


def subset(source: Path, target: Path, characters: str) -> None:
    """Write ``characters`` of the font ``source`` to ``target`` (unhinted, renamed)."""
    font = TTFont(source)
    options = Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16, 18):
            record.string = f"Meter-{target.stem}" if record.nameID == 6 else f"Meter {target.stem}"
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [f"Meter-{target.stem}"]
        cff.topDictIndex[0].FullName = cff.topDictIndex[0].FamilyName = f"Meter {target.stem}"
    font["head"].modified = font["head"].created  # the same bytes on every run
    font.recalcTimestamp = False
    font.save(target)


def main() -> None:
    """Download each package once and write every subset with its licence."""
    (FOLDER / "licences").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        # Some copyright files only name this licence.
        shutil.copy("/usr/share/common-licenses/Apache-2.0", FOLDER / "licences" / "Apache-2.0.txt")
        for package in sorted({package for package, _, _ in FACES.values()}):
            subprocess.run(["apt-get", "download", package], cwd=work, check=True)
            archive = next(work.glob(f"{package}_*.deb"))
            subprocess.run(["dpkg-deb", "-x", archive, work / package], check=True)
            documents = work / package / "usr/share/doc"
            shutil.copy(next(documents.glob("*/copyright")), FOLDER / "licences" / f"{package}.txt")
        for stem, (package, file, characters) in FACES.items():
            source = next((work / package).rglob(file))
            subset(source, FOLDER / f"{stem}{source.suffix}", characters)


if __name__ == "__main__":
    main()
