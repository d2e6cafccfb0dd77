"""One Keras model of a person's own, trained on one split of the data, a mini-batch at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuner_gui.study.definition import METRICS, Task
from tuner_gui.training.data import Part, Split
from tuner_gui.training.lane_state import weights_to_npz
from tuner_gui.training.own_shapes import input_shape, loss_name

EVALUATED_ROWS = 512
DEFAULT_RATE = 0.001

Array = NDArray[Any]


class ModelError(Exception):
    """A model that cannot be trained on these data; the message says why in words."""


class OwnNetwork:
    """``model`` as the file returned it. Compiled, it is trained by its own loss and optimizer, and by its own
    ``train_step`` where it has one; otherwise by Adam at ``rate`` and the loss that follows from the task.

    ModelError, or whatever Keras raises, where a first mini-batch shows that it does not fit the data.
    """

    def __init__(self, model: object, split: Split, *, rate: float = DEFAULT_RATE) -> None:
        if not isinstance(model, keras.Model):
            raise ModelError(f"it returned {_kind(model)}: expected a Keras model")
        self.model: Any = model
        self._split = split
        self._inputs = {id(part): _shaped(model, part.inputs) for part in (split.train, split.validation)}
        self._outputs = self._try_out(self._inputs[id(split.train)][:2])
        if not getattr(model, "compiled", False):
            model.compile(optimizer=keras.optimizers.Adam(rate), loss=self._usual_loss())
        self._targets = {id(part): self._wanted(part) for part in (split.train, split.validation)}
        self._has_own_step = type(model).train_step is not keras.Model.train_step
        self._step = self._train_on_batch if self._has_own_step else self._made_step()
        self._sums = np.zeros(2)

    @property
    def parameters(self) -> int:
        return int(self.model.count_params())

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of a row as the model says it takes it; None where it takes what it gets."""
        try:
            shape = self.model.input_shape
        except (AttributeError, ValueError):
            return None
        if not isinstance(shape, tuple) or any(not isinstance(size, int) for size in shape[1:]):
            return None
        return shape[1:]

    @property
    def gives_logits(self) -> bool:
        """Whether the outputs for classes still have to go through a softmax or sigmoid: as the loss says, else where
        the model does not end in one."""
        loss = self.model.loss
        if hasattr(loss, "from_logits"):
            return bool(loss.from_logits)
        if "crossentropy" in loss_name(self.model):
            return False  # by its name or as a function, Keras takes probabilities
        return not _ends_in(self.model, "softmax", "sigmoid")

    def train(self, rows: Array) -> None:
        """One step on these rows of the training part."""
        part = self._split.train
        loss, outputs = self._step(self._inputs[id(part)][rows], self._targets[id(part)][rows])
        score = self._score(np.asarray(outputs), part.targets[rows]).sum()
        self._sums += float(loss) * len(rows), float(score)

    def end_epoch(self) -> dict[str, float]:
        """The metrics after an epoch: of training as running averages over its steps, of validation as it is now."""
        loss, score = self._sums / len(self._split.train)
        self._sums = np.zeros(2)
        name = "accuracy" if self._split.task is Task.CLASSIFICATION else "mae"
        found = {"loss": float(loss), name: float(score), **self.evaluate("val_", self._split.validation)}
        return {metric: found[metric] for metric in METRICS[self._split.task]}

    def evaluate(self, prefix: str, part: Part) -> dict[str, float]:
        """The metrics of a whole part under names with a prefix: loss and accuracy, or loss, mae and r2."""
        inputs = self._inputs[id(part)] if id(part) in self._inputs else _shaped(self.model, part.inputs)
        targets = self._targets[id(part)] if id(part) in self._targets else self._wanted(part)
        loss, outputs = 0.0, []
        for first in range(0, len(part), EVALUATED_ROWS):
            rows = slice(first, first + EVALUATED_ROWS)
            found, predicted = self._test(inputs[rows], targets[rows])
            loss += found * len(predicted)
            outputs.append(predicted)
        predicted = np.concatenate(outputs)
        score = float(self._score(predicted, part.targets).mean())
        if self._split.task is Task.CLASSIFICATION:
            return {f"{prefix}loss": loss / len(part), f"{prefix}accuracy": score}
        return {f"{prefix}loss": loss / len(part), f"{prefix}mae": score, f"{prefix}r2": _fit(predicted, part.targets)}

    def weights(self) -> bytes:
        """All weights in the order of Keras, as ``npz`` without objects under the names 0, 1, 2, …"""
        return weights_to_npz({str(number): array for number, array in enumerate(self.model.get_weights())})

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """What :meth:`weights` gave; ValueError for those of another model."""
        self.model.set_weights([weights[str(number)] for number in range(len(weights))])

    # --- the model and the data ---

    def _try_out(self, inputs: Array) -> int:
        """Build the model on two rows; returns how wide its outputs are, after a look at whether that can be meant."""
        outputs = self.model(inputs, training=False)
        if isinstance(outputs, (list, tuple, dict)):
            raise ModelError("the model has several outputs: expected one")
        shape, split = tuple(outputs.shape), self._split
        wanted = [split.outputs, 1] if split.task is Task.CLASSIFICATION and split.outputs == 2 else [split.outputs]
        if len(shape) == 1:
            shape = (*shape, 1)
        # Class numbers are among the first columns, whatever else there is; Keras takes that, too.
        has_more = len(shape) == 2 and shape[1] > split.outputs and "sparse" in loss_name(self.model)
        if len(shape) != 2 or (shape[1] not in wanted and not has_more):
            what = "classes" if split.task is Task.CLASSIFICATION else "target" if split.outputs == 1 else "targets"
            given = ", ".join(str(size) for size in shape[1:])
            raise ModelError(
                f"the model's output has the shape (rows, {given}): expected (rows, {split.outputs}), "
                f"because the data have {split.outputs} {what}"
            )
        return int(shape[1])

    def _usual_loss(self) -> Any:
        if self._split.task is Task.REGRESSION:
            return keras.losses.MeanSquaredError()
        logits = not _ends_in(self.model, "softmax", "sigmoid")
        if self._outputs == 1:
            return keras.losses.BinaryCrossentropy(from_logits=logits)
        return keras.losses.SparseCategoricalCrossentropy(from_logits=logits)

    def _wanted(self, part: Part) -> Array:
        """The targets as the model's loss takes them: class numbers, one column per class, or numbers."""
        if self._split.task is Task.REGRESSION:
            return part.targets
        if self._outputs == 1:
            return part.targets.astype(np.float32)[:, None]
        if "sparse" in loss_name(self.model) or self.model.loss is None:
            return part.targets
        return np.eye(self._outputs, dtype=np.float32)[part.targets]

    def _score(self, outputs: Array, targets: Array) -> Array:
        """For each row 1 where the class is right, or the absolute error in original units."""
        if self._split.task is Task.REGRESSION:
            return (np.abs(outputs.reshape(targets.shape) - targets) * self._split.target_scale).mean(axis=-1)
        if self._outputs > 1:
            return outputs.argmax(axis=-1) == targets
        threshold = 0.5 if _ends_in(self.model, "sigmoid") else 0.0
        return (outputs.reshape(len(targets)) > threshold) == (targets > 0)

    # --- steps ---

    def _made_step(self) -> Any:
        model = self.model
        inputs, targets = self._inputs[id(self._split.train)], self._targets[id(self._split.train)]
        # What is made on the first use must be there before the function is traced.
        model.compute_loss(x=inputs[:2], y=targets[:2], y_pred=model(inputs[:2], training=False))
        model.optimizer.build(model.trainable_variables)

        def step(x: Any, y: Any) -> tuple[Any, Any]:
            with tf.GradientTape() as tape:
                outputs = model(x, training=True)
                loss = model.compute_loss(x=x, y=y, y_pred=outputs)
                scaled = model.optimizer.scale_loss(loss)
            weights = model.trainable_variables
            model.optimizer.apply_gradients(zip(tape.gradient(scaled, weights), weights, strict=True))
            return loss, outputs

        if getattr(model, "run_eagerly", False):
            return step
        signature = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in (inputs, targets)]
        return tf.function(step, input_signature=signature)

    def _train_on_batch(self, x: Array, y: Array) -> tuple[float, Any]:
        logs = self.model.train_on_batch(x, y, return_dict=True)
        if "loss" not in logs:
            raise ModelError("its own train_step does not return a loss")
        return float(logs["loss"]), self.model(x, training=False)

    def _test(self, x: Array, y: Array) -> tuple[float, Array]:
        outputs = self.model.predict_on_batch(x)
        if self._has_own_step and self.model.loss is None:
            logs = self.model.test_on_batch(x, y, return_dict=True)
            return float(logs["loss"]), np.asarray(outputs)
        return float(self.model.compute_loss(x=x, y=y, y_pred=tf.convert_to_tensor(outputs))), np.asarray(outputs)


def _kind(value: object) -> str:
    name = type(value).__name__
    return "nothing (None)" if value is None else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _shaped(model: Any, inputs: Array) -> Array:
    """The inputs in the shape that the model says it takes, where they have as many numbers as that."""
    shape = input_shape(model)
    if shape is None or None in shape or shape == inputs.shape[1:]:
        return inputs
    if math.prod(size or 0 for size in shape) != math.prod(inputs.shape[1:]):
        takes = " × ".join(str(size) for size in shape)
        given = " × ".join(str(size) for size in inputs.shape[1:])
        raise ModelError(f"the model takes {takes} numbers for each row, the data have {given}")
    return inputs.reshape(-1, *shape)


def _ends_in(model: Any, *names: str) -> bool:
    layers = getattr(model, "layers", None)
    last = layers[-1] if layers else None
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    return activation in names or type(last).__name__.lower() in names


def _fit(outputs: Array, targets: Array) -> float:
    spread = float(targets.astype("float64").var(axis=0).mean())
    error = float(np.square(outputs.reshape(targets.shape).astype("float64") - targets).mean())
    return 1 - error / spread if spread > 0 else float("nan")
