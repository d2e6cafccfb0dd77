"""``tuner-gui check-model``: builds a person's own model at the corners of its space and trains a mini-batch."""

from __future__ import annotations

import argparse

from tuner_gui.commands.errors import DONE, FAILED, UsageError
from tuner_gui.commands.trusting import trusted_file
from tuner_gui.engines.own_models import OwnModelError
from tuner_gui.engines.own_models import check_model as look_into
from tuner_gui.search.progress import format_duration
from tuner_gui.space.parameters import ChoiceParameter, Parameter
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import BUILT_IN_DATA, DataSettings
from tuner_gui.study.errors import one_of
from tuner_gui.study.own_model import (
    BUILD_MODEL,
    OBJECTIVE,
    OWN_SEARCH,
    CheckedCorner,
    FoundSpace,
    OwnParameter,
    active,
)

_WHO = {BUILD_MODEL: "build_model(hp)", OBJECTIVE: "objective(trial)", OWN_SEARCH: "The file's own training"}


def check_model(options: argparse.Namespace) -> int:
    """Prints what the file asks for, then a line for each corner. Exit code 1: a corner failed, 2: a bad file."""
    data = _data(options.data)
    file = trusted_file(options.file, trust=options.trust)
    printer = _Printer(has_data=data is not None)
    try:
        look_into(file, data, take=printer.take, search=options.search)
    except OwnModelError as error:
        raise UsageError(str(error)) from None
    print(printer.last_words())
    return FAILED if printer.failed else DONE


def _data(source: str | None) -> DataSettings | None:
    if source is None:
        return None
    if source not in BUILT_IN_DATA:
        raise UsageError(f"--data {source}: expected {one_of(BUILT_IN_DATA, source)}")
    return DataSettings(source)


class _Printer:
    """Prints the answers as they come, and counts."""

    def __init__(self, *, has_data: bool) -> None:
        self._own: tuple[OwnParameter, ...] = ()
        self._has_data = has_data
        self._tried = 0
        self.failed = 0
        self._brings_data = False

    def take(self, answer: FoundSpace | CheckedCorner) -> None:
        if isinstance(answer, FoundSpace):
            self._space(answer)
        else:
            self._corner(answer)

    def _space(self, found: FoundSpace) -> None:
        self._brings_data = found.own_data or found.entry == OBJECTIVE
        self._own = found.own
        print(f"{_WHO[found.entry]} asks for {_count(found)}:")
        if found.objective and (found.own_data or found.entry == OWN_SEARCH):
            direction = f", which it would {found.direction}" if found.direction else ""
            epochs = f", {found.epochs} epoch{'s' * (found.epochs > 1)} for each trial" if found.epochs else ""
            print(f"  its own search is by {found.objective}{direction}{epochs}")
        own = {parameter.name: parameter for parameter in found.own}
        for parameter in found.parameters:
            print(f"  {parameter.name}: {range_words(parameter)}{_when(own[parameter.name])}")
        for note in found.notes:
            print(f"  note: {note}")
        print("At the corners of the space:", flush=True)

    def _corner(self, corner: CheckedCorner) -> None:
        self._tried += 1
        read = active(self._own, corner.values)
        values = ", ".join(f"{name} {format_value(value, 3)}" for name, value in corner.values.items() if name in read)
        if corner.error:
            self.failed += 1
            print(f"  failed: {corner.error}", flush=True)
            return
        words = [f"{corner.parameters:,} weights"] if corner.parameters is not None else []
        if corner.seconds is not None:
            words.append(f"{_duration(corner.seconds)} per epoch")
        if corner.loss is not None:
            words.append(f"val_loss {format_value(corner.loss, 3)} after some steps")
        if corner.bytes:
            words.append(f"{corner.bytes / 1e6:,.0f} MB in all")
        print(f"  ok: {', '.join(words) or 'built'}, with {values}", flush=True)

    def last_words(self) -> str:
        if self.failed:
            return f"{self.failed} of {self._tried} corners failed"
        more = "" if self._has_data or self._brings_data else "; to train a mini-batch, too: --data SOURCE"
        return f"All {self._tried} corners are well{more}"


def _count(found: FoundSpace) -> str:
    count = len(found.parameters)
    return "1 parameter" if count == 1 else f"{count} parameters"


def _duration(seconds: float) -> str:
    return f"{1000 * seconds:.2g} ms" if seconds < 0.1 else format_duration(seconds)


def range_words(parameter: Parameter) -> str:
    """ "16 to 128, log" or "one of relu, tanh"."""
    if isinstance(parameter, ChoiceParameter):
        return f"one of {', '.join(format_value(choice) for choice in parameter.choices)}"
    step = f", step {format_value(parameter.step)}" if parameter.step not in (None, 1) else ""
    kind = "whole numbers " if parameter.kind == "int" else ""
    return f"{kind}{format_value(parameter.low)} to {format_value(parameter.high)}, {parameter.scale}{step}"


def _when(own: OwnParameter) -> str:
    if not own.parent:
        return ""
    return f" (read where {own.parent} is {' or '.join(format_value(value) for value in own.values)})"
