"""What a display can show: random readings, and the words printed around them."""

from __future__ import annotations

from training.render.paint import Rng, chance, pick

_LENGTHS = {
    "drums": ({3: 1, 4: 7, 5: 17, 6: 15, 7: 20, 8: 24, 9: 9, 10: 7}, {0: 30, 1: 15, 2: 13, 3: 32, 4: 7, 5: 3}),
    "lcd": ({1: 2, 2: 4, 3: 8, 4: 13, 5: 16, 6: 20, 7: 17, 8: 14, 9: 4, 10: 2}, {0: 34, 1: 25, 2: 17, 3: 20, 4: 4}),
    "led": ({1: 2, 2: 5, 3: 14, 4: 22, 5: 18, 6: 18, 7: 10, 8: 8, 9: 2, 10: 1}, {0: 40, 1: 25, 2: 18, 3: 15, 4: 2}),
}
_PADDED = {"drums": 0.5, "lcd": 0.4, "led": 0.2}  # share with leading zeros; real meters: "00123.456" and "91823.4"

BRANDS = (
    "elster|AZTECA|ZENNER|Itron|Actaris|Landis+Gyr|ISKRA|Kamstrup|SENSUS|Diehl|DECAST|BETAR|GERRIDA|NORMA|Valtec|"
    "Metrix|Gallus|G4 RF1|BK-G4|Honeywell|Schlumberger|ABB|Siemens|HEXING|Genus|HPL|L&T|Secure|EDMI|Nansen|Elo|"
    "CHINT|Holley|Wasion|Apator|PAFAL|Maddalena|B METERS|Arad|Badger|Neptune|Master Meter|KENT|George Wilson|"
    "AQUA|Techem|ista|Minol|Enbra|Hydrus|Sagemcom|Linky|ENEL|ZPA|Janz|CONTOR|Contador|Aguas"
).split("|")
BRANDS_CYRILLIC = (
    'БЕТАР|ОАО "АПЗ"|СВК-15Г|СВУ-15|СХВ-15|СГВ-15|ВСКМ 90-15|ЭКВАТЕЛ|Меркурий|Энергомера|НЕВА|Метер|НОРМА|СВ-15'
).split("|")
PRINT = (
    "Qn 1,5 m³/h|Q3 2.5 m³/h|Qmax 6 m³/h|Qmin 0,04|R80H R40V|T30|T50|DN 15|DN20|PN 16|Class B|MID CE|IP54|Pmax 0.5 bar|"
    "V 1.2 dm³|230V 5(60)A|50Hz|1000 imp/kWh|375 r/kWh|2 wire|3x230/400V|cl. 1.0|Type DS-5|No.|COLD WATER|HOT WATER|"
    "Made in EU|2014|2016|2019|2008|GAS METER|KILOWATTHOURS|CUBIC METRES|CUBIC FEET|TARIFF|Ser.No|x 0.0001|x0,001|"
    "1 imp = 10 L|+90°C|5...90°C|V-A|H-B|H|V|A|LITRES|MASTER|Active Energy|kWh import|REACTIVE|Property of|"
    "M12 0401 CE2195"
).split("|")
PRINT_CYRILLIC = (
    "СЧЕТЧИК ВОДЫ|Счетчик воды|х0,0001|ГОСТ Р 50601|Вода хол.|Добровольная|Россия|Сделано в России|Кл. 2|м³/ч"
).split("|")
UNITS_DRUMS = ("m³", "m³", "m³", "kWh", "kW h", "m3", "ft³", "GJ", "MWh", "м³", "kvarh")
UNITS_SCREEN = "kWh|kWh|kWh|m³|m³|kW|MWh|V|A|kvarh|GJ|kg|g|°C|L|Hz|ft³".split("|")
CODES_SCREEN = "1.8.0|2.8.0|15.8.1|T1|T2|TOTAL|CUM|R Y B|L1 L2 L3|OBIS|MD|Q|+A|-A|kW|TEST|Imp".split("|")


def random_text(rng: Rng, kind: str) -> str:
    """A reading: any digits at any position; about half of the drums padded with zeros."""
    lengths, decimals = _LENGTHS[kind]
    total = pick(rng, list(lengths), list(lengths.values()))
    point = min(pick(rng, list(decimals), list(decimals.values())), total - 1)
    digits = [str(int(d)) for d in rng.integers(0, 10, total)]
    whole = total - point
    if chance(rng, _PADDED[kind]):
        for i in range(int(rng.integers(0, whole))):
            digits[i] = "0"
    elif kind != "drums" and whole > 1 and digits[0] == "0":
        digits[0] = str(int(rng.integers(1, 10)))
    return "".join(digits[:whole]) + ("." + "".join(digits[whole:]) if point else "")


def serial(rng: Rng) -> str:
    """A serial number such as meters carry near their display."""
    digits = "".join(str(int(d)) for d in rng.integers(0, 10, int(rng.integers(5, 12))))
    form = pick(rng, ("{}", "{}", "№ {}", "No {}", "S/N {}", "{}-17", "08 {}", "M{}A"))
    return form.replace("{}", digits)


def check(text: str) -> None:
    """Raise ValueError unless ``text`` is 1 to 10 digits with at most one "." between two of them."""
    whole, point, decimals = text.partition(".")
    digits = whole + decimals
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10 and whole and (decimals or not point)):
        raise ValueError(f"expected 1 to 10 digits with at most one '.' between two of them, got '{text}'")
