"""What a training script holds so that a person's own model file runs without this program and without KerasTuner."""

from __future__ import annotations

VALUES = '''\
class Values:
    """Stands for ``hp``: whatever is asked for has the value of the trial."""

    def __init__(self, given=()):
        self.given = dict(given)
        self.values = {}  # of all that was asked for so far
        self._parents = []
        self._names = []

    def Int(self, name, min_value, *_range, default=None, **parent):
        usual = min_value if default is None else default
        return self._ask(name, usual, int, **parent)

    def Float(self, name, min_value, *_range, default=None, **parent):
        usual = min_value if default is None else default
        return self._ask(name, usual, float, **parent)

    def Choice(self, name, values, *_order, default=None, **parent):
        choices = list(values)

        def chosen(value):
            """As the file wrote it; what is no number or word goes by its text."""
            alike = (choice for choice in choices if value in (choice, str(choice)))
            return next(alike, value)

        usual = choices[0] if default is None else default
        return self._ask(name, usual, chosen, **parent)

    def Boolean(self, name, default=False, **parent):
        return self._ask(name, default, bool, **parent)

    def Fixed(self, name, value, **parent):
        return self._ask(name, value, None, **parent)

    @contextlib.contextmanager
    def conditional_scope(self, parent_name, parent_values):
        """What is asked for within is None unless the parent has such a value."""
        self._parents.append((self._whole(parent_name), parent_values))
        try:
            yield
        finally:
            self._parents.pop()

    @contextlib.contextmanager
    def name_scope(self, name):
        """What is asked for within has names that begin with ``name/``."""
        self._names.append(name)
        try:
            yield
        finally:
            self._names.pop()

    def get(self, name):
        return self.values[self._whole(name)]

    def __getitem__(self, name):
        return self.get(name)

    def __contains__(self, name):
        return self._whole(name) in self.values

    def setting(self, name, usual):
        """The value of the trial whether or not the file asks for it."""
        return self.values.get(name, self.given.get(name, usual))

    def _whole(self, name):
        return "/".join([*self._names, name])

    def _ask(self, name, usual, made, parent_name=None, parent_values=None, **_range):
        name, parents = self._whole(name), list(self._parents)
        if parent_name is not None:
            parents.append((self._whole(parent_name), parent_values))
        if not all(self._holds(*parent) for parent in parents):
            return None
        if name not in self.values:
            value = self.given.get(name, usual)
            self.values[name] = value if made is None else made(value)
        return self.values[name]

    def _holds(self, parent, wanted):
        listed = wanted if isinstance(wanted, (list, tuple, set)) else [wanted]
        return parent in self.values and self.values[parent] in listed'''

STAND_INS = '''\
class SearchBegins(BaseException):
    """The model's file would begin a search of its own now; this ends its loading."""

    def __init__(self, model):
        super().__init__("the file begins a search of its own")
        self.model = model


class HyperModel:
    """Stands for KerasTuner's, from which the file's models are derived."""

    def __init__(self, name=None, tunable=True):
        self.name = name
        self.tunable = tunable


class Oracle:
    """Stands for what tells a tuner the next values; it may know the model."""

    def __init__(self, *given, **named):
        self.hypermodel = named.get("hypermodel")


class Tuner:
    """Stands for all tuners: what one is made for is what is trained here."""

    def __init__(self, *given, **named):
        oracle = named.get("oracle")
        models = [named.get("hypermodel"), getattr(oracle, "hypermodel", None)]
        models += [value for value in given if not isinstance(value, Oracle)]
        raise SearchBegins(next((model for model in models if model is not None), None))


class Objective:
    """Stands for what a tuner would improve."""

    def __init__(self, name, direction):
        self.name = name
        self.direction = direction


class TrialError(Exception):
    """Stands for the errors by which a file refuses some values."""


def stand_in(name):
    """Let the model's file find all of this under the name of KerasTuner."""
    words = "Tuner RandomSearch GridSearch BayesianOptimization Hyperband SklearnTuner"
    tuners = {word: type(word, (Tuner,), {}) for word in words.split()}
    oracles = {word: type(word, (Oracle,), {}) for word in words.split()}
    words = "FailedTrialError FatalError FatalValueError FatalTypeError"
    errors = dict.fromkeys([*words.split(), "FatalRuntimeError"], TrialError)
    models = {"HyperModel": HyperModel, "HyperParameters": Values}
    parts = {
        "": {**tuners, **errors, **models, "Objective": Objective},
        ".tuners": tuners,
        ".oracles": oracles,
        ".errors": errors,
        ".engine": {},
        ".engine.hypermodel": models,
        ".engine.hyperparameters": models,
    }
    for part, names in parts.items():
        module = sys.modules[name + part] = types.ModuleType(name + part)
        module.__path__ = []
        vars(module).update(names)
        above, _, own = (name + part).rpartition(".")
        if above:
            setattr(sys.modules[above], own, module)'''

LOAD_BUILD = '''\
def load_build():
    """``build(hp)`` of the model's file, run up to where it would begin a search."""
    for name in KERAS_TUNER:
        stand_in(name)
    path = Path(__file__).with_name(MODEL_FILE)
    file = sys.modules["own_model"] = types.ModuleType("own_model")
    file.__file__ = str(path)
    try:
        exec(compile(path.read_text("utf-8-sig"), path, "exec"), vars(file))
        found = None
    except SearchBegins as search:
        found = search.model
    found = found or getattr(file, "build_model", None) or hypermodel_in(file)
    model = found() if isinstance(found, type) else found
    return getattr(model, "build", model)


def hypermodel_in(file):
    """The one class in the file that is derived from HyperModel."""
    (found,) = (
        value
        for value in vars(file).values()
        if isinstance(value, type)
        and issubclass(value, HyperModel)
        and value.__module__ == file.__name__
    )
    return found'''

LOAD_OBJECTIVE = '''\
class SearchBegins(BaseException):
    """The file would begin a search of its own now; this ends its loading."""

    def __init__(self, objective):
        super().__init__("the file begins a search of its own")
        self.objective = objective


class Study:
    """Stands for an Optuna study: all may be called, and optimize ends the loading."""

    def optimize(self, func=None, *given, **named):
        raise SearchBegins(func)

    def __getattr__(self, name):
        return lambda *given, **named: None


def load_objective():
    """``objective(trial)`` of the file, run up to where it would begin a search."""
    optuna.create_study = optuna.load_study = lambda *given, **named: Study()
    path = Path(__file__).with_name(MODEL_FILE)
    file = sys.modules["own_model"] = types.ModuleType("own_model")
    file.__file__ = str(path)
    try:
        exec(compile(path.read_text("utf-8-sig"), path, "exec"), vars(file))
    except SearchBegins as search:
        if callable(search.objective):
            return search.objective
    return file.objective'''

FIXED_TRIAL = '''\
class FixedTrial(optuna.trial.FixedTrial):
    """Choices that are no numbers or words go by their text."""

    def suggest_categorical(self, name, choices):
        value = self._params[name]
        texts = {str(choice): choice for choice in choices}
        if value not in choices and value in texts:
            self._params[name] = texts[value]
        return super().suggest_categorical(name, choices)'''

SHAPED = '''\
def shaped(model, inputs):
    """The inputs in the shape that the model's ``Input`` says, where it says one."""
    try:
        shape = model.input_shape[1:]
    except (AttributeError, ValueError):  # not built yet: it takes what it gets
        return inputs
    return inputs if None in shape else inputs.reshape(-1, *shape)'''

WIDTH = '''\
def width_of(model, inputs):
    """How many outputs the model has for a row."""
    outputs = model(inputs[:2], training=False)
    return 1 if len(outputs.shape) == 1 else outputs.shape[1]'''

ENDS_IN = '''\
def ends_in(model, *names):
    """Whether the last layer is an activation of one of these names, or has one."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    return activation in names or type(last).__name__.lower() in names'''

USUAL_LOSS = '''\
def usual_loss(model, width):
    """The loss of a model that its file does not compile."""
    logits = not ends_in(model, "softmax", "sigmoid")
    if width == 1:
        return keras.losses.BinaryCrossentropy(from_logits=logits)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=logits)'''

WANTED = '''\
def wanted(model, classes, width):
    """The classes as the model's loss takes them: numbers, or a column for each."""
    if width == 1:
        return classes.astype("float32")[:, None]
    name = getattr(model.loss, "name", None) or getattr(model.loss, "__name__", None)
    if model.loss is None or "sparse" in str(name or model.loss).lower():
        return classes
    return np.eye(width, dtype="float32")[classes]'''

ACCURACY = """\
def accuracy(model, inputs, classes):
    found = model.predict(inputs, verbose=0).reshape(len(classes), -1)
    if found.shape[1] > 1:
        return np.mean(found.argmax(axis=1) == classes)
    threshold = 0.5 if ends_in(model, "sigmoid") else 0
    return np.mean((found[:, 0] > threshold) == classes)"""
