from __future__ import annotations

from tuner_gui.training.pace import CHUNK_SECONDS, Pace


def seconds_of_chunks(seconds_per_step: list[float]) -> list[float]:
    pace = Pace()
    lengths = []
    for seconds in seconds_per_step:
        lengths.append(pace.steps * seconds)
        pace.note(pace.steps, pace.steps * seconds)
    return lengths


def test_chunks_grow_until_they_are_worth_their_overhead() -> None:
    lengths = seconds_of_chunks([0.0004] * 8)
    assert lengths[0] == 0.0004
    assert CHUNK_SECONDS / 2 < lengths[-1] <= CHUNK_SECONDS


def test_chunks_shrink_as_soon_as_steps_get_slower() -> None:
    lengths = seconds_of_chunks([0.0004] * 8 + [0.004, 0.004])
    assert lengths[-1] <= CHUNK_SECONDS


def test_a_step_longer_than_a_chunk_is_a_chunk_of_its_own() -> None:
    assert seconds_of_chunks([3.0] * 4) == [3.0] * 4


def test_a_step_too_short_to_measure_is_no_division_by_zero() -> None:
    pace = Pace()
    pace.note(1, 0.0)
    assert pace.steps > 1
