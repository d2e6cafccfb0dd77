from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest


def settings(**values: Any) -> Any:
    from tuner_gui.training.settings import trial_settings

    return trial_settings({"units": 6, "layers": 2, **values}, seed=1)


def weights(**values: Any) -> Any:
    from tuner_gui.training.network import start_weights

    return start_weights(settings(**values), 5, 3)


@pytest.mark.parametrize("batch_norm", [True, False])
def test_weights_come_back_as_they_were(*, batch_norm: bool) -> None:
    from tuner_gui.training.lane_state import weights_from_npz, weights_to_npz

    kept = weights(batch_norm=batch_norm)
    found = weights_from_npz(weights_to_npz(kept), settings(batch_norm=batch_norm), inputs=5, outputs=3)
    assert found.keys() == kept.keys()
    assert ("hidden_2.moving_variance" in found) == batch_norm
    for name, array in kept.items():
        np.testing.assert_array_equal(found[name], array)


def test_weights_of_another_trial_are_refused_in_words() -> None:
    from tuner_gui.training.lane_state import weights_from_npz, weights_to_npz

    npz = weights_to_npz(weights())
    with pytest.raises(ValueError, match=r"not those of this trial: hidden_1.beta is \(6,\), expected \(9,\)"):
        weights_from_npz(npz, settings(units=9), inputs=5, outputs=3)
    with pytest.raises(ValueError, match=r"hidden_1.beta is \(6,\), expected none"):
        weights_from_npz(npz, settings(batch_norm=False), inputs=5, outputs=3)


def _with_objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"hidden_1.kernel": np.array([{"a": 1}], dtype=object)})  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("npz", [b"", b"no zip", _with_objects()], ids=["empty", "text", "objects"])
def test_bytes_that_are_no_weights_are_refused_in_words(npz: bytes) -> None:
    from tuner_gui.training.lane_state import weights_from_npz

    with pytest.raises(ValueError, match="cannot be read"):
        weights_from_npz(npz, settings(), inputs=5, outputs=3)


def test_damaged_bytes_are_refused_in_words() -> None:
    from tuner_gui.training.lane_state import weights_from_npz, weights_to_npz

    npz = bytearray(weights_to_npz(weights()))
    npz[200] ^= 0xFF
    with pytest.raises(ValueError, match=r"cannot be read|not those"):
        weights_from_npz(bytes(npz), settings(), inputs=5, outputs=3)


def state(**values: Any) -> Any:
    from tuner_gui.training.lane_state import LaneState, start_state

    begun = start_state(settings(**values), 5, 3)
    averages = {name: np.full_like(array, 0.5) for name, array in begun.averages.items()}
    return LaneState(begun.weights, averages, epoch=4)


@pytest.mark.parametrize(("optimizer", "averages"), [("sgd", 1), ("adam", 2)])
def test_a_whole_state_comes_back_as_it_was(optimizer: str, averages: int) -> None:
    from tuner_gui.training.lane_state import state_from_npz, state_to_npz

    kept = state(optimizer=optimizer)
    found = state_from_npz(state_to_npz(kept), settings(optimizer=optimizer), inputs=5, outputs=3)
    assert found.epoch == 4
    assert sum(name.endswith(":hidden_1.kernel") for name in found.averages) == averages
    assert not any("moving" in name for name in found.averages)
    for ours, theirs in ((found.weights, kept.weights), (found.averages, kept.averages)):
        assert ours.keys() == theirs.keys()
        for name, array in theirs.items():
            np.testing.assert_array_equal(ours[name], array)


def test_a_state_that_does_not_fit_is_refused_in_words() -> None:
    from tuner_gui.training.lane_state import state_from_npz, state_to_npz, weights_to_npz

    with pytest.raises(
        ValueError, match=r"the kept state is not that of this trial: square:hidden_1.beta is missing, expected \(6,\)"
    ):
        state_from_npz(state_to_npz(state()), settings(optimizer="adam"), inputs=5, outputs=3)
    with pytest.raises(ValueError, match="does not say after which epoch"):
        state_from_npz(weights_to_npz(weights()), settings(), inputs=5, outputs=3)
