"""Networks to begin with: where they are cut, their weights, and those of another library's file."""

from __future__ import annotations

import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.services import backbones as offered
from training import recipes
from training.recipes import RecipeError
from training.transfer import backbones, efficientnet_lite, weights
from training.transfer.backbones import FINDER, READER, open_backbone
from training.transfer.recipe import TransferRecipe


class Torch:
    """What a file names of PyTorch, enough to write one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.main, self.utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
        monkeypatch.setitem(sys.modules, "torch", self.main)
        monkeypatch.setitem(sys.modules, "torch._utils", self.utils)
        self.storage = type("FloatStorage", (), {"__module__": "torch"})

        def rebuild() -> None: ...

        rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
        self.main.FloatStorage, self.utils._rebuild_tensor_v2 = self.storage, rebuild  # type: ignore[attr-defined]

    def file(self, tensors: dict[str, NDArray[np.float32]]) -> bytes:
        """As PyTorch 1.5 writes it; a tensor that is not in C order keeps its strides."""
        rebuild, storage, out = self.utils._rebuild_tensor_v2, self.storage, io.BytesIO()

        class Stored:
            def __init__(self, key: str, count: int) -> None:
                self.key, self.count = key, count

        class Tensor:
            def __init__(self, key: str, values: NDArray[np.float32]) -> None:
                self.key, self.values = key, values

            def __reduce__(self) -> tuple[Any, ...]:
                strides = tuple(each // 4 for each in self.values.strides)
                stored = Stored(self.key, self.values.size)
                return rebuild, (stored, 0, self.values.shape, strides, False, OrderedDict())

        class Pickler(pickle.Pickler):
            def persistent_id(self, each: Any) -> Any:
                return ("storage", storage, each.key, "cpu", each.count, None) if isinstance(each, Stored) else None

        for head in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
            pickle.dump(head, out, 2)
        keys = {name: str(number) for number, name in enumerate(tensors)}
        Pickler(out, 2).dump(OrderedDict((name, Tensor(keys[name], each)) for name, each in tensors.items()))
        pickle.dump(list(keys.values()), out, 2)
        for each in tensors.values():
            out.write(each.size.to_bytes(8, "little") + each.tobytes(order="A"))
        return out.getvalue()


def test_tensors_are_read_without_their_library(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    turned = rng.random((2, 3, 4), np.float32).transpose(2, 0, 1).copy(order="F")
    tensors = {"plain": rng.random((3, 5), np.float32), "turned": turned, "one": np.ones(1, np.float32)}
    content = Torch(monkeypatch).file(tensors)
    read = weights.read_tensors(io.BytesIO(content))
    assert list(read) == list(tensors)
    assert all((read[name] == each).all() and read[name].shape == each.shape for name, each in tensors.items())


class Hostile:
    """Runs a command, where a pickle may ask for anything."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("hostile",)


def test_a_file_that_asks_for_anything_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(efficientnet_lite, "build", lambda _picture: keras.Sequential())
    for content in (pickle.dumps(Hostile(), 2), b"no pickle", b""):
        (tmp_path / "file.pth").write_bytes(content)
        with pytest.raises(
            RecipeError, match=r"expected EfficientNet-Lite0's weights in file\.pth, got something else"
        ):
            weights.convert(tmp_path / "file.pth", tmp_path / "out.weights.h5")
    assert not (tmp_path / "hostile").exists() and not (tmp_path / "out.weights.h5").exists()


def test_own_networks_are_cut_where_their_last_blocks_begin() -> None:
    picture = {READER: (1, 48, 192, 3), FINDER: (1, 192, 192, 3)}
    shapes = {}
    for name, shape in picture.items():
        backbone = open_backbone(name)
        assert (1, *reversed(backbone.size), 3) == shape
        pixels = np.random.default_rng(1).random(shape, np.float32)
        maps = backbone.lower(pixels)
        shapes[name] = (tuple(maps.shape[1:]), tuple(backbone.block(maps).shape[1:]))
        assert np.allclose(backbone.block(maps), backbone.whole(pixels), atol=1e-5)
    assert shapes == {READER: ((3, 48, 80), (1, 48, 112)), FINDER: ((12, 12, 64), (12, 12, 64))}


def test_lite_takes_its_weights_from_a_file(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="expected the weights of EfficientNetLite0Half as --weights FILE, got none"):
        open_backbone("EfficientNetLite0Half")
    file = tmp_path / "lite.weights.h5"
    model = efficientnet_lite.build(keras.Input((96, 96, 3)))
    assert model.count_params() == 3_413_024
    tensors = {
        name: np.random.default_rng(number).random(shape, np.float32)
        for number, (name, shape) in enumerate(named_shapes(model).items())
    }
    weights.fill(model, tensors)
    model.save_weights(file)
    half = open_backbone("EfficientNetLite0Half", file)
    assert half.whole.count_params() == 262_176
    assert (half.lower.output.shape[1:], half.block.output.shape[1:]) == ((6, 6, 80), (6, 6, 80))
    deep = half.whole.get_layer("block7_depthwise").get_weights()[0]
    assert (deep[..., 0] == tensors["_blocks.7._depthwise_conv.weight"][:, 0].transpose(1, 2, 0)).all()
    norm = half.whole.get_layer("block7_project_norm").get_weights()
    assert all((a == tensors[f"_blocks.7._bn2.{b}"]).all() for a, b in zip(norm, weights._STATISTICS, strict=True))


def named_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """The names and shapes that PyTorch has for them: output channels first."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in model.layers:
        if layer.weights:
            name, norm = layer.name.removesuffix("_norm"), layer.name.endswith("_norm")
            convolution, statistics = weights._ENDS.get(name) or weights._of_block(name)
            if norm:
                shapes |= {f"{statistics}.{kind}": layer.weights[0].shape for kind in weights._STATISTICS}
            else:
                height, width, *channels = layer.weights[0].shape
                turned = channels if isinstance(layer, keras.layers.DepthwiseConv2D) else reversed(channels)
                shapes[f"{convolution}.weight"] = (*turned, height, width)
    return shapes


def test_applications_are_cut_by_name_and_refuse_other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "vgg.weights.h5"
    file.write_bytes(b"no weights")
    with pytest.raises(RecipeError, match=r"expected the weights of VGG16 in vgg\.weights\.h5, got none that fit"):
        open_backbone("VGG16", file)
    model = keras.applications.VGG16(include_top=False, weights=None)
    model.save_weights(file)
    opened = open_backbone("VGG16", file)
    assert (opened.lower.output.shape[1:], opened.block.output.shape[1:]) == ((6, 6, 512), (3, 3, 512))
    assert all((a == b).all() for a, b in zip(opened.whole.get_weights(), model.get_weights(), strict=True))

    def build(**options: Any) -> keras.Model:
        assert options["weights"] == "imagenet", "no file, so the library's download"
        raise Exception("URL fetch failure")  # as keras does

    monkeypatch.setitem(backbones.KNOWN, "VGG16", backbones.Known(build, "block4_pool"))
    with pytest.raises(RecipeError, match="expected the weights of VGG16 by download or as --weights FILE, got URL"):
        open_backbone("VGG16")


@pytest.mark.parametrize("name", ["VGG16", "MobileNetV2", "MobileNetV3Small", "DenseNet121", "EfficientNetB0"])
def test_pictures_are_shown_as_networks_were_taught(name: str) -> None:
    picture = keras.Input((4, 5, 3))
    prepare = backbones.KNOWN[name].shown
    pixels = np.random.default_rng(1).random((2, 4, 5, 3), np.float32)
    shown = keras.Model(picture, backbones._shown(picture, prepare))(pixels)
    assert np.allclose(shown, prepare(255 * pixels), atol=1e-3)


# What is kept as it is, and what a picture ends as, at 96 × 96.
SHAPES = {
    "InceptionV3": ((1, 1, 2048), (1, 1, 2048)),
    "MobileNet": ((3, 3, 512), (3, 3, 1024)),
    "MobileNetV2": ((3, 3, 160), (3, 3, 1280)),
    "MobileNetV3Small": ((3, 3, 96), (3, 3, 576)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_any_application_is_cut_and_sees_a_batch_as_it_was_taught(name: str, tmp_path: Path) -> None:
    """With weights drawn anew: its parts one after another are the library's own network."""
    known = backbones.KNOWN[name]
    keras.utils.set_random_seed(1)
    backbone = backbones.assembled(name, known, backbones.built(known, None))
    own = known.build(include_top=False, weights=None, input_shape=(96, 96, 3))
    own.set_weights(backbone.whole.get_weights())
    pixels = np.random.default_rng(1).random((2, 96, 96, 3), np.float32)
    maps = backbone.lower(pixels)
    ended = backbone.block(maps)
    assert (tuple(maps.shape[1:]), tuple(ended.shape[1:])) == SHAPES[name]
    assert np.allclose(ended, own(known.shown(255 * pixels)), atol=1e-3)
    kernels = [each for each in backbone.block.layers if "Conv2D" in type(each).__name__]
    assert len(kernels) >= backbones.BLOCK or name in backbones.CUTS
    assert len(backbone.block.layers) < len(backbone.lower.layers) / 2
    if name == "MobileNet":  # taught further, kept and opened again
        backbone.whole.save(tmp_path / "whole.keras")
        assert np.allclose(keras.models.load_model(tmp_path / "whole.keras")(pixels), ended, atol=1e-5)


def test_a_cut_is_where_nothing_passes_by() -> None:
    """Of a network with a shortcut: before it, though its last three convolutions begin within."""
    layers = keras.layers
    picture = keras.Input((8, 8, 3))
    before = layers.Conv2D(4, 3, padding="same", name="before")(picture)
    within = layers.Conv2D(4, 3, padding="same", name="within")(before)
    added = layers.Add(name="added")([before, layers.Conv2D(4, 3, padding="same")(within)])
    ends = layers.Conv2D(4, 3)(layers.ReLU()(layers.Conv2D(4, 3)(added)))
    assert backbones.last_block(keras.Model(picture, ends)) is before
    with pytest.raises(RecipeError, match="expected a network of 3 convolutions or more, got short"):
        backbones.last_block(keras.Model(picture, within, name="short"))


def test_the_panel_offers_what_there_is() -> None:
    opened = {name: recipes.open_recipe(name) for name in recipes.names()}
    assert tuple(name for name, each in opened.items() if isinstance(each, TransferRecipe)) == offered.RECIPES
    assert (offered.OWN, offered.NAMES) == (backbones.OWN, backbones.NAMES)
    assert tuple(backbones.LITE) == offered.FROM_FILE
    assert {"ResNet50", "Xception", "NASNetMobile"} < set(offered.DOWNLOADED)
