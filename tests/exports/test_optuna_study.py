"""A study for Optuna is one that Optuna itself, and its dashboard, take for its own."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import optuna
import pytest

from tuner_gui.exports.errors import ExportError, ExportUsageError
from tuner_gui.exports.optuna_study import distributions_of, write_optuna
from tuner_gui.study.file import StudyFile
from tuner_gui.study.stages import Plan


def storage_at(path: Path) -> Any:
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    return RDBStorage(f"sqlite:///{path}") if path.suffix == ".db" else JournalStorage(JournalFileBackend(str(path)))


def loaded(path: Path, plan: Plan) -> Any:
    return optuna.load_study(study_name=plan.definition.name, storage=storage_at(path))


@pytest.mark.parametrize("ending", [".db", ".jsonl"])
def test_optuna_reads_every_trial_that_is_over(study: StudyFile, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    assert write_optuna(path, study.log.plan, study.history) == 6
    read = loaded(path, study.log.plan)
    assert [trial.state.name for trial in read.trials] == ["COMPLETE"] * 2 + ["PRUNED"] + ["FAIL"] * 3
    assert read.direction.name == "MAXIMIZE"
    best = study.history.best(study.log.plan.definition.objective)
    assert best is not None
    assert (read.best_trial.number, read.best_value) == (best.number - 1, best.value)
    assert read.best_params == best.values
    pruned = read.trials[2]
    assert pruned.intermediate_values == {1: 0.51, 2: 0.52}
    assert pruned.duration.total_seconds() == 2.5
    assert pruned.user_attrs["fixed"] == {"dropout": 0.25, "optimizer": "sgd", "batch_norm": True}
    assert [trial.user_attrs["state"] for trial in read.trials[3:]] == ["diverged", "failed", "cancelled"]


def test_distributions_are_the_ranges(study: StudyFile) -> None:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found = distributions_of(study.log.plan, study.history.trials)
    assert found["learning_rate"] == FloatDistribution(1e-4, 1.0, log=True)
    assert found["momentum"] == FloatDistribution(0.9, 0.999)
    assert found["units"] == IntDistribution(16, 128, log=True)
    assert found["batch_size"] == CategoricalDistribution((32, 64, 128))


def test_a_range_is_wide_enough_for_what_was_drawn_before_it_changed(study: StudyFile) -> None:
    from dataclasses import replace

    early = replace(study.history.trials[0], values={"learning_rate": 5.0, "batch_size": 256, "layers": 1})
    found = distributions_of(study.log.plan, [early])
    assert (found["learning_rate"].low, found["learning_rate"].high) == (1e-4, 5.0)
    assert found["batch_size"].choices == (32, 64, 128, 256)


def test_what_is_there_already_is_left_as_it_is(study: StudyFile, tmp_path: Path) -> None:
    path = tmp_path / "out.db"
    path.write_text("mine")
    with pytest.raises(ExportError, match="there is a file already"):
        write_optuna(path, study.log.plan, study.history)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_another_ending_is_refused_in_words(study: StudyFile, tmp_path: Path) -> None:
    with pytest.raises(ExportUsageError, match=r"\.db or \.sqlite3"):
        write_optuna(tmp_path / "out.txt", study.log.plan, study.history)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", [".db", ".jsonl"])
def test_the_dashboard_serves_the_study_and_its_trials(study: StudyFile, tmp_path: Path, ending: str) -> None:
    import json

    from optuna_dashboard import wsgi

    path = tmp_path / f"out{ending}"
    write_optuna(path, study.log.plan, study.history)
    server = make_server("127.0.0.1", 0, wsgi(storage_at(path)), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        page = urllib.request.urlopen(f"{address}/dashboard/").read().decode()  # noqa: S310
        studies = json.load(urllib.request.urlopen(f"{address}/api/studies"))["study_summaries"]  # noqa: S310
        (shown,) = studies
        detail = json.load(urllib.request.urlopen(f"{address}/api/studies/{shown['study_id']}?after=0"))  # noqa: S310
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert "Optuna Dashboard" in page
    assert shown["study_name"] == study.log.plan.definition.name
    states = [trial["state"] for trial in detail["trials"]]
    assert states == ["Complete"] * 2 + ["Pruned"] + ["Fail"] * 3
    assert {entry["name"] for entry in detail["union_search_space"]} >= {"learning_rate", "momentum", "units"}
