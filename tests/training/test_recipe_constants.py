"""What the recipes are made of: trainings, splits and layers, as the project wants them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import pytest

from training.classifiers.digits import Digits, Part, split
from training.classifiers.drawn import drawn_digits
from training.classifiers.fit import Job, compiled
from training.classifiers.recipe import ClassifierRecipe
from training.recipes import Asked, open_recipe
from training.transfer.collection import SHARES
from training.transfer.recipe import TransferRecipe

# Epochs, what validates, at which epochs it is scored before the last, after how many without getting better it ends.
STAGES = {
    "drawn_convolutional": [(100, 0.1, (25, 50), None)],
    "drawn_dense": [(4900, 0.3, (), 25), (4900, 0.2, (), 25), (4900, 0.1, (), 25)],
    "lenet": [(10, 2000, (), None), (40, 2000, (), None)],
    "lenet_better": [(10, 2000, (), None), (40, 2000, (), None)],
}
TARGETS = {"drawn_convolutional": 0.994, "drawn_dense": 0.98, "lenet": 0.989, "lenet_better": 0.995}
ANCESTORS = {
    "drawn_convolutional": {},
    "drawn_dense": {},
    "lenet": {"10 epochs": 0.9717, "40 epochs": 0.9753},
    "lenet_better": {"10 epochs": 0.9925, "40 epochs": 0.9924},
}


def classifier(name: str) -> ClassifierRecipe:
    recipe = open_recipe(name)
    assert isinstance(recipe, ClassifierRecipe)
    return recipe


@pytest.mark.parametrize("name", STAGES)
def test_a_recipe_trains_as_long_and_validates_as_wanted(name: str) -> None:
    recipe = classifier(name)
    stages = [(stage.epochs, stage.validation, stage.scored, stage.patience) for stage in recipe.stages]
    assert stages == STAGES[name]
    assert (recipe.target, recipe.ancestor.figures) == (TARGETS[name], ANCESTORS[name])
    assert recipe.batch == 1024 or name != "drawn_convolutional"
    side = 32 if name.startswith("lenet") else 28
    assert recipe.build().inputs[0].shape == (None, side, side, 1)


def test_of_mnist_2000_validate_or_a_share() -> None:
    """Sixty thousand to learn from; who asks for a number gets it, who asks for a share gets that."""
    few = drawn_digits(60, 1)
    whole = Part(few.pictures.repeat(1000, axis=0), few.labels.repeat(1000))
    for stage in (*classifier("lenet").stages, *classifier("drawn_dense").stages):
        teach, validation = split(whole, stage.validation)
        assert len(validation) == (2000 if stage.validation == 2000 else round(60_000 * stage.validation))
        assert len(teach) + len(validation) == 60_000


def described(model: keras.Model) -> list[tuple[Any, ...]]:
    """What each layer is, with what makes it so."""
    wanted = {
        "Conv2D": ("filters", "kernel_size", "padding", "strides", "activation"),
        "MaxPooling2D": ("pool_size",),
        "AveragePooling2D": ("pool_size",),
        "Dropout": ("rate",),
        "Dense": ("units", "activation"),
    }
    found = []
    for layer in model.layers[1:]:
        kind, known = type(layer).__name__, layer.get_config()
        values = [known[key] for key in wanted.get(kind, ())]
        found.append((kind, *(tuple(value) if isinstance(value, list) else value for value in values)))
    return found


def test_the_layers_of_the_lab_courses_networks() -> None:
    def block(filters: int) -> list[tuple[Any, ...]]:
        convolution = ("Conv2D", filters, (3, 3), "valid", (1, 1), "linear")
        return [convolution, ("BatchNormalization",), ("ReLU",), ("MaxPooling2D", (2, 2)), ("Dropout", 0.1)]

    flat, classes = ("Flatten",), ("Dense", 10, "softmax")
    assert described(classifier("drawn_convolutional").build()) == [*block(64), *block(128), flat, classes]
    assert described(classifier("drawn_dense").build()) == [flat, ("Dense", 128, "relu"), classes]


def test_the_layers_of_lenet() -> None:
    def convolution(maps: int) -> tuple[Any, ...]:
        return ("Conv2D", maps, (5, 5), "valid", (1, 1), "tanh")

    pool = ("AveragePooling2D", (2, 2))
    ends = [("Flatten",), ("Dense", 84, "tanh"), ("Dense", 10, "softmax")]
    assert described(classifier("lenet").build()) == [
        convolution(6),
        pool,
        convolution(16),
        pool,
        convolution(120),
        *ends,
    ]


def test_the_better_network_has_at_most_130_000_parameters() -> None:
    assert classifier("lenet_better").build().count_params() <= 130_000


def test_transfer_learning_is_split_and_judged_as_wanted() -> None:
    recipe = open_recipe("clocks_or_crocs")
    assert isinstance(recipe, TransferRecipe)
    assert (SHARES, recipe.splits, recipe.target) == ((0.7, 0.15, 0.15), 5, 0.94)
    assert recipe.ancestor.figures == {"head alone": 0.875, "last block tuned": 0.9375}


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("drawn_convolutional", {0: 1, 84: 1, 85: 1, 92.5: 0.5, 100: 0}),
        ("lenet_better", {0: 1, 20: 0.5, 40: 0}),
        ("drawn_dense", {0: 1, 4000: 1}),
    ],
)
def test_the_rate_falls_over_the_last_epochs(name: str, shares: dict[float, float], tmp_path: Path) -> None:
    """The rate after so many epochs of the last training, as a share of the recipe's."""
    recipe, steps = classifier(name), 10
    found = Digits(drawn_digits(10, 1), drawn_digits(10, 2), "0")
    options = recipe.options(recipe.stages[-1], Asked(tmp_path, full=True), found)
    optimizer = compiled(Job(options, recipe.build, (), options.epochs, tmp_path), steps).optimizer
    for epoch, share in shares.items():
        optimizer.iterations.assign(int(epoch * steps))
        assert float(optimizer.learning_rate) == pytest.approx(share * recipe.learning_rate, rel=1e-4, abs=1e-9)
