"""How many lanes a program should have, found by a short measurement; and how many trials to ask for.

Small networks hardly fill a processor: eight of them side by side take little longer than one. Large ones fill it
alone, and side by side they only push each other's weights out of its caches. Where the one ends and the other begins
depends on the machine, so it is measured.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import tensorflow as tf

from tuner_gui.space.parameters import Value
from tuner_gui.training.arithmetic import multiplications
from tuner_gui.training.data import Split
from tuner_gui.training.graph import PREPARING, Graph
from tuner_gui.training.lane_state import start_state
from tuner_gui.training.schedule import Array, schedule_of
from tuner_gui.training.settings import Shape, TrialSettings, trial_settings
from tuner_gui.training.stack import Stack

CANDIDATES = (1, 2, 4, 8, 16, 32)
"""Numbers of lanes that are tried, in this order."""

WORTH = 0.93
"""More lanes must bring the seconds of a lane's step at least down to this share: they also make one wait longer."""

LARGE = 400_000
"""A network with more weights than this fills a core, and its cache, by itself: it is not even tried with others."""

MOST_NUMBERS = 20_000_000
"""In the largest tensors of all lanes that are tried: beyond it a measurement could fill the memory."""

_HOPELESS = 1.3
_STEPS, _ROUNDS = 2, 4

Seconds = Callable[[int], float]


class Planner:
    """Remembers what was measured. Trials of similar size share a figure: it is measured once for a factor of four.

    ``lanes`` may be asked from any thread; ``measure`` takes the time that it takes.
    """

    def __init__(self, split: Split, *, fused: bool = True) -> None:
        self._split = split
        self._sizes = split.inputs, split.outputs
        self._fused = fused
        self._lanes: dict[int, int] = {}

    def lanes(self, shape: Shape) -> int | None:
        """The best number of lanes; None where it has not been measured yet."""
        if not self._fused or shape.structure.large:
            return 1
        return self._lanes.get(self._kind(shape))

    def measure(self, shape: Shape, graph: Graph) -> int:
        """Find the best number of lanes; takes some tens of milliseconds, once the graph is traced."""
        with PREPARING:
            known = self.lanes(shape)
            if known is not None:
                return known
            size = max(_weights(shape, *self._sizes), shape.batch_rows * max(shape.units, self._split.inputs))
            found = best_lanes(self._rehearsal(shape, graph), affordable(size))
            self._lanes[self._kind(shape)] = found
            return found

    def _kind(self, shape: Shape) -> int:
        return round(math.log(_weights(shape, *self._sizes) * shape.batch_rows, 4))

    def _rehearsal(self, shape: Shape, graph: Graph) -> Seconds:
        """What a step of so many lanes takes, in seconds, found with made-up trials."""
        trial = _made_up(shape)
        state = start_state(trial, self._split.inputs, self._split.outputs)
        schedule = schedule_of([trial], [0], len(self._split.train), graph.dtype)[:1].repeat(_STEPS, axis=0)
        stacks: dict[int, Stack] = {}

        def seconds(lanes: int) -> float:
            if lanes not in stacks:
                stacks[lanes] = graph.stacks.new(shape.units)
                graph.stacks.rearrange(stacks[lanes], [], [(trial, state)], units=shape.units)
                graph.stacks.rearrange(stacks[lanes], [0] * lanes, [], units=shape.units)
                self._run(graph, stacks[lanes], schedule, shape, lanes)  # not counted: it prepares the kernels
            return self._run(graph, stacks[lanes], schedule, shape, lanes)

        return seconds

    @staticmethod
    def _run(graph: Graph, stack: Stack, schedule: Array, shape: Shape, lanes: int) -> float:
        numbers = tf.constant(schedule.repeat(lanes, axis=2))
        order = tf.zeros([_STEPS, lanes, shape.batch_rows], tf.int32)
        done = tf.zeros([lanes], tf.int32)
        began = time.perf_counter()
        graph.train(stack, numbers, order, done, first=0, stop=_STEPS, sums=graph.no_sums(lanes))
        return (time.perf_counter() - began) / _STEPS


def alone_if_large(trial: TrialSettings, inputs: int, outputs: int) -> TrialSettings:
    """The trial with the structure that its size asks for. Only the trial decides, so that it is the same always."""
    if _weights(trial.shape, inputs, outputs) <= LARGE:
        return trial
    return replace(trial, structure=replace(trial.structure, optimizers=(trial.optimizer,), large=True))


def _weights(shape: Shape, inputs: int, outputs: int) -> int:
    return multiplications(inputs, shape.units, shape.structure.layers, outputs)


def _made_up(shape: Shape) -> TrialSettings:
    structure = shape.structure
    made_up: dict[str, Value] = {
        "layers": structure.layers, "activation": structure.activation, "units": shape.units,
        "batch_size": shape.batch_rows, "batch_norm": structure.batch_norm, "optimizer": structure.optimizers[-1],
        "dropout": 0.1 if structure.dropout else 0.0, "l2": 1e-6 if structure.l2 else 0.0,
    }  # fmt: skip
    return trial_settings(made_up, 0)


def affordable(size: int) -> tuple[int, ...]:
    """The numbers of lanes worth trying where one lane has so many weights or activations: one always is."""
    return tuple(lanes for lanes in CANDIDATES if lanes == 1 or lanes * size <= MOST_NUMBERS)


def best_lanes(seconds: Seconds, candidates: Sequence[int] = CANDIDATES) -> int:
    """The fewest lanes with about the least time for each of them; ``seconds`` tells the time of a step.

    Other threads and programs disturb a measurement, but only ever make it longer: so each number of lanes is tried
    several times, in turn, and its shortest time counts. Numbers of lanes that are clearly too large are not tried on.
    """
    each = dict.fromkeys(candidates, math.inf)
    for _ in range(_ROUNDS):
        for lanes in candidates:
            each[lanes] = min(each[lanes], seconds(lanes) / lanes)
            if each[lanes] > _HOPELESS * min(each.values()):
                break
    least = min(each.values())
    return next(lanes for lanes in candidates if each[lanes] * WORTH <= least)
