"""The network of :mod:`tuner_gui.training` in plain Keras, trained by ``fit`` on the same arrays.

Import it only where TensorFlow is loaded.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from benchmarks.throughput_arm import Figures, Setting
from benchmarks.throughput_works import OBJECTIVE, Work, flop_per_epoch
from tuner_gui.space.parameters import Parameter, Value

Tell = Callable[[float, float], None]


class Training:
    """Builds and fits the networks of one search, and counts what it did.

    ``tell`` hears of every trial that has ended: the seconds since the word to go, the objective after its last epoch.
    """

    def __init__(self, work: Work, seed: int, setting: Setting, tell: Tell = lambda *_: None) -> None:
        self.figures = Figures()
        self._tell = tell
        self._work = work
        self._definition = work.definition(seed)
        self._setting = setting
        self._split = work.rows.load()
        self._began = 0.0
        keras.utils.set_random_seed(seed)

    @property
    def space(self) -> Sequence[Parameter]:
        return self._definition.space.parameters

    @property
    def epochs(self) -> int:
        return self._work.epochs

    def begin(self) -> None:
        """The word to go has come."""
        self._began = time.perf_counter()

    def build(self, drawn: Mapping[str, Value]) -> keras.Model:
        """The compiled network of one trial."""
        values = self._definition.hyperparameters(drawn)
        hidden = [layer for _ in range(int(values["layers"])) for layer in _hidden(values)]
        model = Network([keras.Input((self._split.inputs,)), *hidden, keras.layers.Dense(self._split.outputs)])
        model.figures = self.figures
        model.compile(
            optimizer=_optimizer(values),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=self._setting.jit_compile,
            steps_per_execution=self._steps(values) if self._setting.whole_epochs else 1,
        )
        return model

    def fit(
        self,
        model: keras.Model,
        drawn: Mapping[str, Value],
        callbacks: Sequence[Any] = (),
        *,
        epochs: int | None = None,
        initial_epoch: int = 0,
    ) -> Any:
        """Train it to the end, or from one epoch to another; gives what Keras gives."""
        values = self._definition.hyperparameters(drawn)
        train, validation = self._split.train, self._split.validation
        history = model.fit(
            train.inputs,
            train.targets,
            batch_size=int(values["batch_size"]),
            epochs=epochs or self._work.epochs,
            initial_epoch=initial_epoch,
            validation_data=(validation.inputs, validation.targets),
            callbacks=[*callbacks, *_decay(values), _StopWhenDiverged()],
            verbose=0,
        )
        self._count(values, history)
        return history

    def _steps(self, values: Mapping[str, Value]) -> int:
        return math.ceil(len(self._split.train) / int(values["batch_size"]))

    def _count(self, values: Mapping[str, Value], history: Any) -> None:
        figures, epochs = self.figures, len(history.epoch)
        seconds, value = time.perf_counter() - self._began, float(history.history[OBJECTIVE.metric][-1])
        figures.count(seconds)
        figures.epochs += epochs
        figures.flop += epochs * flop_per_epoch(values, self._work.rows)
        if epochs == self._work.epochs:
            figures.values.append(value)
        self._tell(seconds, value)


class Network(keras.Sequential):
    """Counts how often its steps are traced: TensorFlow runs their Python code only then."""

    figures: Figures

    def train_step(self, *data: Any) -> Any:
        self.figures.traces += 1
        return super().train_step(*data)

    def test_step(self, *data: Any) -> Any:
        self.figures.traces += 1
        return super().test_step(*data)


class _Decay(keras.callbacks.Callback):
    """In epoch e the learning rate is α / (1 + decay · e), from 0, also where a network is trained on later."""

    def __init__(self, learning_rate: float, decay: float) -> None:
        super().__init__()
        self._learning_rate = learning_rate
        self._decay = decay

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        del logs
        self.model.optimizer.learning_rate = self._learning_rate / (1 + self._decay * epoch)


class _StopWhenDiverged(keras.callbacks.Callback):
    """Ends a trial whose loss is not finite, as this program does. Asked once an epoch, which costs nothing."""

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        del epoch
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            self.model.stop_training = True


def _hidden(values: Mapping[str, Value]) -> list[Any]:
    return [
        keras.layers.Dense(int(values["units"]), use_bias=False),
        keras.layers.BatchNormalization(),
        keras.layers.Activation("relu"),
        *([keras.layers.Dropout(float(values["dropout"]))] if values["dropout"] else []),
    ]


def _decay(values: Mapping[str, Value]) -> list[Any]:
    """Nothing where the learning rate stays as it is."""
    decay = float(values["learning_rate_decay"])
    return [_Decay(float(values["learning_rate"]), decay)] if decay else []


def _optimizer(values: Mapping[str, Value]) -> Any:
    rate = float(values["learning_rate"])
    if values["optimizer"] == "sgd":
        return keras.optimizers.SGD(rate, momentum=float(values["momentum"]))
    return keras.optimizers.Adam(
        rate, beta_1=float(values["beta1"]), beta_2=float(values["beta2"]), epsilon=float(values["epsilon"])
    )
