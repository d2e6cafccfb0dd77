"""Trains many trials at once on one split of the data: takes jobs, puts them into programs, and works on those.

A job joins a program of its shape that has a place, or a new one. Several threads may work at the same time, each on a
program of its own, a chunk at a time, and TensorFlow uses one thread inside of an operation: on small matrices two
programs side by side are nearly twice as fast, two threads in one product are not.

The program with the oldest trial comes first. Where every program has another shape, taking turns would have all trials
end at about the same time, and whoever draws the next ones would know nothing until then; first results come five times
as early this way. Meanwhile those that wait find lanes beside them. None that has begun waits for long: each epoch that
it draws out would be one in which a person sees nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tuner_gui.space.parameters import Value
from tuner_gui.study.definition import METRICS
from tuner_gui.study.errors import one_of
from tuner_gui.study.events import Event, TrainerLoad, TrialEnded, TrialState
from tuner_gui.training.arithmetic import Arithmetic
from tuner_gui.training.data import Split
from tuner_gui.training.graph import Graph
from tuner_gui.training.lane import Clock, Lane
from tuner_gui.training.lane_state import LaneState, weights_from_npz
from tuner_gui.training.messages import Job
from tuner_gui.training.planner import Planner, alone_if_large
from tuner_gui.training.program import Evaluation, Program, in_words
from tuner_gui.training.settings import Shape, Structure, trial_settings, with_rates

Report = Callable[[Sequence[Event]], None]


MOST_AT_ONCE = 8
"""How many trials are asked for at a time. Those that turn out to find no place wait here, out of a person's reach."""

MOST_IN_TRAINING = 64
"""However small the networks are: more would hardly be faster, and the first results of a new region would be late."""

LONGEST_WAIT = 3.0
"""After so many seconds a program that has begun gets a chunk, however old the others are."""

LOAD_SECONDS = 1.0
"""How often the waste is told of while nothing else about the load changes."""


class Trainer:
    """Holds the data, the graphs and the programs of a training process.

    ``report`` gets what happens: signs of life and epochs of each trial, then its weights if it finished, then exactly
    one TrialEnded; it may be called from any thread. ``threads`` is how many are going to call :meth:`serve`. Where
    ``fused`` is off, each program has a single lane.
    """

    def __init__(
        self, split: Split, *, report: Report, dtype: str = "float32", threads: int = 1, fused: bool = True
    ) -> None:
        self._split = split
        self._report = report
        self._dtype = dtype
        self._threads = threads
        self._planner = Planner(split, fused=fused)
        self._arithmetic = Arithmetic(split.inputs, split.outputs, len(split.train))
        self._clock = Clock()
        self._graphs: dict[Structure, Graph] = {}
        # All below is guarded by the condition. A program that a thread works on is not among the ready ones.
        self._condition = threading.Condition()
        self._programs: list[Program] = []
        self._ready: list[Program] = []
        self._queue: deque[Lane] = deque()
        self._taken = 0
        self._paused = self._closed = False
        self._told = (TrainerLoad(0, -1), 0.0)

    @property
    def traces(self) -> int:
        """How often TensorFlow has traced a function for training or evaluation so far."""
        return sum(graph.traces for graph in self._graphs.values())

    # --- what it is told ---

    def submit(self, job: Job, state: LaneState | None = None) -> None:
        """Train a trial, from ``state`` on if it is given. One that cannot be trained ends as failed."""
        with self._condition:
            self._taken += 1
            try:
                settings = trial_settings(job.hyperparameters, job.seed, job.searched)
                settings = alone_if_large(settings, self._split.inputs, self._split.outputs)
                self._check_objective(job.objective)
            except ValueError as error:
                self._report([TrialEnded(job.trial, TrialState.FAILED, 0.0, reason=in_words(error))])
            else:
                self._queue.append(Lane(job, settings, self._clock, state))
            self._admit()
        self.tell_load()

    def give_up(self, trial: int, end: TrialState) -> None:
        """End a trial as cancelled or pruned, at once or after the chunk that is running. Unknown ones are ignored."""
        with self._condition:
            lane = self._lane(trial)
            if lane is None:
                return
            lane.given_up = end
            program = self._program_of(lane)
            if program is None or program in self._ready:
                self._report([lane.finish(end)])
                self._queue = deque(lane for lane in self._queue if lane.end is None)
                self._admit()
        self.tell_load()

    def change(self, trial: int, rates: Mapping[str, float]) -> None:
        """Train a trial on with other rates from the next chunk on; ValueError says why that cannot be."""
        with self._condition:
            lane = self._lane(trial)
            if lane is None:
                raise ValueError(f"trial {trial} is not in training")
            lane.settings = with_rates(lane.settings, rates)

    def pause(self) -> None:
        """Hold all training after the chunks that are running; the time does not count."""
        with self._condition:
            self._paused = True
            self._clock.pause()

    def resume(self) -> None:
        with self._condition:
            self._paused = False
            self._clock.resume()
            self._condition.notify_all()

    def close(self) -> None:
        """Let the threads that serve come back."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def final_figure(self, hyperparameters: Mapping[str, Value], npz: bytes) -> dict[str, float]:
        """The metrics of kept weights on the test part, which nothing else looks at. ValueError for other weights."""
        settings = trial_settings(hyperparameters, seed=0)
        sizes = {"inputs": self._split.inputs, "outputs": self._split.outputs}
        state = LaneState(weights_from_npz(npz, settings, **sizes), {})
        with self._condition:
            graph = self._graph(settings.structure)
        stack = graph.stacks.new(settings.shape.units)
        graph.stacks.rearrange(stack, [], [(settings, state)], units=settings.shape.units)
        evaluation = Evaluation(graph, self._split, self._split.test())
        sums = evaluation.at_once(stack, [settings])
        penalty = float(graph.penalties(stack, [settings])[0])
        return evaluation.metrics("test_", sums[:, 0], penalty)

    # --- work ---

    def serve(self) -> None:
        """Work on programs until closed. For a thread of its own; several may."""
        while (program := self._next(wait=True)) is not None:
            self._work_on(program)

    def run_until_idle(self) -> None:
        """Work in this thread until no program is left, or training is paused."""
        while (program := self._next(wait=False)) is not None:
            self._work_on(program)

    def _next(self, *, wait: bool) -> Program | None:
        with self._condition:
            while wait and not self._closed and (self._paused or not self._ready):
                self._condition.wait()
            if not self._ready or self._closed or self._paused:
                return None
            program = min(self._ready, key=self._turn)
            self._ready.remove(program)
            return program

    def _turn(self, program: Program) -> tuple[bool, float]:
        """What is least goes first: what has waited for too long, then by the age of the trials."""
        waited = time.monotonic() - program.worked_at if program.worked_at else 0.0
        if waited > LONGEST_WAIT:
            return False, -waited
        return True, min((lane.job.trial for lane in program.members), default=0)

    def _work_on(self, program: Program) -> None:
        try:
            program.work()
        except Exception as error:  # noqa: BLE001  (whatever it is, other programs can still be trained)
            self._break_up(program, error)
        with self._condition:
            for lane in program.members:
                # Given up after the chunk had looked, and before the program is ready again: while paused, nobody
                # would look once more.
                if lane.given_up is not None and lane.end is None:
                    self._report([lane.finish(lane.given_up)])
            program.members = [lane for lane in program.members if lane.end is None]
            if program.members:
                self._ready.append(program)
            else:
                self._programs.remove(program)
                program.close()
            self._admit()
        self.tell_load()

    def _break_up(self, program: Program, error: Exception) -> None:
        """A program broke: a trial that was alone in it has failed; of several, each is trained again by itself."""
        with self._condition:
            alive = [lane for lane in program.members if lane.end is None]
            program.members = []
            for lane in alive:
                if len(alive) == 1:
                    self._report([lane.finish(TrialState.FAILED, reason=in_words(error))])
                else:
                    lane.begin_again()
                    self._queue.append(lane)

    # --- who goes where ---

    def _admit(self) -> None:
        """Give a place to whoever waits and finds one."""
        self._queue = deque(lane for lane in self._queue if not self._place(lane))
        self._condition.notify_all()

    def _place(self, lane: Lane) -> bool:
        shape = lane.shape
        same = [program for program in self._programs if program.shape == shape]
        free = [program for program in same if program.has_place_for(lane)]
        # A thread without a program is worth more than a fuller one.
        if free and len(self._programs) >= self._threads:
            program = min(free, key=lambda program: len(program.members))
        elif len(same) < self._threads:
            program = self._open(shape, alone=lane.is_alone)
        else:
            return False
        program.members.append(lane)
        program.waiting.append(lane)
        return True

    def _open(self, shape: Shape, *, alone: bool) -> Program:
        graph = self._graph(shape.structure)
        planner = None if alone else self._planner
        program = Program(graph, shape, self._split, self._report, arithmetic=self._arithmetic, planner=planner)
        self._programs.append(program)
        self._ready.append(program)
        return program

    def _graph(self, structure: Structure) -> Graph:
        if structure not in self._graphs:
            self._graphs[structure] = Graph(structure, self._split, self._dtype)
        return self._graphs[structure]

    def _lane(self, trial: int) -> Lane | None:
        lanes = [*self._queue, *(lane for program in self._programs for lane in program.members)]
        return next((lane for lane in lanes if lane.job.trial == trial and lane.end is None), None)

    def _program_of(self, lane: Lane) -> Program | None:
        return next((program for program in self._programs if lane in program.members), None)

    def _check_objective(self, metric: str) -> None:
        metrics = METRICS[self._split.task]
        if metric not in metrics:
            raise ValueError(f"objective {metric!r}: expected {one_of(metrics, metric)}")

    # --- how busy it is ---

    def tell_load(self) -> None:
        """Say how many trials are wanted and what is going on, if that has changed."""
        with self._condition:
            now, (last, told_at) = time.monotonic(), self._told
            load = self._load()
            same = replace(load, waste=last.waste) == last
            if same and (load.waste == last.waste or now - told_at < LOAD_SECONDS):
                return
            self._told = (load, now)
            self._report([load])

    def _load(self) -> TrainerLoad:
        return TrainerLoad(
            room=self._room(),
            taken=self._taken,
            programs=len(self._programs),
            lanes=sum(len(program.members) for program in self._programs),
            traces=self.traces,
            waste=round(self._arithmetic.waste, 3),
        )

    def _room(self) -> int:
        """How many more trials are wanted now.

        Where K lanes are best, each thread is to have up to 2 K − 1 trials: enough for programs of several shapes to
        find K each; and a single one where lanes bring nothing. Trials that are about to end do not count, so that
        the next ones are here when their lanes are free.
        """
        lanes = [lane for program in self._programs for lane in program.members]
        staying = [lane for lane in (*lanes, *self._queue) if not lane.is_ending]
        if len(self._queue) > max(1, sum(lane.is_ending for lane in lanes)):
            return 0
        shares = [1 / (2 * (self._planner.lanes(lane.shape) or 1) - 1) for lane in staying]
        each = sum(shares) / len(shares) if shares else 1.0
        room = min(int((self._threads - sum(shares)) / each + 1e-6), MOST_IN_TRAINING - len(lanes) - len(self._queue))
        return max(0, min(MOST_AT_ONCE, room))
