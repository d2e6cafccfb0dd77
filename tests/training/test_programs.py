"""Many trials in training at once: who joins whom, who leaves, and that nobody feels the others."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training_lab import Lab, a_job, curves_of, end_of, small_split, weights_kept

from tuner_gui.study.events import EpochEnded, TrainerLoad, TrialEnded, TrialState, WeightsKept
from tuner_gui.training.messages import Job

# Everything that a lane may have of its own, in one shape: 9 to 16 units, mini-batches of 15 and 16.
SEARCHED = frozenset({"optimizer", "batch_norm", "dropout", "l2", "units", "learning_rate"})


def mixed(trial: int, **values: Any) -> Job:
    random = np.random.default_rng(trial)
    own: dict[str, Any] = {
        "units": int(random.integers(9, 17)),
        "batch_size": int(random.integers(15, 17)),
        "learning_rate": float(10 ** random.uniform(-3, -1)),
        "optimizer": str(random.choice(["sgd", "rmsprop", "adam"])),
        "batch_norm": bool(random.integers(2)),
        "dropout": float(random.choice([0.0, 0.3])),
        "l2": float(random.choice([0.0, 0.01])),
    }
    return replace(a_job(trial, seed=trial, epochs=6, **{**own, **values}), searched=SEARCHED)


def lanes_of(lab: Lab, number: int) -> None:
    """Let programs have so many lanes, whatever a measurement would say."""
    planner = lab.trainer._planner
    planner.lanes = lambda _shape: number  # type: ignore[method-assign]


def work(lab: Lab, chunks: int) -> None:
    for _ in range(chunks):
        program = lab.trainer._next(wait=False)
        assert program is not None
        lab.trainer._work_on(program)


def same(left: list[Any], right: list[Any]) -> bool:
    return curves_of(left) == curves_of(right) and weights_kept(left) == weights_kept(right)


def test_a_trial_is_the_same_to_the_last_bit_alone_and_among_any_others() -> None:
    watched = [mixed(1), mixed(2), mixed(3, optimizer="adam", batch_norm=True, dropout=0.3, l2=0.01)]
    alone = Lab(fused=False).train_in_turn(*watched)
    # Among quiet neighbours.
    lab = Lab()
    lanes_of(lab, 32)
    quiet = lab.train(*watched, *(mixed(number) for number in range(10, 20)))
    # With one that diverges, one that is pruned, one that is cancelled, and places that are taken again at once.
    lab = Lab()
    lanes_of(lab, 6)
    wild = mixed(30, learning_rate=1e30, optimizer="sgd", batch_norm=False)
    lab.submit(wild, watched[0], mixed(31), watched[1], mixed(32), watched[2], mixed(33), mixed(34), mixed(35))
    work(lab, 4)
    lab.trainer.give_up(31, TrialState.PRUNED)
    lab.trainer.give_up(32, TrialState.CANCELLED)
    lab.trainer.run_until_idle()
    states = [end_of(lab.of(number)).state for number in (30, 31, 32, 33, 34, 35)]
    assert states == ["diverged", "pruned", "cancelled", "finished", "finished", "finished"]
    for number, job in enumerate(watched):
        assert same(quiet[number], alone[number]), job
        assert same(lab.of(job.trial), alone[number]), job


def test_places_that_become_free_are_taken_without_tracing_and_survivors_move_together() -> None:
    lab = Lab()
    lanes_of(lab, 4)
    lab.submit(*(mixed(number) for number in range(1, 5)))
    work(lab, 3)
    (program,) = lab.trainer._programs
    assert [lane.job.trial for lane in program.lanes] == [1, 2, 3, 4]
    lab.submit(mixed(5))
    assert [lane.job.trial for lane in lab.trainer._queue] == [5]  # all places are taken
    lab.trainer.give_up(2, TrialState.CANCELLED)
    lab.trainer.give_up(3, TrialState.CANCELLED)
    traces = lab.trainer.traces
    work(lab, 4)
    assert [lane.job.trial for lane in program.lanes] == [1, 4, 5]
    assert program._stack.variables["output.kernel"].shape[0] is None
    assert program._stack.variables["output.kernel"].numpy().shape[0] == 3
    lab.trainer.run_until_idle()
    assert lab.trainer.traces == traces
    assert [end_of(lab.of(number)).state.value for number in (1, 4, 5)] == ["finished"] * 3
    assert lab.trainer._programs == []


def test_trials_of_other_shapes_get_programs_of_their_own_and_share_the_traced_functions() -> None:
    lab = Lab(fresh=True)
    lanes_of(lab, 8)
    lab.submit(*(mixed(number, units=units) for number, units in enumerate([10, 40, 12, 37, 90], start=1)))
    assert sorted(len(program.members) for program in lab.trainer._programs) == [1, 2, 2]
    lab.trainer.run_until_idle()
    assert lab.trainer.traces == 2
    assert lab.loads()[-1].programs == 0


def test_the_waste_of_padding_is_counted_and_small() -> None:
    lab = Lab()
    lanes_of(lab, 8)
    lab.train(*(mixed(number, units=16, batch_size=16) for number in range(1, 4)))
    # 103 rows are six full batches and one of seven rows: 9 rows in 112 are padding.
    assert lab.trainer._arithmetic.waste == pytest.approx(9 / 112, abs=0.02)
    lab = Lab()
    random = np.random.default_rng(0)
    widths = [int(np.exp(random.uniform(np.log(16), np.log(128)))) for _ in range(60)]
    lab.train(*(mixed(number, units=units, batch_size=32) for number, units in enumerate(widths, start=1)))
    assert 0.05 < lab.trainer._arithmetic.waste < 0.3


def test_a_pruned_trial_keeps_the_value_it_had_reached_and_a_cancelled_one_has_none() -> None:
    lab = Lab()
    lab.submit(mixed(1), mixed(2))
    while not all(any(isinstance(event, EpochEnded) for event in lab.of(number)) for number in (1, 2)):
        work(lab, 1)
    lab.trainer.give_up(1, TrialState.PRUNED)
    lab.trainer.give_up(2, TrialState.CANCELLED)
    lab.trainer.give_up(77, TrialState.CANCELLED)
    lab.trainer.run_until_idle()
    assert end_of(lab.of(1)).value == curves_of(lab.of(1))[-1]["val_loss"]
    assert end_of(lab.of(2)).value is None
    assert not any(isinstance(event, WeightsKept) for event in lab.of(1))


def test_what_is_given_up_while_training_is_paused_ends_at_once() -> None:
    lab = Lab()
    lanes_of(lab, 1)
    lab.submit(mixed(1), mixed(2))
    work(lab, 2)
    lab.trainer.pause()
    assert lab.trainer._next(wait=False) is None
    lab.trainer.give_up(1, TrialState.CANCELLED)
    lab.trainer.give_up(2, TrialState.CANCELLED)
    assert [end_of(lab.of(number)).state.value for number in (1, 2)] == ["cancelled"] * 2
    lab.trainer.resume()
    lab.trainer.run_until_idle()
    assert lab.loads()[-1].lanes == 0


def test_a_pause_is_not_counted_in_the_seconds_of_a_trial() -> None:
    lab = Lab()
    began = time.monotonic()
    lab.submit(mixed(1))
    work(lab, 3)
    lab.trainer.pause()
    until = time.monotonic() + 0.4
    while time.monotonic() < until:
        pass
    lab.trainer.resume()
    lab.trainer.run_until_idle()
    taken = time.monotonic() - began
    assert 0 < end_of(lab.of(1)).seconds < taken - 0.4


def test_a_changed_rate_takes_effect_at_the_next_chunk_and_only_in_its_lane() -> None:
    plain = Lab().train(mixed(1, optimizer="sgd"), mixed(2))
    lab = Lab()
    lab.submit(mixed(1, optimizer="sgd"), mixed(2))
    while not curves_of(lab.of(1)):
        work(lab, 1)
    known = len(curves_of(lab.of(1)))
    lab.trainer.change(1, {"learning_rate": 1e-9})
    lab.trainer.run_until_idle()
    assert curves_of(lab.of(1))[:known] == curves_of(plain[0])[:known]
    assert curves_of(lab.of(1))[-1] != curves_of(plain[0])[-1]
    assert same(lab.of(2), plain[1])


@pytest.mark.parametrize(
    ("trial", "rates", "words"),
    [
        (9, {"learning_rate": 0.1}, "trial 9 is not in training"),
        (1, {"learning_rate": -1.0}, "learning_rate = -1"),
        (1, {"units": 30.0}, "units"),
        (1, {"dropout": 0.5}, "dropout: this trial was begun without it"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_words(trial: int, rates: dict[str, float], words: str) -> None:
    lab = Lab()
    lab.submit(a_job(1))
    with pytest.raises(ValueError, match=words):
        lab.trainer.change(trial, rates)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam"])
def test_a_trial_that_goes_on_from_a_stored_state_ends_as_if_it_had_never_stopped(optimizer: str) -> None:
    from tuner_gui.training.lane_state import state_from_npz, state_to_npz

    job = mixed(3, optimizer=optimizer, dropout=0.3, batch_norm=True)
    through = Lab().train(job, mixed(4))[0]
    lab = Lab()
    lab.submit(mixed(5), job)
    while len(curves_of(lab.of(3))) < 2:
        work(lab, 1)
    program = next(p for p in lab.trainer._programs if any(lane.job.trial == 3 for lane in p.lanes))
    lane = next(lane for lane in program.lanes if lane.job.trial == 3)
    reached = lane.epoch
    assert reached < job.epochs
    npz = state_to_npz(program.lift(lane))
    other = Lab()
    state = state_from_npz(npz, lane.settings, inputs=5, outputs=3)
    other.submit(mixed(6))
    other.trainer.submit(job, state)
    other.trainer.run_until_idle()
    assert curves_of(other.of(3)) == curves_of(through)[reached:]
    assert weights_kept(other.of(3)) == weights_kept(through)


def test_of_a_program_that_breaks_each_trial_is_trained_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the memory is enough for one lane and not for four. Nobody hears of an epoch twice."""
    from tuner_gui.training.graph import Graph

    expected = Lab(fused=False).train_in_turn(*(mixed(number) for number in range(1, 5)))
    lab = Lab()
    lanes_of(lab, 8)
    lab.submit(*(mixed(number) for number in range(1, 5)))
    while not curves_of(lab.of(1)):
        work(lab, 1)
    train = Graph.train

    def breaks(graph: Graph, stack: Any, schedule: Any, *arguments: Any, **options: Any) -> Any:
        if schedule.shape[2] > 1:
            raise MemoryError("not enough for so many lanes")
        return train(graph, stack, schedule, *arguments, **options)

    monkeypatch.setattr(Graph, "train", breaks)
    lab.trainer.run_until_idle()
    for number in range(1, 5):
        assert same(lab.of(number), expected[number - 1])


def test_a_trial_that_breaks_its_program_alone_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tuner_gui.training.graph import Graph

    def breaks(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no such kernel\nand more")

    lab = Lab()
    with monkeypatch.context() as patch:
        patch.setattr(Graph, "train", breaks)
        end = end_of(lab.train(a_job(1))[0])
    assert (end.state, end.reason) == (TrialState.FAILED, "RuntimeError: no such kernel")
    assert end_of(lab.train(a_job(2))[0]).state is TrialState.FINISHED


def test_as_many_trials_are_asked_for_as_find_a_place_and_a_few_more_when_some_are_about_to_end() -> None:
    lab = Lab(threads=2)
    lanes_of(lab, 2)
    lab.trainer.tell_load()
    asked = [lab.loads()[-1].room]
    while lab.loads()[-1].room:
        lab.submit(replace(mixed(len(asked), units=16, batch_size=16), epochs=40))
        asked.append(lab.loads()[-1].room)
    # Nothing is known before the first trial. All have the same shape: once two programs of two lanes are full,
    # one may wait, and when a second one waits, no more are asked for.
    assert asked == [2, 5, 4, 3, 2, 1, 0]
    load = lab.loads()[-1]
    assert load == TrainerLoad(room=0, taken=6, programs=2, lanes=4, traces=load.traces)
    assert len(lab.trainer._queue) == 2
    lab.trainer.run_until_idle()
    ended = [index for index, event in enumerate(lab.events) if isinstance(event, TrialEnded)]
    asked = [i for i, event in enumerate(lab.events) if isinstance(event, TrainerLoad) and event.room]
    assert any(7 < index < ended[0] for index in asked), "the next ones are to be here before the first ones end"


def test_where_lanes_bring_nothing_each_thread_gets_a_single_trial() -> None:
    lab = Lab(threads=2)
    lanes_of(lab, 1)
    lab.trainer.tell_load()
    assert lab.loads()[-1].room == 2
    lab.submit(mixed(1), mixed(2, units=90))
    assert lab.loads()[-1].room == 0


@pytest.mark.slow
def test_two_threads_train_the_same_trials_as_one() -> None:
    jobs = [mixed(number, units=units) for number, units in enumerate([10, 40, 12, 37, 90, 16, 64, 11], start=1)]
    expected = Lab().train(*jobs)
    lab = Lab(threads=2)
    threads = [threading.Thread(target=lab.trainer.serve) for _ in range(2)]
    for thread in threads:
        thread.start()
    lab.submit(*jobs)
    until = time.monotonic() + 60
    while sum(isinstance(event, TrialEnded) for event in list(lab.events)) < len(jobs):
        assert time.monotonic() < until
        threads[0].join(0.02)
    lab.trainer.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    for number, job in enumerate(jobs):
        assert same(lab.of(job.trial), expected[number])


@pytest.mark.slow
def test_a_regression_trains_in_lanes_too() -> None:
    from tuner_gui.study.definition import Task

    split = small_split(Task.REGRESSION)
    jobs = [replace(mixed(number), objective="val_r2") for number in range(1, 4)]
    together, alone = Lab(split).train(*jobs), Lab(split, fused=False).train_in_turn(*jobs)
    assert all(same(left, right) for left, right in zip(together, alone, strict=True))


def digits_trial(number: int) -> Job:
    """One of a search over widths, depths, mini-batches, optimizers and rates, as a person would set it up."""
    random = np.random.default_rng((7, number))
    values = {
        "learning_rate": float(10 ** random.uniform(-4, 0)),
        "momentum": float(1 - 10 ** random.uniform(-3, -1)),
        "units": int(np.exp(random.uniform(np.log(16), np.log(129)))),
        "layers": int(random.integers(1, 4)),
        "batch_size": int(random.choice([32, 64, 128])),
        "optimizer": str(random.choice(["sgd", "adam"])),
    }
    return Job(number, number, values, 8, "val_loss", frozenset(values))


@pytest.mark.slow
def test_a_whole_search_gives_the_same_trials_fused_and_one_by_one() -> None:
    from tuner_gui.study.definition import DataSettings
    from tuner_gui.training.data import load

    split = load(DataSettings("digits"))
    jobs = [digits_trial(number) for number in range(1, 65)]
    fused, alone = Lab(split).train(*jobs), Lab(split, fused=False).train_in_turn(*jobs)
    ends = [(end_of(left), end_of(right)) for left, right in zip(fused, alone, strict=True)]
    assert [left.state for left, _ in ends] == [right.state for _, right in ends]
    values = np.array([(left.value, right.value) for left, right in ends if left.value is not None])
    assert len(values) > 50
    ranks = values.argsort(axis=0).argsort(axis=0)
    assert np.corrcoef(ranks.T)[0, 1] >= 0.99
    assert np.median(np.abs(values[:, 0] / values[:, 1] - 1)) <= 0.005
    # More than was asked for: not a bit differs.
    np.testing.assert_array_equal(values[:, 0], values[:, 1])


def test_the_oldest_trial_comes_first_so_that_first_results_come_early() -> None:
    lab = Lab()
    lanes_of(lab, 8)
    lab.submit(*(mixed(number, units=units, batch_size=16) for number, units in ((1, 10), (2, 30), (3, 60))))
    lab.trainer.run_until_idle()
    order = [event.trial for event in lab.events if isinstance(event, EpochEnded)]
    assert order == [1] * 6 + [2] * 6 + [3] * 6


def test_none_that_has_begun_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab()
    lanes_of(lab, 8)
    lab.submit(mixed(2, units=30, batch_size=16))
    work(lab, 2)  # traced, and begun
    lab.submit(mixed(1, units=10, batch_size=16))
    monkeypatch.setattr("tuner_gui.training.trainer.LONGEST_WAIT", 0.0)
    lab.trainer.run_until_idle()
    order = [event.trial for event in lab.events if isinstance(event, EpochEnded)]
    last_of_older = max(place for place, trial in enumerate(order) if trial == 1)
    assert order[:last_of_older].count(2) > 1, "the younger one got chunks between those of the older one"
