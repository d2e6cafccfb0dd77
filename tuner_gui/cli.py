"""The command ``tuner-gui``: what it understands, and what its exit codes mean.

0 done, 1 failed, 2 bad usage or a bad file, 130 after Ctrl+C. Nothing heavy is imported here.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tuner_gui import __version__
from tuner_gui.commands.errors import BAD_USAGE, FAILED, INTERRUPTED, CommandFailedError, UsageError

COMMANDS = ("demo", "run", "refine", "show", "export", "check", "check-model")
_OF_THE_PROGRAM = ("-h", "--help", "--version")

_USAGE = """\
tuner-gui [STUDY.tuner]
       tuner-gui demo [--trials N]
       tuner-gui run DEFINITION.toml|MODEL.py|STUDY.tuner [--out STUDY.tuner] [--trials N] [--seconds S] [--seed N]
                     [--strategy NAME] [--engine NAME] [--trust]
       tuner-gui refine STUDY.tuner NAME=LOW:HIGH ... | NAME=A,B | --suggest | --widen | --undo
       tuner-gui show STUDY.tuner [--json]
       tuner-gui export STUDY.tuner --to csv|json|parquet|optuna|keras|python|html --out PATH [--trial N]
       tuner-gui check STUDY.tuner
       tuner-gui check-model FILE.py [--data SOURCE] [--search N] [--trust]"""

_DESCRIPTION = "Tune neural networks: without a command, the window opens; the commands do the same in the terminal."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot print × or – gets a question mark, not a crash.
        with contextlib.suppress(AttributeError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except SystemExit as error:  # argparse: help and the version
        return error.code if isinstance(error.code, int) else FAILED
    except KeyboardInterrupt:
        return _end("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not try to flush the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(arguments: list[str]) -> int:
    from tuner_gui.study.errors import DefinitionError, StudyFileError, StudyWriteError

    try:
        options = _parsed(arguments)
        code = _command(options.command)(options)
        sys.stdout.flush()
    except (UsageError, DefinitionError, StudyFileError) as error:
        return _end(str(error), BAD_USAGE)
    except (CommandFailedError, StudyWriteError, FileNotFoundError) as error:
        return _end(str(error), FAILED)
    return code


def _end(message: str, code: int) -> int:
    with contextlib.suppress(OSError):
        print(f"tuner-gui: {message}", file=sys.stderr)
    return code


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The function of a command, from its module in ``tuner_gui.commands``."""
    name = name.replace("-", "_")
    module = import_module(f"tuner_gui.commands.{'window' if name == 'demo' else name}")
    function: Callable[[argparse.Namespace], int] = getattr(module, name)
    return function


def _parsed(arguments: list[str]) -> argparse.Namespace:
    if arguments and (arguments[0] in COMMANDS or arguments[0] in _OF_THE_PROGRAM):
        return _parser().parse_args(arguments)
    return _window_options(arguments)


def _window_options(arguments: list[str]) -> argparse.Namespace:
    """No command: the window, on the study that is named or on the welcome page."""
    if not arguments:
        return argparse.Namespace(command="window", study=None)
    first, study = arguments[0], Path(arguments[0])
    if first.startswith("-"):
        raise UsageError(f"there is no option {first}; tuner-gui --help tells what there is")
    if len(arguments) > 1 or not (study.suffix or study.exists()):
        from tuner_gui.study.errors import one_of

        raise UsageError(f"{first!r} is neither one study alone nor a command: expected {one_of(COMMANDS, first)}")
    if study.suffix == ".toml":
        raise UsageError(f"{study} is a definition, not a study; to search by it: tuner-gui run {study}")
    return argparse.Namespace(command="window", study=study)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one message, without printing all of the usage before it."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} ({self.prog} --help tells more)")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="tuner-gui", usage=_USAGE, description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"tuner-gui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True, prog="tuner-gui")
    demo = commands.add_parser("demo", help="the bundled study on the digits data, searching")
    demo.add_argument("--trials", type=_count, default=20, metavar="N", help="search N more trials (20)")
    _add_run(commands.add_parser("run", help="search in the terminal"))
    _add_refine(commands.add_parser("refine", help="change the region that the next trials are drawn from"))
    show = commands.add_parser("show", help="what a study holds")
    show.add_argument("study", type=Path, metavar="STUDY.tuner")
    show.add_argument("--json", action="store_true", help="as one JSON object, for programs")
    _add_export(commands.add_parser("export", help="trials, a model, a script or a report, for other programs"))
    check = commands.add_parser("check", help="whether a study file is whole, and what can be read of one that is not")
    check.add_argument("study", type=Path, metavar="STUDY.tuner")
    _add_check_model(commands.add_parser("check-model", help="build your own model at the corners of its space"))
    return parser


def _add_check_model(check: argparse.ArgumentParser) -> None:
    check.add_argument("file", type=Path, metavar="FILE.py", help="a file with build_model(hp) or objective(trial)")
    check.add_argument("--data", metavar="SOURCE", help="train a mini-batch of these data, too: digits, …")
    check.add_argument("--search", type=_count, default=1, metavar="N", help="which search of several in the file (1)")
    check.add_argument("--trust", action="store_true", help="run the file without asking, now and later")


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "study",
        type=Path,
        metavar="DEFINITION.toml|MODEL.py|STUDY.tuner",
        help="a new study, by its definition or of a model file with data of its own, or one to go on with",
    )
    run.add_argument(
        "--out", type=Path, metavar="STUDY.tuner", help="where to keep a new study (beside its definition)"
    )
    run.add_argument("--trials", type=_count, metavar="N", help="search N more trials (20, unless --seconds is given)")
    run.add_argument("--seconds", type=_seconds, metavar="S", help="search for S seconds")
    run.add_argument("--seed", type=_seed, metavar="N", help="the seed of a new study: same seed, same trials")
    run.add_argument(
        "--strategy", metavar="NAME", help="what decides the next values (the study's own; coarse-to-fine)"
    )
    run.add_argument(
        "--trust", action="store_true", help="run the study's own model file without asking, now and later"
    )
    run.add_argument("--engine", default="local", metavar="NAME", help="where trials are trained (local)")


def _add_refine(refine: argparse.ArgumentParser) -> None:
    refine.add_argument("study", type=Path, metavar="STUDY.tuner")
    refine.add_argument("extents", nargs="*", metavar="NAME=LOW:HIGH|NAME=A,B", help="a part of a parameter's range")
    how = refine.add_mutually_exclusive_group()
    how.add_argument("--suggest", action="store_true", help="the box around the best trials")
    how.add_argument("--widen", action="store_true", help="every range twice as wide")
    how.add_argument("--undo", action="store_true", help="take the latest edit back; trials are never deleted")


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("study", type=Path, metavar="STUDY.tuner")
    # Not argparse's choices: what was perhaps meant is said by whoever knows the forms.
    export.add_argument("--to", required=True, metavar="FORM", help="csv, json, parquet, optuna, keras, python or html")
    export.add_argument("--out", required=True, type=Path, metavar="PATH", help="the file to make")
    export.add_argument("--trial", type=_count, metavar="N", help="which trial's model or script (the best one's)")


def _count(word: str) -> int:
    return _whole_number(word, low=1, high=10**9)


def _seed(word: str) -> int:
    return _whole_number(word, low=0, high=2**32 - 1)


def _whole_number(word: str, *, low: int, high: int) -> int:
    with contextlib.suppress(ValueError):
        number = int(word)
        if low <= number <= high:
            return number
    raise argparse.ArgumentTypeError(f"{word!r}: expected a whole number from {low} to {high}")


def _seconds(word: str) -> float:
    with contextlib.suppress(ValueError):
        seconds = float(word)
        if math.isfinite(seconds) and seconds > 0:
            return seconds
    raise argparse.ArgumentTypeError(f"{word!r}: expected a number of seconds above 0")
