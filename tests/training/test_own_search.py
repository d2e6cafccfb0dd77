"""Files that train by themselves, with ``fit`` or ``run_trial`` and data of their own, as published guides do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from training_lab import small_split

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Task
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialState, WeightsKept
from tuner_gui.training.data import Split
from tuner_gui.training.inspection import find
from tuner_gui.training.messages import Job
from tuner_gui.training.own_file import OwnFile, digest, load
from tuner_gui.training.own_model import OwnTrainer

HEAD = """
import keras, numpy as np, tensorflow as tf, keras_tuner as kt
random = np.random.default_rng(0)
x, y = random.random((48, 4)).astype("float32"), random.random((48, 1)).astype("float32")
def make(hp):
    hidden = keras.layers.Dense(hp.Int("units", 2, 8), "relu")
    model = keras.Sequential([keras.Input((4,)), hidden, keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model
"""
MODEL = "class Mine(kt.HyperModel):\n    def build(self, hp):\n        return make(hp)\n"
DATA = "x[:32], y[:32], epochs=3, validation_data=(x[32:], y[32:])"
LOOP = """
    def fit(self, hp, model, x, y, validation_data, callbacks=None, **kwargs):
        optimizer = keras.optimizers.SGD(hp.Float("rate", 0.01, 0.1))
        for callback in callbacks:
            callback.{set_model}
        for epoch in range(2):
            for rows in tf.data.Dataset.from_tensor_slices((x, y)).batch(hp.Choice("batch", [8, 16])):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean((model(rows[0]) - rows[1]) ** 2)
                weights = model.trainable_variables
                optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
            for callback in callbacks:
                callback.on_epoch_end(epoch, logs={{"far": float(loss) + epoch}})
        return float(loss)
"""
SEARCH = "kt.RandomSearch(Mine(), kt.Objective('far', 'min')).search(x=x, y=y, validation_data=(x, y))\n"

# What the file is, what it asks for beside units, its objective, and how many epochs it tells of.
FILES = {
    "a search with its data": (f"kt.RandomSearch(make, 'val_loss').search({DATA})\n", [], "val_loss", 3),
    "fit asks for more": (
        (
            f"{MODEL}    def fit(self, hp, model, *args, **kwargs):\n"
            "        return model.fit(*args, shuffle=hp.Boolean('shuffle'), **kwargs)\n"
            f"kt.RandomSearch(Mine(), 'val_mae').search({DATA})\n"
        ),
        ["shuffle"],
        "val_mae",
        3,
    ),
    "a loop of its own": (f"{MODEL}{LOOP.format(set_model='set_model(model)')}{SEARCH}", ["rate", "batch"], "far", 2),
    "a loop that sets the model": (
        f"{MODEL}{LOOP.format(set_model='model = model')}{SEARCH}",
        ["rate", "batch"],
        "far",
        2,
    ),
    "fit returns a number": (
        (
            f"{MODEL}    def fit(self, hp, model, x, y, validation_data, **kwargs):\n"
            "        model.fit(x, y, **kwargs)\n"
            f"        return np.abs(model.predict(x, verbose=0) - y).mean()\nkt.RandomSearch(Mine()).search({DATA})\n"
        ),
        [],
        "value",
        4,
    ),
    "fit returns numbers by name": (
        (
            f"{MODEL}    def fit(self, hp, model, x, y, validation_data, **kwargs):\n"
            "        model.fit(x, y, **kwargs)\n"
            "        return {'a': -1.0, 'b': 2.0}\n"
            f"kt.RandomSearch(Mine(), kt.Objective('a', 'max')).search({DATA})\n"
        ),
        [],
        "a",
        4,
    ),
    "run_trial hands on": (
        (
            "class Mine(kt.GridSearch):\n    def run_trial(self, trial, *args, **kwargs):\n"
            "        kwargs['batch_size'] = trial.hyperparameters.Int('batch', 8, 16, step=8)\n"
            f"        return super().run_trial(trial, *args, **kwargs)\nMine(make, 'val_loss').search({DATA})\n"
        ),
        ["batch"],
        "val_loss",
        3,
    ),
    "run_trial reports as it once did": (
        (
            "class Mine(kt.Tuner):\n    def run_trial(self, trial, rows):\n"
            "        model = self.hypermodel.build(trial.hyperparameters)\n"
            "        for epoch in range(2):\n            self.on_epoch_begin(trial, model, epoch, logs={})\n"
            "            self.on_epoch_end(trial, model, epoch, logs={'loss': 2.0 - epoch})\n"
            "Mine(oracle=kt.oracles.RandomSearch(objective='loss'), hypermodel=make).search(rows=x)\n"
        ),
        [],
        "loss",
        2,
    ),
    "a dataset": (
        (
            "rows = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)\n"
            "kt.Hyperband(make, 'val_loss', max_epochs=2).search(rows, validation_data=rows, shuffle=False)\n"
        ),
        [],
        "val_loss",
        3,
    ),
    "another loss, and a callback that stops": (
        (
            "kt.RandomSearch(make, 'val_loss', loss='mae', optimizer=keras.optimizers.SGD(0.0), metrics=['mse'])"
            f".search({DATA}, callbacks=[keras.callbacks.EarlyStopping('val_loss', patience=1)])\n"
        ),
        [],
        "val_loss",
        2,
    ),
}
FAST = ("a search with its data", "a loop of its own")


def own_file(folder: Path, body: str) -> OwnFile:
    path = folder / "model.py"
    path.write_text(HEAD + body)
    return load(path, digest(path.read_bytes()))


def trainer_of(file: OwnFile, events: list[Event], split: Split | None = None) -> OwnTrainer:
    def report(said: Sequence[Event]) -> None:
        events.extend(said)

    return OwnTrainer(lambda: file, split, report=report)


def trained(file: OwnFile, objective: str, split: Split | None = None, **values: Value) -> list[Event]:
    events: list[Event] = []
    trainer = trainer_of(file, events, split)
    grows = file.direction == "maximize"
    trainer.submit(Job(1, 7, values, 3, objective, grows=grows))
    trainer.run_until_idle()
    return events


def end_of(events: list[Event]) -> TrialEnded:
    (end,) = [event for event in events if isinstance(event, TrialEnded)]
    return end


def values_of(events: list[Event], objective: str) -> list[float | None]:
    return [event.metrics.get(objective) for event in events if isinstance(event, EpochEnded)]


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=[] if name in FAST else pytest.mark.slow) for name, case in FILES.items()],
)
def test_a_file_trains_as_its_own_search_would(case: tuple[str, list[str], str, int], folder: Path) -> None:
    body, asked, objective, epochs = case
    file = own_file(folder, body)

    found = find(file, seconds=20, quiet_seconds=5)
    assert {parameter.name for parameter in found.parameters} == {"units", *asked}
    assert (found.objective, found.own_data) == (objective, True)
    events = trained(file, objective, units=4)

    told = values_of(events, objective)
    known = [value for value in told if value is not None]
    assert end_of(events).state is TrialState.FINISHED, end_of(events).reason
    assert len(told) == epochs
    if objective != "far":  # there the file returns something else than it tells of
        assert end_of(events).value == pytest.approx(max(known) if file.direction == "maximize" else min(known))


def test_weights_are_those_of_the_best_epoch(folder: Path) -> None:
    from tuner_gui.training.lane_state import arrays_from_npz  # it loads TensorFlow

    body = (
        f"{MODEL}    def fit(self, hp, model, x, callbacks, **kwargs):\n        callbacks[-1].set_model(model)\n"
        "        for epoch, far in enumerate([2.0, 1.0, 3.0]):\n"
        "            model.set_weights([np.full_like(weights, epoch) for weights in model.get_weights()])\n"
        f"            callbacks[-1].on_epoch_end(epoch, {{'far': far}})\n        return 1.0\n{SEARCH}"
    )
    events = trained(own_file(folder, body), "far", units=3)

    (kept,) = [event for event in events if isinstance(event, WeightsKept)]
    arrays = arrays_from_npz(kept.npz)
    assert [array.shape for array in arrays.values()] == [(4, 3), (3,), (3, 1), (1,)]
    assert all((array == 1).all() for array in arrays.values())


@pytest.mark.slow
def test_data_of_the_study_take_the_place_of_the_files_own(folder: Path) -> None:
    body = (
        "class Mine(kt.HyperModel):\n    def build(self, hp):\n        hp.Int('units', 2, 8)\n"
        "        model = keras.Sequential([keras.layers.Dense(3, 'softmax')])\n"
        "        model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])\n        return model\n"
        "    def fit(self, hp, model, x, y, **kwargs):\n"
        "        assert x.shape[1] == 5 and y.shape[1] == 3\n        return model.fit(x, y, **kwargs)\n"
    )
    file = own_file(folder, body)
    assert not find(file, seconds=20, quiet_seconds=5).own_data
    events = trained(file, "val_accuracy", small_split(Task.CLASSIFICATION), units=4)

    assert end_of(events).state is TrialState.FINISHED, end_of(events).reason
    assert len(values_of(events, "val_accuracy")) == 3


@pytest.mark.slow
def test_a_fit_is_given_up_between_two_mini_batches(folder: Path) -> None:
    events: list[Event] = []
    body = f"kt.RandomSearch(make, 'val_loss').search({DATA.replace('epochs=3', 'epochs=1')})\n"
    trainer = trainer_of(own_file(folder, body), events)
    serving = threading.Thread(target=trainer.serve)
    serving.start()
    trainer.submit(Job(3, 7, {"units": 4}, 100_000, "val_loss"))
    _wait(lambda: bool(values_of(events, "val_loss")))
    trainer.give_up(3, TrialState.PRUNED)
    _wait(lambda: any(isinstance(event, TrialEnded) for event in events))
    trainer.close()
    serving.join(10)

    assert end_of(events).state is TrialState.PRUNED
    assert end_of(events).value == values_of(events, "val_loss")[-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "state", "words"),
    [
        ("raise kt.errors.FailedTrialError('too large')", TrialState.FAILED, "FailedTrialError: too large"),
        ("raise KeyboardInterrupt", TrialState.FAILED, "KeyboardInterrupt"),
        ("return None", TrialState.FAILED, "fit returned nothing (None)"),
        ("return {'loss': 1.0}", TrialState.FAILED, "fit gave no val_loss, which is searched by: it gave loss"),
        ("return float('nan')", TrialState.DIVERGED, "val_loss is no number"),
    ],
)
def test_a_fit_that_gives_no_value_ends_its_trial_alone(line: str, state: TrialState, words: str, folder: Path) -> None:
    body = f"{MODEL}    def fit(self, hp, model, *args, **kwargs):\n        {line}\n"
    events = trained(
        own_file(folder, f"{body}kt.RandomSearch(Mine(), 'val_loss').search({DATA})\n"), "val_loss", units=4
    )

    assert end_of(events).state is state
    assert words in str(end_of(events).reason)


def _wait(until: Callable[[], bool]) -> None:
    for _ in range(3000):
        if until():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_zeros_stand_for_data_that_are_not_known_yet(folder: Path) -> None:
    body = f"{MODEL}    def fit(self, hp, model, x, y, **kwargs):\n        hp.Int('crop', 1, x.shape[1])\n"

    found = find(own_file(folder, body), seconds=20, quiet_seconds=5)

    assert [parameter.name for parameter in found.parameters] == ["units", "crop"]
    assert np.isclose(found.parameters[1].high, 4)  # type: ignore[union-attr]
