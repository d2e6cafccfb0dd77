from __future__ import annotations

from collections.abc import Mapping

import pytest

from tuner_gui.gui.models.trials_filter import FilterError, Reader, parse_filter
from tuner_gui.space.parameters import Value
from tuner_gui.study.events import TrialState
from tuner_gui.study.history import Trial


def reader(name: str) -> Reader:
    def read(trial: Trial) -> Value | None:
        return trial.value if name == "value" else trial.values.get(name)

    return read


VALUE = reader("value")
COLUMNS: Mapping[str, Reader] = {
    **{name: reader(name) for name in ("learning_rate", "learning_rate_decay", "momentum", "activation", "batch_norm")},
    "value": VALUE,
    "val_accuracy": VALUE,
}


def trial(number: int, state: TrialState, value: float | None, reason: str | None = None, **values: Value) -> Trial:
    return Trial(number, 1, state, values, 0, "", value=value, reason=reason)


TRIALS = [
    trial(1, TrialState.FINISHED, 0.9, learning_rate=0.1, activation="relu", batch_norm=True),
    trial(2, TrialState.FINISHED, 0.5, learning_rate=1e-3, activation="tanh", batch_norm=False),
    trial(3, TrialState.FAILED, None, "the process ran out of memory", learning_rate=0.01, activation="relu"),
    trial(4, TrialState.DIVERGED, None, "the loss was not finite", learning_rate=1.0),
]
NOTES = {2: "Ask Ana about this one"}


def shown(text: str) -> list[int]:
    chosen = parse_filter(text, columns=COLUMNS, note_of=lambda number: NOTES.get(number, ""))
    return [t.number for t in TRIALS if chosen.accepts(t)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("   ", [1, 2, 3, 4]),
        ("state:failed", [3]),
        ("state:failed,diverged", [3, 4]),
        ("state: failed", [3]),
        ("Diverged", [4]),
        ("learning_rate>0.01", [1, 4]),
        ("learning_rate >= 0.01", [1, 3, 4]),
        ("lr<=1e-3", [2]),
        ("val>0.6", [1]),
        ("val_acc!=0.9", [2]),
        ("momentum>0", []),
        ("activation=relu", [1, 3]),
        ("activation!=relu", [2]),
        ("batch_norm=false", [2]),
        ("memory", [3]),
        ("MEMORY", [3]),
        ('"out of memory"', [3]),
        ('"out of memory', [3]),
        ('"loss > 1"', []),
        ("ana", [2]),
        ("finished lr>0.01", [1]),
        ("finished lr>0.01 ana", []),
    ],
)
def test_a_filter_shows_what_it_says(text: str, numbers: list[int]) -> None:
    assert shown(text) == numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("state:", "wants a state"),
        ("state:broken", "no state is called “broken”"),
        ("lr>", "wants a value after >"),
        ("lr>big", "“big” is no number"),
        ("lr>nan", "“nan” is no number"),
        (">3", "wants a column"),
        ("depth>3", "no column is called “depth”"),
        ("learning>3", "could be learning_rate or learning_rate_decay"),
    ],
)
def test_what_means_nothing_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        shown(text)
