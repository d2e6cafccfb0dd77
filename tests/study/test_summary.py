"""The object that ``show --json`` prints: its keys are a contract with programs of others."""

from __future__ import annotations

import json
import math
from pathlib import Path

from study_files import METRICS, add_trials, epochs, make_study, start, value_of, whole_trial

from tuner_gui.space.region import Interval
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import EpochEnded, FinalFigure, TrialEnded, TrialState
from tuner_gui.study.file import create, open_study
from tuner_gui.study.history import History
from tuner_gui.study.stages import first_plan, refined
from tuner_gui.study.summary import failure_reasons, summary


def test_a_study_without_trials_has_all_keys() -> None:
    plan = first_plan(new_definition("digits", seed=5))
    assert summary(plan, History()) == {
        "format": 1,
        "study": {"name": "digits", "objective": "val_accuracy", "direction": "maximize", "seed": 5},
        "stages": [
            {
                "number": 1,
                "parent": None,
                "origin": "start",
                "region": {
                    "learning_rate": [1e-4, 1.0],
                    "momentum": [0.9, 0.999],
                    "units": [16, 128],
                    "batch_size": [32, 64, 128],
                    "layers": [1, 2, 3],
                    "learning_rate_decay": [1e-3, 1.0],
                },
                "trials": 0,
            }
        ],
        "trials": [],
        "best": None,
        "standing": None,
    }


def test_a_trial_has_its_values_and_curves_and_the_best_is_one_of_them(tmp_path: Path) -> None:
    path = make_study(tmp_path / "digits.tuner", 4)
    with open_study(path, read_only=True) as file:
        found = summary(file.log.plan, file.history)
        trial = file.history.trial(3)
    assert found["stages"][0]["trials"] == 4
    best = max(range(1, 5), key=value_of)
    assert found["best"] == found["trials"][best - 1]
    assert found["standing"] == {"trial": best, "runs": 1, "mean": value_of(best), "spread": None, "like": None}
    entry = found["trials"][2]
    assert set(entry) == {"number", "stage", "state", "parameters", "value", "epochs", "seconds", "metrics"}
    assert entry["parameters"] == trial.values
    assert (entry["number"], entry["stage"], entry["state"], entry["value"]) == (3, 1, "finished", value_of(3))
    assert (entry["epochs"], entry["seconds"]) == (3, 1.5)
    assert {name: len(curve) for name, curve in entry["metrics"].items()} == dict.fromkeys(METRICS, 3)


def test_what_is_not_finite_is_null_in_plain_json(tmp_path: Path) -> None:
    with create(tmp_path / "digits.tuner", new_definition("digits")) as file:
        bad = [EpochEnded(1, 1, {"loss": math.inf}), EpochEnded(1, 2, {"loss": math.nan})]
        end = TrialEnded(1, TrialState.DIVERGED, 0.5, None, "the loss was not finite in epoch 1")
        file.record([start(1, file.log.plan.stage), *bad, end])
        add_trials(file, range(2, 3))
        file.record([FinalFigure(2, {"accuracy": 0.75, "loss": math.nan}, "2026-01-01")])
    with open_study(file.path) as file:
        text = json.dumps(summary(file.log.plan, file.history), allow_nan=False)
    diverged, finished = json.loads(text)["trials"]
    assert diverged["metrics"]["loss"] == [None, None]
    assert (diverged["value"], diverged["reason"]) == (None, "the loss was not finite in epoch 1")
    assert finished["final"] == {"accuracy": 0.75}


def test_stages_count_their_own_trials_undone_ones_too(tmp_path: Path) -> None:
    with create(tmp_path / "digits.tuner", new_definition("digits")) as file:
        add_trials(file, range(1, 3))
        plan = file.log.plan
        narrow = refined(plan, plan.region.replace("units", Interval(32, 64)).replace("layers", (1, 3)))
        file.save_log(file.log.done("Narrow", narrow))
        add_trials(file, range(3, 6))
        file.save_log(file.log.undone())
    with open_study(file.path) as file:
        stages = summary(file.log.plan, file.history)["stages"]
    assert [(s["number"], s["parent"], s["origin"], s["trials"]) for s in stages] == [
        (1, None, "start", 2),
        (2, 1, "narrow", 3),
    ]
    assert stages[1]["region"]["units"] == [32, 64]
    assert stages[1]["region"]["layers"] == [1, 3]


def test_a_running_trial_is_in_the_summary_and_never_the_best() -> None:
    history = History()
    stage = first_plan(new_definition("digits")).stage
    for event in [*whole_trial(1, stage), start(2, stage), *epochs(2, 2)]:
        history.apply(event)
    found = summary(first_plan(new_definition("digits")), history)
    assert (found["trials"][1]["state"], found["trials"][1]["seconds"], found["trials"][1]["epochs"]) == (
        "running",
        None,
        2,
    )
    assert found["best"]["number"] == 1


def test_failures_are_counted_by_their_reason() -> None:
    history = History()
    stage = first_plan(new_definition("digits")).stage
    endings = [("killed by signal 9", TrialState.FAILED), ("no memory", TrialState.FAILED)] + [
        ("the loss was not finite", TrialState.DIVERGED)
    ] * 2
    for number, (reason, state) in enumerate(endings, start=1):
        for event in (start(number, stage), TrialEnded(number, state, 1.0, None, reason)):
            history.apply(event)
    assert failure_reasons(history) == [("the loss was not finite", 2), ("killed by signal 9", 1), ("no memory", 1)]
