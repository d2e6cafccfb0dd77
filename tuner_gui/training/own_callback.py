"""The Keras callback by which the training that a file does itself is followed, pruned and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from tuner_gui.training.tuners import Tuner, TunerTrial


def reporter(tuner: Tuner, trial: TunerTrial) -> Any:
    return _Reporter(tuner, trial)


class _Reporter(keras.callbacks.Callback):
    """Calls the hooks of the tuner as KerasTuner does; what they do not report themselves is reported here.

    It hears of the beginning of a batch, not of its end, for which Keras would have to fetch all metrics.
    """

    def __init__(self, tuner: Tuner, trial: TunerTrial) -> None:
        super().__init__()
        self._tuner = tuner
        self._trial = trial
        self._epoch = 0

    @property
    def model(self) -> Any:
        """A loop of a person's own may set it, as Keras once allowed."""
        return self._model

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
        self._tell(0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch
        self._tuner.on_epoch_begin(self._trial, self._model, epoch, logs=logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._tuner.on_batch_begin(self._trial, self._model, batch, logs)
        self._tell(batch)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        self._tell(self._steps)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        before = self._trial.reports
        self._tuner.on_epoch_end(self._trial, self._model, epoch, logs=logs)
        if self._trial.reports == before:
            self._trial.report(self._model, logs or {})

    @property
    def _steps(self) -> int:
        return int((self.params or {}).get("steps") or 0)

    def _tell(self, batch: int) -> None:
        epochs = int((self.params or {}).get("epochs") or 1)
        done = self._epoch + (batch / self._steps if self._steps else 0.0)
        self._trial.hears.batch_begins(self._model, min(1.0, done / epochs), self._steps)
