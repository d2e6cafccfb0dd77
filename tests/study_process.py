"""A process that works on a study file, for tests of locks, kills and full disks: study_process.py WHAT PATH.

It prints one line per fact, as it happens, and waits for lines on its standard input.
"""

from __future__ import annotations

import itertools
import os
import resource
import signal
import sys
from pathlib import Path

from study_files import whole_trial

from tuner_gui.study.errors import StudyWriteError
from tuner_gui.study.file import StudyFile, open_study


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def hold(path: Path) -> None:
    """Open the study, say in which role, and at each line from outside commit one more trial."""
    with open_study(path) as file:
        tell(file.read_only_reason or "writer")
        for number, _ in enumerate(sys.stdin, start=len(file.history) + 1):
            tell("acknowledged", _add(file, number))


def write(path: Path) -> None:
    """Add trials until killed; each is told after its commit has returned."""
    with open_study(path) as file:
        tell(file.read_only_reason or "writer")
        for number in itertools.count(len(file.history) + 1):
            tell("acknowledged", _add(file, number))


def fill(path: Path) -> None:
    """Add trials while files may only grow a little, then with room again."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open_study(path) as file:
        _limit(path.stat().st_size + 30_000)
        acknowledged = refused = 0
        numbers = itertools.count(len(file.history) + 1)
        while refused < 3:
            try:
                acknowledged = _add(file, next(numbers))
            except StudyWriteError as error:
                refused += 1
                tell("refused", error)
        tell("acknowledged", acknowledged)
        _limit(resource.RLIM_INFINITY)
        tell("acknowledged", _add(file, next(numbers)))


def look(path: Path) -> None:
    """Open the study as somebody who may not write there."""
    open_study(path).close()  # load all modules while they can be read
    if os.getuid() == 0:
        os.setuid(65534)
    with open_study(path) as file:
        tell(file.read_only_reason)
        tell(len(file.history))


def _add(file: StudyFile, number: int) -> int:
    file.record(whole_trial(number, file.log.plan.stage, count=20))
    file.commit()
    return number


def _limit(size: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


if __name__ == "__main__":
    {"hold": hold, "write": write, "fill": fill, "look": look}[sys.argv[1]](Path(sys.argv[2]))
