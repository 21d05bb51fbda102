"""What a training begins with: a new network, the weights of another, or where the same run was when it was killed."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path

import keras

from training.architectures import ARCHITECTURES, Architecture
from training.batches import SHARES
from training.data import DatasetError
from training.losses import count_loss, reading_loss
from training.options import TEACHERS_SHARE, Options

EMA_MOMENTUM = 0.998
COUNT_WEIGHT = 2.0


def build_optimizer(options: Options, architecture: Architecture) -> keras.optimizers.Optimizer:
    """AdamW on a warm-up and a cosine with an average of the weights; the baseline has plain Adam, as it had."""
    if not architecture.heavy_augmentation:
        return keras.optimizers.Adam(options.learning_rate)
    total = options.epochs * options.steps
    warmup = max(1, min(500, total // 20))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=options.learning_rate / 50,
        decay_steps=max(1, total - warmup),
        alpha=0.01,
        warmup_target=options.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(
        schedule, weight_decay=0.01, global_clipnorm=5.0, use_ema=True, ema_momentum=EMA_MOMENTUM
    )


def build_model(options: Options) -> keras.Model:
    """The architecture, compiled, with weights drawn from the seed or taken from another run."""
    architecture = ARCHITECTURES[options.architecture]
    keras.utils.set_random_seed(options.seed)
    model = architecture.build()
    if options.start:
        begin_with(model, options.start)
    losses = {"reading": reading_loss} | ({"count": count_loss} if architecture.aligned else {})
    weights = {"reading": 1.0} | ({"count": COUNT_WEIGHT} if architecture.aligned else {})
    # XLA makes these small convolutions slower on a CPU; JAX always compiles.
    jit = keras.backend.backend() == "jax"
    model.compile(build_optimizer(options, architecture), loss=losses, loss_weights=weights, jit_compile=jit)
    return model


def begin_with(model: keras.Model, start: str) -> None:
    """Give a model the weights of a `.keras` file. Raises DatasetError for one that does not hold these."""
    try:
        weights = keras.models.load_model(start, compile=False).get_weights()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DatasetError(f"expected --from as a .keras file, got {start}, which cannot be opened as one") from error
    try:
        model.set_weights(weights)
    except ValueError as error:
        raise DatasetError(f"expected --from as a network like {model.name}, got {start} with other weights") from error


def resume(options: Options, run: Path, writes: bool = True) -> tuple[keras.Model, int]:
    """The model to train and the epochs it has behind it. Refuses to go on with other options than it began with.

    Of several processes only one `writes` the options.
    """
    record = run / "options.json"
    checkpoint = run / "checkpoint.keras"
    wanted = json.loads(json.dumps(asdict(options)))
    if not checkpoint.exists():
        model = build_model(options)  # what cannot begin leaves no folder
        if writes:
            run.mkdir(parents=True, exist_ok=True)
            record.write_text(json.dumps(wanted, indent=1) + "\n")
        return model, 0
    begun = later_options() | json.loads(record.read_text())
    if begun != wanted:
        changed = sorted(key for key in wanted if begun.get(key) != wanted[key])
        others = ", ".join(changed)
        raise DatasetError(f"expected the options that {run} began with, got other {others}; use a new --name")
    model = keras.models.load_model(checkpoint)
    return model, int(model.optimizer.iterations) // options.steps


def sow(model: keras.Model, seed: int, step: int) -> None:
    """Sets what dropout draws at a step: a `.keras` file leaves the state of random generators out."""
    generators = [layer.seed_generator for layer in model.layers if hasattr(layer, "seed_generator")]
    for number, generator in enumerate(generators):
        state = [seed + 1_000_003 * number, step]
        generator.state.assign(keras.ops.convert_to_tensor(state, dtype=generator.state.dtype))


def later_options() -> dict[str, object]:
    """What runs that began before there was an option had in its place."""
    return dict.fromkeys(each.name for each in fields(Options)) | {
        "shares": dict(SHARES),
        "never": [],
        "precision": "auto",
        "teachers": [],
        "teachers_sha256": [],
        "teachers_share": TEACHERS_SHARE,
    }


def inner_optimizer(model: keras.Model) -> keras.optimizers.Optimizer:
    """The optimiser itself; under mixed_float16 Keras wraps it in one that scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)
