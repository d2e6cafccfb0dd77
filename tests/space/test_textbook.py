from __future__ import annotations

import pytest

from tuner_gui.space.parameters import ChoiceParameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK, Advice, applies, pinned_values, recommended, tier, why


def test_the_order_of_importance_is_the_textbooks() -> None:
    assert [tier(name) for name in ("learning_rate", "momentum", "units", "batch_size")] == [1, 2, 2, 2]
    assert [tier(name) for name in ("layers", "learning_rate_decay")] == [3, 3]
    assert [tier(name) for name in ("beta1", "beta2", "epsilon")] == [4, 4, 4]


@pytest.mark.parametrize("name", ["dropout", "l2", "activation", "batch_norm", "optimizer", "of_ones_own"])
def test_what_the_textbook_does_not_rank_has_no_tier(name: str) -> None:
    assert tier(name) is None


def test_a_new_study_searches_tiers_1_to_3_of_what_its_optimizer_reads() -> None:
    common = ["learning_rate", "units", "batch_size", "layers", "learning_rate_decay"]
    assert sorted(p.name for p in recommended("sgd")) == sorted([*common, "momentum"])
    assert sorted(p.name for p in recommended("adam")) == sorted(common)
    assert recommended("sgd")[0].name == "learning_rate"


def test_adams_own_parameters_are_pinned_where_the_textbook_has_them() -> None:
    pinned = pinned_values()
    assert (pinned["beta1"], pinned["beta2"], pinned["epsilon"]) == (0.9, 0.999, 1e-8)


def test_first_ranges_and_scales_are_the_textbooks() -> None:
    rate, beta = TEXTBOOK["learning_rate"].parameter, TEXTBOOK["momentum"].parameter
    assert (rate.low, rate.high, rate.scale) == (1e-4, 1.0, Scale.LOG)  # type: ignore[union-attr]
    assert (beta.low, beta.high, beta.scale) == (0.9, 0.999, Scale.LOG1M)  # type: ignore[union-attr]


def test_only_hyperparameters_that_an_optimizer_reads_apply_to_it() -> None:
    assert applies("momentum", frozenset({"sgd"}))
    assert not applies("momentum", frozenset({"adam"}))
    assert applies("momentum", frozenset({"adam", "sgd"}))
    assert applies("learning_rate", frozenset({"adam"}))
    assert applies("of_ones_own", frozenset({"adam"}))


def test_a_network_of_images_has_filters_and_a_window_besides() -> None:
    names = {parameter.name for parameter in recommended("sgd", "cnn")}
    assert names - {parameter.name for parameter in recommended("sgd")} == {"filters"}
    assert pinned_values("cnn").keys() - pinned_values().keys() == {"filters", "kernel"}
    assert (tier("filters"), tier("kernel")) == (2, None)
    assert not applies("kernel", frozenset({"sgd"}), "mlp")
    assert applies("kernel", frozenset({"sgd"}), "cnn")
    assert not applies("momentum", frozenset({"adam"}), "cnn")
    assert applies("filters", frozenset(), "own")


def test_the_words_are_those_of_the_network() -> None:
    assert "dense layer" in why("units", "cnn")
    assert why("units") == TEXTBOOK["units"].why
    assert why("dropout", "cnn") == why("dropout")
    assert why("of_ones_own") == ""


@pytest.mark.parametrize("advice", TEXTBOOK.values(), ids=TEXTBOOK.keys())
def test_every_pinned_value_is_one_that_the_hyperparameter_can_have(advice: Advice) -> None:
    if isinstance(advice.parameter, ChoiceParameter):
        assert advice.pinned in advice.parameter.choices
    else:
        # 0 switches dropout, l2 and decay off; the search ranges on log begin above it.
        assert advice.pinned == 0 or advice.parameter.low <= advice.pinned <= advice.parameter.high
    assert advice.why.endswith(".")
