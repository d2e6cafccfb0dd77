"""Definitions as people write them: what is filled in, and what is said of everything that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuner_gui.space.parameters import ChoiceParameter, FloatParameter, IntParameter
from tuner_gui.space.scales import Scale
from tuner_gui.space.textbook import TEXTBOOK
from tuner_gui.study.definition import Definition, Direction
from tuner_gui.study.errors import DefinitionError
from tuner_gui.study.toml import read_definition

DATA = '[data]\nsource = "digits"\n'
SPACE = "[space.learning_rate]\nlow = 1e-3\n"

WHOLE = """
[study]
name = "digits"
objective = "val_accuracy"
[data]
source = "digits"
[model]
kind = "mlp"
epochs = 20
optimizer = "sgd"
batch_norm = true
[space.learning_rate]
scale = "log"
low = 1e-4
high = 1.0
[space.momentum]
scale = "log1m"
low = 0.9
high = 0.999
[space.units]
kind = "int"
scale = "log"
low = 16
high = 128
[space.layers]
choices = [1, 2, 3]
[space.batch_size]
choices = [32, 64, 128]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(folder: Path, text: str) -> Definition:
    (folder / "digits.toml").write_text(text, encoding="utf-8")
    return read_definition(Path("digits.toml"))


def message(folder: Path, text: str) -> str:
    with pytest.raises(DefinitionError) as caught:
        read(folder, text)
    return str(caught.value)


def test_the_example_of_the_documentation_says_what_it_says(folder: Path) -> None:
    definition = read(folder, WHOLE)
    assert definition.objective.metric == "val_accuracy"
    assert definition.objective.direction is Direction.MAXIMIZE
    assert definition.model.fixed == {"optimizer": "sgd", "batch_norm": True}
    assert definition.space.parameters == (
        FloatParameter(name="learning_rate", low=1e-4, high=1.0, scale=Scale.LOG),
        FloatParameter(name="momentum", low=0.9, high=0.999, scale=Scale.LOG1M),
        IntParameter(name="units", low=16, high=128, scale=Scale.LOG),
        ChoiceParameter(name="layers", choices=(1, 2, 3)),
        ChoiceParameter(name="batch_size", choices=(32, 64, 128)),
    )


def test_what_a_parameter_leaves_out_comes_from_the_textbook(folder: Path) -> None:
    definition = read(folder, DATA + "[space.learning_rate]\n[space.momentum]\nhigh = 0.99\n[space.layers]\n")
    assert definition.space["learning_rate"] == TEXTBOOK["learning_rate"].parameter
    assert definition.space["momentum"] == FloatParameter(name="momentum", low=0.9, high=0.99, scale=Scale.LOG1M)
    assert definition.space["layers"] == TEXTBOOK["layers"].parameter


def test_a_choice_of_the_textbook_can_be_searched_as_a_range(folder: Path) -> None:
    definition = read(folder, DATA + "[space.layers]\nlow = 1\nhigh = 6\n")
    assert definition.space["layers"] == IntParameter(name="layers", low=1, high=6)


def test_a_range_of_the_textbook_can_be_searched_as_choices(folder: Path) -> None:
    definition = read(folder, DATA + "[space.learning_rate]\nchoices = [1, 0.1]\n")
    assert definition.space["learning_rate"].choices == (1.0, 0.1)


def test_a_parameter_that_is_not_used_is_remembered_and_not_searched(folder: Path) -> None:
    definition = read(folder, DATA + SPACE + "[space.dropout]\nhigh = 0.3\nuse = false\n")
    assert definition.space.names == ("learning_rate",)
    assert definition.shelf == (FloatParameter(name="dropout", low=0.0, high=0.3),)


def test_name_objective_and_seed_have_defaults(folder: Path) -> None:
    definition = read(folder, '[data]\nsource = "diabetes"\n' + SPACE)
    assert (definition.name, definition.objective.metric, definition.seed) == ("digits", "val_loss", 0)
    assert definition.objective.direction is Direction.MINIMIZE


def test_the_direction_can_be_given_against_the_metric(folder: Path) -> None:
    definition = read(folder, '[study]\nobjective = "val_loss"\ndirection = "maximize"\n' + DATA + SPACE)
    assert definition.objective.sign == 1


def test_a_cnn_takes_what_it_has_and_the_textbook_s_ranges(folder: Path) -> None:
    text = DATA + '[model]\nkind = "cnn"\nkernel = 5\n[space.filters]\nhigh = 32\n[space.layers]\n'
    definition = read(folder, text)
    assert definition.model.kind == "cnn"
    assert definition.space["filters"] == IntParameter(name="filters", low=8, high=32, scale=Scale.LOG)
    assert definition.hyperparameters({})["kernel"] == 5


@pytest.mark.parametrize("source", ["wine", "boston_housing", "rows.csv"])
def test_a_cnn_for_a_table_is_refused_in_words(folder: Path, source: str) -> None:
    task = 'task = "classification"\n' if source == "rows.csv" else ""
    said = message(folder, f'[data]\nsource = "{source}"\n{task}[model]\nkind = "cnn"\n[space.filters]\n')
    assert said.startswith('digits.toml: model.kind = "cnn": expected "mlp", because the rows of ')
    assert f"{source} are no images; a CNN needs a folder of images, arrays such as" in said


def test_what_a_row_is_as_an_image_is_seen_and_not_written(folder: Path) -> None:
    text = '[data]\nsource = "rows.csv"\ntask = "classification"\nimage = [8, 8, 1]\n'
    assert "data.image = [8, 8, 1]: expected a key of [data]" in message(folder, text + SPACE)


def test_a_byte_order_mark_is_no_mistake(folder: Path) -> None:
    (folder / "digits.toml").write_bytes(b"\xef\xbb\xbf" + (DATA + SPACE).encode())
    assert read_definition(Path("digits.toml")).data.source == "digits"


# What is written, and what is said of it: the whole message after the name of the file.
WRONG = [
    (
        "[space.learning_rate]\nlow = 0",
        "space.learning_rate.low = 0: expected a number above 0, because the scale is log",
    ),
    (
        "[space.learning_rate]\nlow = -1",
        "space.learning_rate.low = -1: expected a number above 0, because the scale is log",
    ),
    ("[space.learning_rate]\nlow = 0.5\nhigh = 0.1", "space.learning_rate.low = 0.5: expected less than high, 0.1"),
    (
        "[space.learning_rate]\nlow = 2.0",
        "space.learning_rate.low = 2.0: expected less than high, 1.0",
    ),
    ("[space.learning_rate]\nlow = nan", "space.learning_rate.low = nan: expected a finite number"),
    ("[space.learning_rate]\nhigh = inf", "space.learning_rate.high = inf: expected a finite number"),
    ('[space.learning_rate]\nlow = "small"', 'space.learning_rate.low = "small": expected a finite number'),
    (
        "[space.learning_rate]\nscale = 'linear'\nlow = 0\nhigh = 1",
        "space.learning_rate.low = 0: expected a number above 0 (at 0 nothing is learned)",
    ),
    (
        "[space.learning_rate]\nscale = 'linear'\nlow = -0.1\nhigh = 1",
        "space.learning_rate.low = -0.1: expected a number above 0 (at 0 nothing is learned)",
    ),
    (
        '[space.learning_rate]\nscale = "logarithmic"',
        'space.learning_rate.scale = "logarithmic": expected linear, log or log1m',
    ),
    (
        '[space.learning_rate]\nkind = "int"\nlow = 1\nhigh = 3',
        'space.learning_rate.kind = "int": expected float or choice',
    ),
    (
        "[space.momentum]\nhigh = 1.0",
        "space.momentum.high = 1.0: expected a number below 1, because the scale is log1m (the log of 1 - value)",
    ),
    (
        "[space.momentum]\nscale = 'linear'\nhigh = 1.0",
        "space.momentum.high = 1.0: expected a number from 0 to below 1 (at 1 the average would never move)",
    ),
    (
        "[model]\noptimizer = 'adam'\n[space.beta1]\nhigh = 1",
        "space.beta1.high = 1: expected a number below 1, because the scale is log1m (the log of 1 - value)",
    ),
    (
        "[space.dropout]\nhigh = 1.0",
        "space.dropout.high = 1.0: expected a number from 0 to below 1 (at 1 no unit would be left)",
    ),
    (
        "[space.dropout]\nscale = 'log'",
        "(the textbook's value, as none is given)",
    ),
    ("[space.units]\nlow = 0\nscale = 'linear'", "space.units.low = 0: expected a whole number from 1 to 65536"),
    ("[space.units]\nlow = 16.5", "space.units.low = 16.5: expected a whole number"),
    (
        "[space.units]\nlow = 64\nhigh = 64",
        "space.units.high = 64: expected more than low, 64 (a range of one value needs no search)",
    ),
    ("[space.units]\nkind = 'float'", 'space.units.kind = "float": expected int or choice'),
    ("[space.units]\nscale = 'log1m'", 'space.units.scale = "log1m": expected linear or log, for a whole number'),
    ("[space.units]\nstep = 0", "space.units.step = 0: expected a step above 0"),
    (
        "[space.units]\nhigh = 99999999999999999999",
        "space.units.high = 99999999999999999999: expected a number that fits into 64 bits",
    ),
    (
        "[space.layers]\nchoices = []",
        "space.layers.choices = []: expected at least two values (one alone needs no search)",
    ),
    (
        "[space.layers]\nchoices = [2]",
        "space.layers.choices = [2]: expected at least two values (one alone needs no search)",
    ),
    ("[space.layers]\nchoices = [1, 1.0]", "space.layers.choices = [1, 1.0]: expected values that all differ"),
    (
        "[space.layers]\nchoices = [0, 1]",
        "space.layers.choices = 0: expected each choice to be a whole number from 1 to 100",
    ),
    ("[space.layers]\nchoices = 3", "space.layers.choices = 3: expected a list of values"),
    ("[space.layers]\nchoices = [1, 2]\nlow = 1", "space.layers.low = 1: expected no such key beside choices"),
    ("[space.layers]\nlow = 1", "space.layers.high is missing: expected a number"),
    (
        '[space.activation]\nchoices = ["relu", "tahn"]',
        'space.activation.choices = "tahn": expected each choice to be one of relu, tanh, elu (did you mean tanh?)',
    ),
    ("[space.learning-rate]", "space.learning-rate = {}: expected a hyperparameter of [space]: one of learning_rate,"),
    ("[space.lerning_rate]", "(did you mean learning_rate?)"),
    (
        "[space.units]\nlow = 16\nlower = 3",
        "space.units.lower = 3: expected a key of [space.units]: one of kind, scale, low,",
    ),
    ("[space]\nunits = 64", "space.units = 64: expected a table: [space.units] with its keys below"),
    (
        "[space.momentum]\n[model]\noptimizer = 'adam'",
        "space.momentum: expected a hyperparameter that adam reads",
    ),
    (
        "[space.units]\n[model]\nunits = 64",
        "model.units = 64: expected no fixed value, because [space.units] searches it",
    ),
    ("[space.units]\nuse = 1", "space.units.use = 1: expected true or false"),
    ("[space.units]\n[model]\nmomentum = 1", "model.momentum = 1: expected a number from 0 to below 1"),
    ("[space.units]\n[model]\ndropout = 1.5", "model.dropout = 1.5: expected a number from 0 to below 1"),
    ("[space.units]\n[model]\nlearning_rate = -0.1", "model.learning_rate = -0.1: expected a number above 0"),
    ("[space.momentum]\n[model]\nunits = true", "model.units = true: expected a whole number from 1 to 65536"),
    ("[space.units]\n[model]\nbatch_norm = 1", "model.batch_norm = 1: expected true or false"),
    (
        "[space.units]\n[model]\noptimizer = 'adma'",
        'model.optimizer = "adma": expected one of sgd, rmsprop, adam (did you mean adam?)',
    ),
    (
        "[space.units]\n[model]\nbeta1 = 0.8",
        "model.beta1 = 0.8: expected a hyperparameter that sgd reads: beta1 does nothing without",
    ),
    ("[space.units]\n[model]\nepochs = 0", "model.epochs = 0: expected a whole number from 1 to 100000"),
    ("[space.units]\n[model]\nepochs = 2.5", "model.epochs = 2.5: expected a whole number"),
    ("[space.units]\n[model]\nlayer = 2", "model.layer = 2: expected a key of [model]: one of kind,"),
    (
        '[space.units]\n[model]\nkind = "rnn"',
        'model.kind = "rnn": expected one of mlp, cnn',
    ),
    (
        '[space.units]\n[model]\nkind = "own"',
        'model.kind = "own": expected one of mlp, cnn',
    ),
    ("[space.filters]", "space.filters: expected a hyperparameter of the kind mlp: filters is one of the kind cnn"),
    (
        "[space.units]\n[model]\nkernel = 3",
        "model.kernel = 3: expected a hyperparameter of the kind mlp: kernel is one of the kind cnn",
    ),
    (
        "[space.units]\n[model]\nkind = 'cnn'\nkernel = 3.5",
        "model.kernel = 3.5: expected a whole number from 1 to 31",
    ),
    (
        "[space.units]\n[model]\nkind = 'cnn'\nbeta1 = 0.8",
        "model.beta1 = 0.8: expected a hyperparameter that sgd reads: beta1 does nothing without",
    ),
    (
        '[space.units]\n[model]\npython = "model.py"',
        'model.python = "model.py": expected a study: make one with tuner-gui run',
    ),
    ("[space.units]\n[study]\nseed = -1", "study.seed = -1: expected a whole number from 0 to 4294967295"),
    ("[space.units]\n[study]\nname = 3", "study.name = 3: expected words in quotes"),
    (
        '[space.units]\n[study]\nobjective = "val_mae"',
        'study.objective = "val_mae": expected one of loss, accuracy, val_loss, val_accuracy',
    ),
    ('[space.units]\n[study]\ndirection = "up"', 'study.direction = "up": expected one of maximize, minimize'),
    (
        "[space.units]\n[stduy]\nseed = 3",
        'stduy = {"seed": 3}: expected a section: one of study, data, model, search, space (did you mean study?)',
    ),
    ("", "space is missing: expected at least one parameter to search, such as [space.learning_rate]"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_a_mistake_is_named_with_file_key_value_and_what_is_expected(folder: Path, text: str, expected: str) -> None:
    said = message(folder, DATA + text)
    assert said.startswith("digits.toml: ")
    assert expected in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "data.source is missing: expected the name of a built-in data set, one of digits,"),
        ('source = "digts"', "(did you mean digits?)"),
        ('source = "rows.csv"\n', "data.task is missing: expected one of classification, regression"),
        ('source = "rows"\n', "or the path of a table (.csv, .tsv, .txt, .parquet, .npz) or of a folder of images"),
        ("source = 3", "data.source = 3: expected the name"),
        ('source = "digits"\ntarget = "y"', 'data.target = "y": expected no such key beside built-in data'),
        ('source = "digits"\ntest = 0', "data.test = 0: expected a share of all rows, from 0.02 to 0.8"),
        ('source = "digits"\nvalidation = true', "data.validation = true: expected a number"),
        ('source = "digits"\ntest = 0.75', "data.test = 0.75: expected shares that leave at least a tenth"),
    ],
)
def test_a_mistake_in_the_data_is_named_too(folder: Path, text: str, expected: str) -> None:
    assert expected in message(folder, f"[data]\n{text}\n{SPACE}")


def test_a_mistake_in_the_syntax_is_named_with_its_line(folder: Path) -> None:
    said = message(folder, DATA + "[space.units]\nlow = = 3\n")
    assert said.startswith("digits.toml: not valid TOML: ")
    assert "line 4" in said


def test_what_cannot_be_read_is_said_in_words(folder: Path) -> None:
    (folder / "latin.toml").write_bytes(b'[study]\nname = "caf\xe9"\n')
    for name, expected in (("latin.toml", "byte 20 is not UTF-8"), ("none.toml", "no such file"), (".", "a folder")):
        with pytest.raises(DefinitionError, match=expected):
            read_definition(folder / name)


def test_the_parts_of_the_error_are_there_for_programs(folder: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(folder, DATA + "[space.learning_rate]\nlow = 0\n")
    error = caught.value
    assert (error.file, error.key, error.value) == ("digits.toml", "space.learning_rate.low", 0)
    assert error.expected == "a number above 0, because the scale is log"
