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
    from tuner_gui.training.weights import from_npz, to_npz

    kept = weights(batch_norm=batch_norm)
    found = from_npz(to_npz(kept), settings(batch_norm=batch_norm), inputs=5, outputs=3)
    assert found.keys() == kept.keys()
    assert ("hidden_2.moving_variance" in found) == batch_norm
    for name, array in kept.items():
        np.testing.assert_array_equal(found[name], array)


def test_weights_of_another_trial_are_refused_in_words() -> None:
    from tuner_gui.training.weights import from_npz, to_npz

    npz = to_npz(weights())
    with pytest.raises(ValueError, match=r"not those of this trial: hidden_1.beta is \(6,\), expected \(9,\)"):
        from_npz(npz, settings(units=9), inputs=5, outputs=3)
    with pytest.raises(ValueError, match=r"hidden_1.beta is \(6,\), expected none"):
        from_npz(npz, settings(batch_norm=False), inputs=5, outputs=3)


def _with_objects() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"hidden_1.kernel": np.array([{"a": 1}], dtype=object)})  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("npz", [b"", b"no zip", _with_objects()], ids=["empty", "text", "objects"])
def test_bytes_that_are_no_weights_are_refused_in_words(npz: bytes) -> None:
    from tuner_gui.training.weights import from_npz

    with pytest.raises(ValueError, match="cannot be read"):
        from_npz(npz, settings(), inputs=5, outputs=3)


def test_damaged_bytes_are_refused_in_words() -> None:
    from tuner_gui.training.weights import from_npz, to_npz

    npz = bytearray(to_npz(weights()))
    npz[200] ^= 0xFF
    with pytest.raises(ValueError, match=r"cannot be read|not those"):
        from_npz(bytes(npz), settings(), inputs=5, outputs=3)
