"""How a training script loads the data that is known by a name: scikit-learn's sets, the two spirals, Keras' sets."""

from __future__ import annotations

from collections.abc import Mapping

from tuner_gui.exports.script_parts import PIXELS, STANDARDISE, Loading
from tuner_gui.study.definition import IMAGE_SHAPES


def _built_in(function: str, *imports: str) -> Loading:
    return Loading(imports=imports, constants=(), functions=(function,), prepare=STANDARDISE)


def _of_scikit_learn(name: str) -> Loading:
    function = f'''\
def load_data():
    """The rows of scikit-learn's {name.removeprefix("load_").replace("_", " ")} data and their classes."""
    data = {name}()
    return data.data, data.target'''
    return _built_in(function, f"from sklearn.datasets import {name}")


_DIABETES = '''\
def load_data():
    """The rows of scikit-learn's diabetes data, not scaled, and their targets."""
    data = load_diabetes(scaled=False)
    return data.data, data.target.reshape(-1, 1)'''

_SPIRALS = '''\
def load_data():
    """Two arms that wind around each other: points in the plane and the arm of each."""
    random = np.random.default_rng(20240)
    arm = np.arange(1200) % 2
    along = np.sqrt(random.uniform(0.02, 1.0, len(arm)))
    angle = 2 * np.pi * 1.75 * along + np.pi * arm
    places = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return places + random.normal(0.0, 0.05, places.shape), arm'''


# --- Keras' own sets: all rows together, in the order in which the study has them ---


def _images_of_keras(name: str, title: str) -> Loading:
    function = f'''\
def load_data():
    """All images of {title}, pixels from 0 to 255, and their classes."""
    parts = keras.datasets.{name}.load_data()
    pixels, targets = (np.concatenate(both) for both in zip(*parts, strict=True))
    return pixels, targets.reshape(-1).astype("int64")'''
    return Loading(
        imports=("import keras",),
        constants=(),
        functions=(function,),
        prepare=PIXELS,
        image=IMAGE_SHAPES[name],
        pixels=True,
    )


def _table_of_keras(name: str, arguments: str = "") -> Loading:
    function = f'''\
def load_data():
    """The rows in the order of their file, which Keras shuffles, and their prices."""
    parts = keras.datasets.{name}.load_data({arguments})
    inputs, targets = (np.concatenate(both) for both in zip(*parts, strict=True))
    shuffled = np.arange(len(inputs))
    np.random.RandomState(113).shuffle(shuffled)
    order = np.argsort(shuffled)
    return inputs[order].astype("float64"), targets[order].astype("float64").reshape(-1, 1)'''
    return Loading(imports=("import keras",), constants=(), functions=(function,), prepare=STANDARDISE)


NAMED: Mapping[str, Loading] = {
    "digits": _of_scikit_learn("load_digits"),
    "breast_cancer": _of_scikit_learn("load_breast_cancer"),
    "wine": _of_scikit_learn("load_wine"),
    "diabetes": _built_in(_DIABETES, "from sklearn.datasets import load_diabetes"),
    "two_spirals": _built_in(_SPIRALS),
    "mnist": _images_of_keras("mnist", "MNIST"),
    "fashion_mnist": _images_of_keras("fashion_mnist", "Fashion-MNIST"),
    "cifar10": _images_of_keras("cifar10", "CIFAR-10"),
    "cifar100": _images_of_keras("cifar100", "CIFAR-100"),
    "california_housing": _table_of_keras("california_housing"),
    "boston_housing": _table_of_keras("boston_housing"),
}
