from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tuner_gui.data import builtin
from tuner_gui.data.splitting import split_rows
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings, Task
from tuner_gui.training.data import DataError, load


def rows_of(settings: DataSettings) -> tuple[Any, Any, Any]:
    _, targets = builtin.LOADERS[settings.source]()
    return split_rows(targets, settings)


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ("digits", "1,077 / 360 / 360 rows, 64 inputs, 10 classes"),
        ("breast_cancer", "341 / 114 / 114 rows, 30 inputs, 2 classes"),
        ("wine", "106 / 36 / 36 rows, 13 inputs, 3 classes"),
        ("two_spirals", "720 / 240 / 240 rows, 2 inputs, 2 classes"),
        ("diabetes", "264 / 89 / 89 rows, 10 inputs, 1 target"),
    ],
)
def test_every_built_in_source_loads_and_says_what_it_is(source: str, description: str) -> None:
    split = load(DataSettings(source))
    assert split.description == description
    assert split.task is BUILT_IN_DATA[source]
    for part in (split.train, split.validation, split.test()):
        assert part.inputs.dtype == np.float32
        assert part.targets.dtype == (np.int32 if split.task is Task.CLASSIFICATION else np.float32)
        assert np.isfinite(part.inputs).all()
        assert len(part.inputs) == len(part.targets)


@pytest.mark.parametrize("source", sorted(BUILT_IN_DATA))
def test_the_parts_share_no_row_and_leave_none_out(source: str) -> None:
    parts = rows_of(DataSettings(source, validation=0.15, test=0.25, seed=3))
    together = np.concatenate(parts)
    assert sorted(together) == list(range(len(together)))


def test_each_part_has_every_class_in_its_share() -> None:
    split = load(DataSettings("digits"))
    shares = [
        np.bincount(part.targets, minlength=10) / len(part) for part in (split.train, split.validation, split.test())
    ]
    assert np.abs(shares[1] - shares[0]).max() < 0.005
    assert np.abs(shares[2] - shares[0]).max() < 0.005


def test_the_seed_alone_decides_which_rows_go_where() -> None:
    first, again, other = (rows_of(DataSettings("wine", seed=seed)) for seed in (4, 4, 5))
    for left, right in zip(first, again, strict=True):
        np.testing.assert_array_equal(left, right)
    assert set(first[0]) != set(other[0])


def test_more_validation_rows_do_not_come_from_the_test_part() -> None:
    few = rows_of(DataSettings("digits", validation=0.1, seed=2))
    many = rows_of(DataSettings("digits", validation=0.4, seed=2))
    np.testing.assert_array_equal(few[2], many[2])


@pytest.mark.parametrize("source", ["digits", "diabetes"])
def test_scaling_knows_nothing_but_the_training_part(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = DataSettings(source)
    before = load(settings)
    inputs, targets = builtin.LOADERS[source]()
    _, validation, test = rows_of(settings)
    held_back = np.concatenate([validation, test])
    inputs[held_back] *= 1_000.0
    if settings.kind_of_task is Task.REGRESSION:
        targets[held_back] *= 1_000.0
    monkeypatch.setitem(builtin.LOADERS, source, lambda: (inputs, targets))  # type: ignore[index]
    after = load(settings)
    np.testing.assert_array_equal(before.train.inputs, after.train.inputs)
    np.testing.assert_array_equal(before.train.targets, after.train.targets)
    np.testing.assert_array_equal(before.target_scale, after.target_scale)
    assert np.abs(after.validation.inputs).max() > 100 * np.abs(before.validation.inputs).max()


def test_inputs_and_regression_targets_are_standardised() -> None:
    split = load(DataSettings("diabetes"))
    np.testing.assert_allclose(split.train.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(split.train.inputs.std(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(split.train.targets.std(axis=0), 1, rtol=1e-5)
    _, targets = builtin.LOADERS["diabetes"]()
    np.testing.assert_allclose(split.target_scale, targets[rows_of(DataSettings("diabetes"))[0]].std(axis=0))


def test_the_spirals_cannot_be_told_apart_by_a_line_but_by_their_neighbours() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    split = load(DataSettings("two_spirals"))

    def accuracy(model: Any) -> float:
        model.fit(split.train.inputs, split.train.targets)
        return float(model.score(split.validation.inputs, split.validation.targets))

    assert accuracy(LogisticRegression()) < 0.7
    assert accuracy(KNeighborsClassifier()) > 0.9
    assert np.bincount(split.train.targets).tolist() == [360, 360]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (DataSettings("digit"), r"data 'digit': expected one of .*did you mean digits"),
        (DataSettings("wine", validation=0.0), r"validation = 0.0: expected a share between 0 and 1"),
        (DataSettings("wine", test=1.5), r"test = 1.5: expected a share between 0 and 1"),
        (DataSettings("wine", validation=0.5, test=0.5), r"no rows are left to train on"),
        (DataSettings("digits", test=0.001), r"digits cannot be split: .*number of classes"),
    ],
)
def test_a_split_that_cannot_be_made_is_refused_in_words(settings: DataSettings, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load(settings)
