"""The codec: by hand, by property, and by the vectors that JavaScript shares."""

import json
import math
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from backend.domain.reading import CLASSES, ROWS, Digit, ReadingError, decode, encode, probabilities
from tests.vectors import make

VECTORS = json.loads(make.PATH.read_text("utf-8"))


def random_text(rng: random.Random) -> str:
    """Any reading: 1 to 10 digits, any number of decimals, point or comma."""
    digits = "".join(rng.choices("0123456789", k=rng.randint(1, 10)))
    decimals = rng.randint(0, len(digits) - 1)
    return f"{digits[:-decimals]}{rng.choice('.,')}{digits[-decimals:]}" if decimals else digits


def test_2_29_is_encoded_as_the_contract_says() -> None:
    array = encode("2.29")
    assert array.shape == (ROWS, CLASSES)
    assert array.dtype == np.float32
    assert array[0].tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert array.argmax(axis=1).tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 2, 2, 9]
    assert array.sum() == ROWS


def test_a_decoded_reading_has_every_part() -> None:
    array = encode("00482.170") * 0.6 + 0.04
    reading = decode(array, threshold=0.5)
    assert (reading.text, reading.value, reading.decimals) == ("482.170", Decimal("482.170"), 3)
    assert [each.digit for each in reading.digits] == [4, 8, 2, 1, 7, 0]
    assert reading.digits[0].confidence == pytest.approx(0.64, abs=1e-6)
    assert reading.point_confidence == pytest.approx(0.64, abs=1e-6)
    assert reading.confidence == pytest.approx(0.64**11, rel=1e-5)
    assert (reading.accepted, reading.reason) == (False, "doubtful")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0", "0"),
        ("0000", "0"),
        ("0.05", "0.05"),
        ("000.50", "0.50"),
        ("0007", "7"),
        ("1,5", "1.5"),
        ("0.000000007",) * 2,
    ],
)
def test_leading_zeros_go_and_decimals_stay(text: str, shown: str) -> None:
    reading = decode(encode(text))
    assert reading.text == shown
    assert reading.accepted
    assert len(reading.digits) == len(shown.replace(".", ""))


def test_any_text_survives_the_round_trip() -> None:
    rng = random.Random(20)
    for _ in range(20_000):
        text = random_text(rng)
        array = encode(text)
        reading = decode(array)
        assert reading.value == Decimal(text.replace(",", "."))
        assert reading.decimals == len(text.replace(",", ".").partition(".")[2])
        assert np.array_equal(encode(reading.text), array)


def test_any_other_text_is_refused_with_a_reading_error() -> None:
    """What encode takes is what the contract's one pattern describes, whatever characters come."""
    rng = random.Random(21)
    alphabet = "0123456789" * 3 + "..,,-+_ eE\n\0x٣５²€😀"
    taken = 0
    for _ in range(20_000):
        text = "".join(rng.choices(alphabet, k=rng.randint(0, 13)))
        whole, _, decimals = text.replace(",", ".").partition(".")
        plain = all(
            part.isascii() and part.isdigit()
            for part in ([whole, decimals] if "." in text.replace(",", ".") else [whole])
        )
        if plain and len(whole + decimals) <= 10:
            encode(text)
            taken += 1
        else:
            with pytest.raises(ReadingError, match=r"(?s)expected .+, got .+"):
                encode(text)
    assert taken > 500


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nothing"),
        (True, "true or false"),
        (np.bool_(False), "true or false"),
        (12, "a number"),
        (np.float32(1.5), "a number"),
        (Decimal("1.5"), "a number"),
        (b"12", "a list"),
        (("1",), "a list"),
        (np.zeros((ROWS, CLASSES)), "a list"),
        ({"text": "12"}, "an object"),
    ],
)
def test_what_is_no_text_is_refused_by_what_it_is(value: Any, kind: str) -> None:
    with pytest.raises(ReadingError) as refusal:
        encode(value)
    assert str(refusal.value) == f"expected a reading as text, got {kind}"


def test_ties_go_to_the_lowest_class() -> None:
    assert decode(np.full((ROWS, CLASSES), 0.1)).text == "0"
    array = encode("5")
    array[10, 8] = 1
    assert decode(array).digits == (Digit(5, 0.5),)


def test_temperature_sharpens_and_softens_without_changing_the_reading() -> None:
    array = np.random.default_rng(4).dirichlet(np.full(CLASSES, 0.3), ROWS)
    sharp, plain, soft = (decode(array, temperature) for temperature in (0.5, 1, 2))
    assert sharp.text == plain.text == soft.text
    assert sharp.confidence > plain.confidence > soft.confidence
    powers = array**0.5
    assert soft.confidence == pytest.approx(np.prod(powers.max(axis=1) / powers.sum(axis=1)))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_probabilities_are_those_that_are_decoded(temperature: float) -> None:
    array = np.random.default_rng(4).random((11, 10)) ** 8
    array[3] = 0
    rows = probabilities(array, temperature)
    assert rows.sum(axis=1) == pytest.approx(np.ones(11)) and rows[3].tolist() == [0.1] * 10
    array[3, 0] = rows[3, 0] = 1
    assert decode(array, temperature).confidence == pytest.approx(rows.max(axis=1).prod())


def test_at_temperature_1_unnormalised_rows_are_normalised() -> None:
    array = np.random.default_rng(5).random((ROWS, CLASSES))
    expected = (array / array.sum(axis=1, keepdims=True)).max(axis=1).prod()
    assert decode(array * 7).confidence == pytest.approx(expected)


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf, -5.0, -0.0])
def test_what_is_no_probability_counts_as_zero(nothing: float) -> None:
    array = encode("93.8")
    dirty = np.where(array == 0, nothing, array)
    assert decode(dirty) == decode(array)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8, bool])
def test_any_number_type_is_read(dtype: Any) -> None:
    assert decode(encode("93.8").astype(dtype)).text == "93.8"


def test_the_array_is_left_alone() -> None:
    array = np.where(encode("1") == 0, np.nan, 1)
    before = array.copy()
    decode(array, temperature=2)
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.zeros((1, ROWS, CLASSES)), "1, 11, 10"),
        (np.zeros((CLASSES, ROWS)), "10, 11"),
        (np.zeros(110), "110"),
        (0.5, ""),
    ],
)
def test_another_shape_is_refused(array: Any, shape: str) -> None:
    with pytest.raises(ReadingError) as refusal:
        decode(array)
    assert str(refusal.value) == f"expected an array of 11 rows of 10 numbers, got the shape ({shape})"


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 0},
        {"temperature": math.nan},
        {"temperature": math.inf},
        {"threshold": 1.1},
        {"unreadable": -1},
        {"unreadable_temperature": 0},
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ReadingError):
        decode(encode("1"), **options)


@pytest.mark.parametrize("entry", VECTORS["accepted"], ids=lambda entry: entry["text"])
def test_the_vectors_texts_are_encoded(entry: dict[str, Any]) -> None:
    assert np.array_equal(encode(entry["text"]), np.eye(CLASSES)[entry["classes"]])


@pytest.mark.parametrize("entry", VECTORS["no_text"], ids=lambda entry: str(entry["value"]))
def test_the_vectors_values_that_are_no_text_are_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ReadingError) as refusal:
        encode(entry["value"])
    assert str(refusal.value) == entry["message"]


@pytest.mark.parametrize("entry", VECTORS["refused"], ids=lambda entry: ascii(entry["text"]))
def test_the_vectors_texts_are_refused(entry: dict[str, str]) -> None:
    with pytest.raises(ReadingError) as refusal:
        encode(entry["text"])
    assert str(refusal.value) == entry["message"]


def test_the_vectors_are_what_the_code_makes() -> None:
    """Fails when the codec changed and the vectors did not: then run `python -m tests.vectors.make` and look."""
    assert json.loads(make.to_text(make.make())) == VECTORS
