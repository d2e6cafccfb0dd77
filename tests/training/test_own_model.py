"""Models of a person's own, trained by Keras on small data: what is reported, and what ends a trial."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from training_lab import opened, small_split

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import METRICS, Task
from tuner_gui.study.events import EpochEnded, Event, TrialEnded, TrialProgress, TrialState, WeightsKept
from tuner_gui.training.data import Split
from tuner_gui.training.messages import Job
from tuner_gui.training.own_file import OwnFile, digest, load
from tuner_gui.training.own_model import OwnTrainer

Train = Callable[..., list[Event]]

DENSE = "keras.Sequential([keras.layers.Dense(hp.Int('units', 2, 32), activation='relu'), keras.layers.Dense({out})])"

PLAIN = f"def build_model(hp):\n    return {DENSE.format(out=3)}\n"


def own_file(folder: Path, body: str) -> OwnFile:
    path = folder / "model.py"
    path.write_text(f"import keras\nimport numpy as np\nimport tensorflow as tf\n{body}")
    return load(path, digest(path.read_bytes()))


def trainer_of(file: OwnFile, split: Split, events: list[Event]) -> OwnTrainer:
    def report(said: Sequence[Event]) -> None:
        events.extend(said)

    return OwnTrainer(lambda: file, split, report=report)


def job(epochs: int = 3, trial: int = 1, **values: Value) -> Job:
    return Job(trial, 7, values, epochs, "val_loss")


def trained(folder: Path, body: str, split: Split | None = None, **values: Value) -> list[Event]:
    events: list[Event] = []
    trainer = trainer_of(own_file(folder, body), split or small_split(), events)
    trainer.submit(job(**values))
    trainer.run_until_idle()
    return events


def end_of(events: list[Event]) -> TrialEnded:
    (end,) = [event for event in events if isinstance(event, TrialEnded)]
    return end


def epochs_of(events: list[Event]) -> list[EpochEnded]:
    return [event for event in events if isinstance(event, EpochEnded)]


COMPILED = {
    "uncompiled": f"    return {DENSE.format(out=3)}\n",
    "sparse": (
        f"    m = {DENSE.format(out=3)}\n"
        "    m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n    return m\n"
    ),
    "one column per class": (
        f"    m = {DENSE.format(out=3)}\n    m.add(keras.layers.Softmax())\n"
        "    m.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])\n    return m\n"
    ),
    "its own train_step": (
        "    class Mine(keras.Model):\n"
        "        def __init__(self):\n            super().__init__()\n            self.d = keras.layers.Dense(3)\n"
        "        def call(self, x, training=False):\n            return self.d(x)\n"
        "        def train_step(self, data):\n            return super().train_step(data)\n"
        "    hp.Int('units', 1, 2)\n    m = Mine()\n"
        "    m.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n"
        "    return m\n"
    ),
    "eager": (
        f"    m = {DENSE.format(out=3)}\n"
        "    m.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)\n"
        "    return m\n"
    ),
}


@pytest.mark.parametrize("body", [pytest.param(text, id=name) for name, text in COMPILED.items()])
def test_a_model_learns_and_every_epoch_is_reported(body: str, folder: Path) -> None:
    events = trained(folder, "def build_model(hp):\n" + body, epochs=6, units=16, batch_size=16)

    epochs = epochs_of(events)
    assert isinstance(events[1], TrialProgress)
    assert [event.epoch for event in epochs] == [1, 2, 3, 4, 5, 6]
    assert all(tuple(event.metrics) == METRICS[Task.CLASSIFICATION] for event in epochs)
    assert epochs[-1].metrics["loss"] < epochs[0].metrics["loss"]
    assert end_of(events).state is TrialState.FINISHED
    assert end_of(events).value == epochs[-1].metrics["val_loss"]
    assert any(isinstance(event, WeightsKept) for event in events)


def test_training_is_what_keras_fit_does_with_the_same_batches(folder: Path) -> None:
    import keras

    body = (
        "def build_model(hp):\n    hp.Int('n', 1, 2)\n"
        "    m = keras.Sequential([keras.Input((5,)), keras.layers.Dense(8, 'tanh'), keras.layers.Dense(3)])\n"
        "    m.compile(keras.optimizers.SGD(0.1, momentum=0.9),"
        " keras.losses.SparseCategoricalCrossentropy(from_logits=True))\n    return m\n"
    )
    split = small_split()
    last = epochs_of(trained(folder, body, split, epochs=4, batch_size=20))[-1]

    keras.utils.set_random_seed(7)
    model = own_file(folder, body).call(_Plain())
    shuffle = np.random.default_rng(7)
    for _ in range(4):
        order = shuffle.permutation(len(split.train))
        model.fit(split.train.inputs[order], split.train.targets[order], batch_size=20, shuffle=False, verbose=0)
    loss = model.evaluate(split.validation.inputs, split.validation.targets, verbose=0)
    assert last.metrics["val_loss"] == pytest.approx(loss, rel=1e-4)


class _Plain:
    def Int(self, *_: object) -> int:  # noqa: N802
        return 1


def test_a_regression_is_measured_in_original_units(folder: Path) -> None:
    events = trained(
        folder, f"def build_model(hp):\n    return {DENSE.format(out=1)}\n", small_split(Task.REGRESSION), units=16
    )

    assert tuple(epochs_of(events)[-1].metrics) == METRICS[Task.REGRESSION]
    assert end_of(events).state is TrialState.FINISHED


def test_inputs_get_the_shape_that_the_model_takes(folder: Path) -> None:
    body = (
        "def build_model(hp):\n    return keras.Sequential([keras.Input((5, 1)), keras.layers.Conv1D(2, 3),"
        " keras.layers.Flatten(), keras.layers.Dense(3)])\n"
    )
    assert end_of(trained(folder, body)).state is TrialState.FINISHED


FAILS = {
    "raises": ("    raise ValueError('bad units')\n", "line 5, in build_model: ValueError: bad units (with "),
    "returns nothing": ("    pass\n", "returned nothing (None): expected a Keras model"),
    "exits": ("    raise SystemExit\n", "it ends the program"),
    "too few outputs": (f"    return {DENSE.format(out=2)}\n", "expected (rows, 3), because the data have 3 classes"),
    "wrong input": ("    return keras.Sequential([keras.Input((9,)), keras.layers.Dense(3)])\n", "takes 9 numbers"),
    "unknown loss": (
        f"    m = {DENSE.format(out=3)}\n    m.compile('adam', 'nonsense')\n    return m\n",
        "nonsense",
    ),
    "raises in training": (
        """
    class Bad(keras.layers.Layer):
        def call(self, x, training=False):
            if training:
                raise RuntimeError('inside')
            return x
    return keras.Sequential([Bad(), keras.layers.Dense(3)])
""",
        "line 9, in call: RuntimeError: ",
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in FAILS.items()])
def test_a_model_that_cannot_be_trained_fails_in_words(case: tuple[str, str], folder: Path) -> None:
    body, words = case
    end = end_of(trained(folder, "def build_model(hp):\n" + body, units=4))

    assert end.state is TrialState.FAILED
    assert words in str(end.reason)
    assert "model.py" in str(end.reason)
    assert "units 4" in str(end.reason)


def test_a_loss_that_is_no_number_ends_the_trial_as_diverged(folder: Path) -> None:
    body = (
        f"def build_model(hp):\n    m = {DENSE.format(out=3)}\n"
        "    m.compile('sgd', lambda y, p: keras.ops.mean(p) * float('nan'))\n    return m\n"
    )
    end = end_of(trained(folder, body))

    assert end.state is TrialState.DIVERGED
    assert "NaN at epoch 1" in str(end.reason)


def test_a_trial_is_given_up_between_two_chunks(folder: Path) -> None:
    events: list[Event] = []
    trainer = trainer_of(own_file(folder, PLAIN), small_split(), events)
    serving = threading.Thread(target=trainer.serve)
    serving.start()
    trainer.submit(job(epochs=100_000, trial=3))
    _wait(lambda: bool(epochs_of(events)))
    trainer.give_up(3, TrialState.PRUNED)
    _wait(lambda: any(isinstance(event, TrialEnded) for event in events))
    trainer.close()
    serving.join(10)

    assert not serving.is_alive()
    assert end_of(events).state is TrialState.PRUNED
    assert end_of(events).value == epochs_of(events)[-1].metrics["val_loss"]


def test_a_paused_trial_stands_still_until_it_is_resumed(folder: Path) -> None:
    events: list[Event] = []
    trainer = trainer_of(own_file(folder, PLAIN), small_split(), events)
    serving = threading.Thread(target=trainer.serve)
    serving.start()
    trainer.pause()
    trainer.submit(job(epochs=2))
    assert not epochs_of(events)
    trainer.resume()
    _wait(lambda: any(isinstance(event, TrialEnded) for event in events))
    trainer.close()
    serving.join(10)

    assert len(epochs_of(events)) == 2


def _wait(until: Callable[[], bool]) -> None:
    for _ in range(3000):
        if until():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_kept_weights_give_a_final_figure(folder: Path) -> None:
    events: list[Event] = []
    file = own_file(folder, PLAIN)
    trainer = trainer_of(file, opened(small_split()), events)
    trainer.submit(job(units=8))
    trainer.run_until_idle()
    (kept,) = [event for event in events if isinstance(event, WeightsKept)]

    figure = trainer.final_figure({"units": 8}, kept.npz)

    assert set(figure) == {"test_loss", "test_accuracy"}
    with pytest.raises(ValueError, match="shape"):
        trainer.final_figure({"units": 9}, kept.npz)


PATIENT = """
import optuna
def objective(trial):
    trial.suggest_int('n', 1, 3)
    for step in range(100_000):
        trial.report(float(step), step)
        if trial.should_prune():
            {ends}
    return 1.0
"""


@pytest.mark.parametrize("ends", ["raise optuna.TrialPruned()", "pass"])
def test_an_objective_is_pruned_by_itself_or_where_it_does_not_obey(
    ends: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optuna

    for name in ("create_study", "load_study"):
        monkeypatch.setattr(optuna, name, getattr(optuna, name))  # the stand-ins go again after the test
    events: list[Event] = []
    trainer = trainer_of(own_file(folder, PATIENT.format(ends=ends)), small_split(), events)
    serving = threading.Thread(target=trainer.serve)
    serving.start()
    trainer.submit(Job(3, 7, {"n": 2}, 10, "value"))
    _wait(lambda: len(epochs_of(events)) > 5)
    trainer.give_up(3, TrialState.PRUNED)
    _wait(lambda: any(isinstance(event, TrialEnded) for event in events))
    trainer.close()
    serving.join(10)

    assert end_of(events).state is TrialState.PRUNED
    assert end_of(events).value is not None
    assert end_of(events).value >= epochs_of(events)[-1].metrics["value"]
