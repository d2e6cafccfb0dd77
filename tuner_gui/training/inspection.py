"""A process of its own that runs a person's file without training it: to find its space, or to check it.

Imported by a process that must never load TensorFlow, so all that does is imported inside functions.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuner_gui.space.parameters import ChoiceParameter, Parameter, Value
from tuner_gui.study.definition import DataSettings
from tuner_gui.study.own_model import OBJECTIVE, OWN_SEARCH, CheckedCorner, FoundSpace
from tuner_gui.training import own_search
from tuner_gui.training.asked import Asked
from tuner_gui.training.exploring import Exploration, Read
from tuner_gui.training.hyperparameters import HyperParameters
from tuner_gui.training.memory import limit_memory, resident_bytes
from tuner_gui.training.own_file import OwnFile, OwnFileError, load, needs_keras
from tuner_gui.training.own_trial import OwnTrial
from tuner_gui.training.process import load_tensorflow, step_back
from tuner_gui.training.quiet import close_terminal, swallowed

if TYPE_CHECKING:
    from tuner_gui.training.data import Split

MOST_CORNERS = 16
TIMED_SECONDS = 1.0
MOST_TIMED_STEPS = 20


@dataclass(frozen=True)
class Request:
    """Which file to run. ``data`` is what to try its models on, where they are to be checked.

    An objective that suggests nothing new for ``quiet_seconds`` has said all; no new run begins after ``seconds``.
    ``search`` counts the searches that the file begins itself: which of them it is.
    """

    model: str
    sha256: str
    check: bool = False
    data: DataSettings | None = None
    seconds: float = 30.0
    quiet_seconds: float = 5.0
    search: int = 1


class _EnoughError(BaseException):
    """Ends an objective in a dry run. No Exception, so that a person's file does not catch it."""


def main(connection: Connection) -> None:
    """Answer one request: with the FoundSpace, then a CheckedCorner for each if asked; or with words on what is wrong.
    None comes last."""
    step_back()
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    close_terminal()
    limit_memory()
    request: Request = connection.recv()
    _answered.set()
    try:
        for answer in _answers(request):
            connection.send(answer)
    except OwnFileError as error:
        connection.send(str(error))
    except BaseException as error:  # noqa: BLE001 - whatever it is, the person is to read it
        connection.send(f"{request.model}: {type(error).__name__}: {error}")
    connection.send(None)


_answered = threading.Event()


def _end_with_parent(connection: Connection) -> None:
    import os

    _answered.wait()
    while not connection.closed:
        try:
            if connection.poll(1.0):
                connection.recv()
        except (EOFError, OSError):
            os._exit(0)


def _answers(request: Request) -> Iterator[FoundSpace | CheckedCorner]:
    path = Path(request.model)
    if needs_keras(path):
        load_tensorflow(1)
    with swallowed():
        file = load(path, request.sha256, search=request.search)
        found = find(file, seconds=request.seconds, quiet_seconds=request.quiet_seconds)
    yield found
    if request.check:
        yield from _checked(file, found, request)


# --- the space ---


def find(file: OwnFile, *, seconds: float, quiet_seconds: float) -> FoundSpace:
    """All that the file asks for. OwnFileError where it fails with its defaults."""
    deadline = time.monotonic() + seconds

    def goes_on() -> bool:
        return time.monotonic() < deadline

    def run(values: Mapping[str, Value]) -> Read:
        if file.entry == OBJECTIVE:
            return _suggested(file, values, quiet_seconds)
        if file.entry == OWN_SEARCH:
            return _asked_by_search(file, values, quiet_seconds)
        return _asked_by_build(file, values)

    found = Exploration(run, goes_on).all(file.entry, file.direction)
    if not found.parameters:
        raise OwnFileError(f"{file.path}: {file.entry} asks for no hyperparameter, so there is nothing to search")
    return _with_search(file, found)


def _with_search(file: OwnFile, found: FoundSpace) -> FoundSpace:
    """What the file's tuner tells beside the space."""
    if file.tuner is None:
        return found
    objective, direction = file.tuner.objective
    notes = [*found.notes, *file.notes]
    if file.tuner.executions_per_trial != 1:
        notes.append("executions_per_trial is left out: the best trials are repeated with other seeds (search.confirm)")
    if not direction:
        notes.append(
            f"whether more or less of {objective} is better is not known: less is; direction under [study] says else"
        )
    own_data, epochs = file.given is not None, own_search.epochs_of(file)
    return replace(found, notes=tuple(notes), objective=objective, epochs=epochs, own_data=own_data)


def _asked_by_search(file: OwnFile, values: Mapping[str, Value], quiet_seconds: float) -> Read:
    """What fails because there are no data yet is no fault of the file: then what was asked before has to do."""
    hp, recorder = HyperParameters(values), _Recorder(quiet_seconds)
    try:
        with recorder:
            own_search.run(file, hp, recorder, number=0, epochs=1)
    except _EnoughError:
        pass
    except BaseException as error:  # noqa: BLE001 - SystemExit among them
        if file.given is not None or not hp.read:
            raise file.error(error, {**values, **hp.values}) from None
    return hp.read


def _asked_by_build(file: OwnFile, values: Mapping[str, Value]) -> Read:
    hp = HyperParameters(values)
    try:
        model = file.call(hp)
    except BaseException as error:  # noqa: BLE001 - SystemExit among them
        raise file.error(error, {**values, **hp.values}) from None
    if model is None:
        raise file.refusal("build_model returned nothing (None): expected a Keras model", hp.values)
    return hp.read


def _suggested(file: OwnFile, values: Mapping[str, Value], quiet_seconds: float) -> Read:
    listener = _Recorder(quiet_seconds)
    trial = OwnTrial(0, values, listener)
    try:
        with listener:
            file.call(trial)
    except _EnoughError:
        pass
    except BaseException as error:  # noqa: BLE001 - SystemExit among them
        if type(error).__name__ != "TrialPruned":
            raise file.error(error, {**values, **trial.params}) from None
    return trial.read


class _Recorder:
    """Ends an objective at its first report, or when it has suggested nothing for a while: then it trains, and all
    that it wants to know it has asked. That is done from a thread beside it."""

    def __init__(self, quiet_seconds: float) -> None:
        self._quiet_seconds = quiet_seconds
        self._runner = threading.get_ident()
        self._stirred = threading.Event()
        self._over = threading.Event()

    def __enter__(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._stirred.set()

    def suggested(self, wanted: Asked) -> None:  # noqa: ARG002
        self._stirred.set()

    def reported(self, value: float, step: int) -> None:  # noqa: ARG002
        raise _EnoughError

    def batch_begins(self, model: Any, fraction: float, steps: int) -> None:  # noqa: ARG002
        raise _EnoughError

    def epoch_ended(self, model: Any, logs: Mapping[str, Any]) -> None:  # noqa: ARG002
        raise _EnoughError

    @property
    def should_prune(self) -> bool:
        raise _EnoughError

    def _watch(self) -> None:
        while self._stirred.wait(self._quiet_seconds):
            if self._over.is_set():
                return
            self._stirred.clear()
        if not self._over.is_set():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._runner), ctypes.py_object(_EnoughError))


# --- the check ---


def corners(found: FoundSpace) -> list[dict[str, Value]]:
    """The defaults, all ends of the ranges together, and each choice: the values with which to try a file."""
    defaults = {own.name: own.default for own in found.own}
    places: list[dict[str, Value]] = [defaults]
    places += [{p.name: _end(p, last=last) for p in found.parameters} for last in (False, True)]
    for parameter in found.parameters:
        if isinstance(parameter, ChoiceParameter):
            places += [{**defaults, parameter.name: choice} for choice in parameter.choices]
    unique = [place for number, place in enumerate(places) if place not in places[:number]]
    return unique[:MOST_CORNERS]


def _end(parameter: Parameter, *, last: bool) -> Value:
    if isinstance(parameter, ChoiceParameter):
        return parameter.choices[-1 if last else 0]
    return parameter.high if last else parameter.low


def _checked(file: OwnFile, found: FoundSpace, request: Request) -> Iterator[CheckedCorner]:
    split = None
    if file.entry != OBJECTIVE and request.data is not None:
        from tuner_gui.training.data import load as load_data

        split = load_data(request.data)
    from tuner_gui.training.own_build import forget

    for values in corners(found):
        forget()
        with swallowed():
            try:
                yield _tried(file, values, split, request.quiet_seconds)
            except OwnFileError as error:
                yield CheckedCorner(values, str(error))
            except Exception as error:  # noqa: BLE001 - what Keras says of the first batch
                yield CheckedCorner(values, str(file.error(error, values)))


def _tried(file: OwnFile, values: Mapping[str, Value], split: Split | None, quiet_seconds: float) -> CheckedCorner:
    if file.entry == OBJECTIVE:
        _suggested(file, values, quiet_seconds)
        return CheckedCorner(values, bytes=resident_bytes())
    if (split is None and file.given is not None) or (split is not None and file.entry == OWN_SEARCH):
        return _searched_a_little(file, values, split, quiet_seconds)
    if file.entry == OWN_SEARCH:
        _asked_by_search(file, values, quiet_seconds)
        return CheckedCorner(values, bytes=resident_bytes())
    if split is None:
        model = file.call(HyperParameters(values))
        count = getattr(model, "count_params", None)
        is_built = bool(getattr(model, "built", False))
        return CheckedCorner(values, parameters=count() if count and is_built else None, bytes=resident_bytes())
    return _trained_a_little(file, values, split)


def _trained_a_little(file: OwnFile, values: Mapping[str, Value], split: Split) -> CheckedCorner:
    """One mini-batch, which also traces, then some more to see how long an epoch will take."""
    import numpy as np

    from tuner_gui.training.own_build import batch_size, built

    hp, network = built(file, split, values, seed=0)
    size = min(batch_size(values, hp), len(split.train))
    rows = np.arange(size)
    network.train(rows)
    began, steps = time.monotonic(), 0
    while steps < MOST_TIMED_STEPS and time.monotonic() - began < TIMED_SECONDS:
        network.train(rows)
        steps += 1
    each = (time.monotonic() - began) / steps
    loss = network.evaluate("val_", split.validation)["val_loss"]
    epoch = each * -(-len(split.train) // size)
    return CheckedCorner(values, "", network.parameters, loss, epoch, resident_bytes())


def _searched_a_little(
    file: OwnFile, values: Mapping[str, Value], split: Split | None, quiet_seconds: float
) -> CheckedCorner:
    """Its own training, up to some mini-batches, or to its first epoch where it does not tell of those."""
    timer = _Timer(quiet_seconds)
    try:
        with timer:
            own_search.run(file, HyperParameters(values), timer, number=0, epochs=1, split=split)
    except _EnoughError:
        pass
    except BaseException as error:  # noqa: BLE001 - SystemExit among them
        raise file.error(error, values) from None
    return CheckedCorner(values, "", timer.parameters, timer.loss, timer.seconds, resident_bytes())


class _Timer(_Recorder):
    """Lets the first mini-batches pass, and takes their time."""

    def __init__(self, quiet_seconds: float) -> None:
        super().__init__(quiet_seconds)
        self.parameters: int | None = None
        self.loss: float | None = None
        self.seconds: float | None = None
        self._began: float | None = None
        self._batches = 0

    def batch_begins(self, model: Any, fraction: float, steps: int) -> None:  # noqa: ARG002
        """The first one traces."""
        self._stirred.set()
        self._count(model)
        self._batches += 1
        if self._batches <= 3:  # before the training, before the first and the second batch
            self._began = time.monotonic()
            return
        each = (time.monotonic() - (self._began or 0.0)) / (self._batches - 3)
        self.seconds = each * steps if steps else None
        if self._batches - 3 >= MOST_TIMED_STEPS or time.monotonic() - (self._began or 0.0) > TIMED_SECONDS:
            raise _EnoughError

    def epoch_ended(self, model: Any, logs: Mapping[str, Any]) -> None:
        self._count(model)
        self.loss = own_search.numbers_in(logs).get("val_loss")
        raise _EnoughError

    def _count(self, model: Any) -> None:
        if self.parameters is None and getattr(model, "built", False):
            self.parameters = int(model.count_params())
