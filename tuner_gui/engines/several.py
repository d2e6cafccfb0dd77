"""The engine on this machine as a person meets it: one process for the perceptrons, which trains many trials at once,
and several for CNNs and models of a person's own, each of which trains one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from tuner_gui.engines.interface import Engine, Waitable
from tuner_gui.engines.local import HANG_SECONDS, LocalEngine
from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import Definition
from tuner_gui.study.events import (
    Event,
    TrainerFailed,
    TrainerLoad,
    TrainerReady,
    TrainerStarting,
    TrialEnded,
    TrialState,
)
from tuner_gui.training.memory import available_bytes

MEMORY_EACH = 1_000_000_000
"""Bytes that are counted for each process: TensorFlow takes nearly half of that before it trains anything."""


class _Make(Protocol):
    def __call__(self, *, threads: int | None, hang_seconds: float, device: str) -> Engine: ...


def _local(*, threads: int | None, hang_seconds: float, device: str) -> Engine:
    return LocalEngine(threads=threads, hang_seconds=hang_seconds, device=device)


class LocalProcesses:
    """See :class:`.interface.Engine`. ``places`` gives the device of each process that may train one model, empty for
    processors."""

    def __init__(self, *, make: _Make = _local, places: Callable[[], list[str]] | None = None) -> None:
        self._make = make
        self._places = places or places_for_own_models
        self._engines: list[Engine] = []
        self._kind: tuple[bool, float] | None = None
        self._where: dict[int, Engine] = {}
        self._loads: dict[int, TrainerLoad] = {}
        self._begun = self._described = False
        self._paused = False
        self._pending: list[Event] = []

    @property
    def room(self) -> int:
        return sum(engine.room for engine in self._engines)

    def start(self, definition: Definition) -> None:
        kind = (definition.model.trains_alone, definition.model.patience)
        if kind != self._kind:
            self._begin_anew(kind)
        for engine in self._engines:
            engine.start(definition)

    def submit(self, *, trial: int, values: Mapping[str, Value], seed: int) -> None:
        if not self._engines:
            raise RuntimeError("the engine has not been started")
        engine = max(self._engines, key=_room)
        self._where[trial] = engine
        engine.submit(trial=trial, values=values, seed=seed)

    def cancel(self, trial: int, *, pruned: bool = False) -> None:
        if trial in self._where:
            self._where[trial].cancel(trial, pruned=pruned)

    def pause(self) -> None:
        self._paused = True
        for engine in self._engines:
            engine.pause()

    def resume(self) -> None:
        self._paused = False
        for engine in self._engines:
            engine.resume()

    def find_final_figure(self, *, trial: int, values: Mapping[str, Value], npz: bytes) -> None:
        if self._engines:
            max(self._engines, key=_room).find_final_figure(trial=trial, values=values, npz=npz)

    def waitables(self) -> list[Waitable]:
        return [waitable for engine in self._engines for waitable in engine.waitables()]

    def next_deadline(self) -> float | None:
        deadlines = [engine.next_deadline() for engine in self._engines]
        due = [deadline for deadline in deadlines if deadline is not None]
        return min(due) if due else None

    def events(self) -> list[Event]:
        found, self._pending = self._pending, []
        for number, engine in enumerate(self._engines):
            for event in engine.events():
                # All of them say the same where none may run the file.
                if not isinstance(event, TrainerFailed) or event not in found:
                    found += self._as_one(number, event)
        return found

    def close(self) -> None:
        for engine in self._engines:
            engine.close()
        self._where.clear()
        self._loads.clear()

    # --- several as one ---

    def _begin_anew(self, kind: tuple[bool, float]) -> None:
        for engine in self._engines:
            self._pending += engine.events()
        reason = "the model of the study changed"
        self._pending += [TrialEnded(trial, TrialState.CANCELLED, 0.0, reason=reason) for trial in self._where]
        self.close()
        alone, patience = kind
        self._kind, self._begun, self._described = kind, False, False
        places = self._places() if alone else [""]
        seconds = patience if alone else HANG_SECONDS
        threads = 1 if alone else None
        self._engines = [self._make(threads=threads, hang_seconds=seconds, device=device) for device in places]
        if self._paused:
            self.pause()

    def _as_one(self, number: int, event: Event) -> list[Event]:
        """What one of them says, as if there were a single process."""
        match event:
            case TrialEnded():
                self._where.pop(event.trial, None)
            case TrainerLoad() if len(self._engines) > 1:
                self._loads[number] = event
                return [self._load()]
            case TrainerStarting() if self._begun:
                return []
            case TrainerStarting():
                self._begun = True
            case TrainerReady() if self._described:
                return []
            case TrainerReady():
                self._described = True
            case TrainerFailed():
                self._loads.pop(number, None)
        return [event]

    def _load(self) -> TrainerLoad:
        loads = self._loads.values()
        return TrainerLoad(
            room=sum(load.room for load in loads),
            taken=sum(load.taken for load in loads),
            programs=sum(load.programs for load in loads),
            lanes=sum(load.lanes for load in loads),
        )


def _room(engine: Engine) -> int:
    return engine.room


def places_for_own_models() -> list[str]:
    """One process for each GPU; without any, one for each processor as long as the memory holds them."""
    if devices := _gpus():
        return devices
    processors, available = os.cpu_count() or 1, available_bytes()
    count = processors if available is None else max(1, min(processors, available // MEMORY_EACH))
    return [""] * count


def _gpus() -> list[str]:
    """As CUDA names them: those that are visible, or all that the driver shows. Nothing is loaded to find out."""
    shown = sorted(path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia[0-9]*"))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None or not shown:
        return shown
    return [name.strip() for name in visible.split(",") if name.strip() and name.strip() != "-1"]
