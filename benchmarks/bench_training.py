"""Seconds per trial of the digits network, against plain Keras fit of the same network, in turn.

python -m benchmarks.bench_training [RUNS]
"""

from __future__ import annotations

import sys
import time
from typing import Any

from benchmarks.measure import line, ratio_line
from tuner_gui.study.definition import DataSettings
from tuner_gui.study.events import TrialEnded, TrialState
from tuner_gui.training.process import load_tensorflow

EPOCHS, UNITS, BATCH, RATE, MOMENTUM = 20, 64, 64, 0.01, 0.9


def ours(trainer: Any, seed: int) -> float:
    from tuner_gui.space.textbook import pinned_values
    from tuner_gui.training.messages import Job

    values = {**pinned_values(), "units": UNITS, "batch_size": BATCH, "learning_rate": RATE, "momentum": MOMENTUM}
    ended: list[TrialEnded] = []

    def report(event: object) -> None:
        if isinstance(event, TrialEnded):
            ended.append(event)

    job = Job(trial=1, seed=seed, hyperparameters=values, epochs=EPOCHS, objective="val_accuracy")
    began = time.perf_counter()
    trainer.train(job, report=report, go_on=lambda: True)
    assert ended[0].state is TrialState.FINISHED
    return time.perf_counter() - began


def keras_fit(split: Any) -> float:
    import keras

    began = time.perf_counter()
    hidden = [
        layer
        for _ in range(2)
        for layer in (
            keras.layers.Dense(UNITS, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
        )
    ]
    model = keras.Sequential([keras.Input((split.inputs,)), *hidden, keras.layers.Dense(split.outputs)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(RATE, momentum=MOMENTUM), loss, metrics=["accuracy"])
    train, validation = split.train, split.validation
    model.fit(
        train.inputs, train.targets, batch_size=BATCH, epochs=EPOCHS, verbose=0,
        validation_data=(validation.inputs, validation.targets),
    )  # fmt: skip
    return time.perf_counter() - began


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    load_tensorflow(threads=1)
    from tuner_gui.training.data import load
    from tuner_gui.training.trainer import Trainer

    split = load(DataSettings("digits"))
    trainer = Trainer(split)
    first = ours(trainer, seed=0)
    keras_fit(split)
    taken: dict[str, list[float]] = {"ours": [], "keras": []}
    for seed in range(1, runs + 1):
        taken["ours"].append(ours(trainer, seed))
        taken["keras"].append(keras_fit(split))
    print(line("the first trial of a process, tracing included", [first]))
    print(line("a trial", taken["ours"]))
    print(line("the same network with Keras fit", taken["keras"]))
    print(ratio_line("a trial / Keras fit", taken["ours"], taken["keras"], goal=1.0))


if __name__ == "__main__":
    main()
