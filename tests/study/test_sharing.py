"""One writer, many viewers, and nothing lost when the writer is killed, the disk is full or the place is read-only."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from study_files import add_trials, make_study, whole_trial

from tuner_gui.study.connection import recognise
from tuner_gui.study.definition import new_definition
from tuner_gui.study.errors import StudyFileError, StudyWriteError
from tuner_gui.study.events import TrialState
from tuner_gui.study.file import ANOTHER_WINDOW, create, open_study

SCRIPT = Path(__file__).parent.parent / "study_process.py"


class Other:
    """Another process that works on a study."""

    def __init__(self, what: str, path: Path) -> None:
        command = [sys.executable, str(SCRIPT), what, str(path)]
        environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parent.parent)}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.line()

    def lines(self) -> list[str]:
        """Every whole line until the process has ended: one that is killed may have told half of its last one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        # Not communicate(), which reads past the lines that readline() has taken into its buffer already.
        with self.process.stdout as stdout:
            out = stdout.read()
        self.process.wait()
        return out.split("\n")[:-1]

    def kill(self) -> list[str]:
        """Kill -9; what it had told and nobody had read yet."""
        self.process.kill()
        return self.lines()


@pytest.fixture
def others() -> Iterator[list[Other]]:
    started: list[Other] = []
    yield started
    for other in started:
        if other.process.poll() is None:
            other.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make_study(tmp_path / "digits.tuner", 2)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_second_to_open_is_a_viewer_and_the_first_goes_on_writing(path: Path, others: list[Other]) -> None:
    others.append(Other("hold", path))
    assert others[0].line() == "writer"
    assert others[0].ask() == "acknowledged 3"
    with open_study(path) as viewer:
        assert viewer.read_only_reason == ANOTHER_WINDOW
        assert len(viewer.history) == 3
        assert others[0].ask() == "acknowledged 4"
        with pytest.raises(StudyWriteError, match="another window has it open"):
            viewer.record(whole_trial(5, viewer.log.plan.stage))
    with open_study(path, read_only=True) as viewer:
        assert len(viewer.history) == 4


def test_the_writer_of_this_process_keeps_its_role_while_the_file_is_opened_again(
    path: Path, others: list[Other]
) -> None:
    with open_study(path) as writer:
        recognise(path)
        open_study(path).close()
        open_study(path, read_only=True).close()
        others.append(Other("hold", path))
        assert others[0].line() == ANOTHER_WINDOW
        add_trials(writer, range(3, 4))


def test_of_several_that_open_at_once_exactly_one_writes(path: Path, others: list[Other]) -> None:
    others += [Other("hold", path) for _ in range(3)]
    assert sorted(other.line() for other in others) == sorted(["writer", ANOTHER_WINDOW, ANOTHER_WINDOW])


def test_a_trial_that_trains_in_the_other_window_is_shown_as_running(path: Path) -> None:
    with open_study(path) as writer:
        writer.record(whole_trial(3, writer.log.plan.stage)[:2])
        writer.commit()
        with open_study(path) as viewer:
            assert viewer.history.trial(3).state is TrialState.RUNNING


def test_after_a_kill_the_next_one_writes_at_once(path: Path, others: list[Other]) -> None:
    others.append(Other("hold", path))
    assert others[0].line() == "writer"
    others[0].kill()
    began = time.monotonic()
    with open_study(path) as file:
        assert file.read_only_reason is None
        assert time.monotonic() - began < 1


def kill_writers(path: Path, others: list[Other], kills: int, seed: int) -> int:
    """Kill a writer at random moments; returns how many trials were told as saved. Asserts that none is lost."""
    moments = random.Random(seed)
    last = 2
    for _ in range(kills):
        other = Other("write", path)
        others.append(other)
        assert other.line() == "writer"
        for _ in range(moments.randrange(12)):
            last = int(other.line().split()[1])
        with contextlib.suppress(subprocess.TimeoutExpired):
            other.process.wait(timeout=moments.random() * 0.02)
        told = [line for line in other.kill() if line.startswith("acknowledged ")]
        last = int(told[-1].split()[1]) if told else last
        with open_study(path, read_only=True) as file:
            assert last <= len(file.history) <= last + 1, f"seed {seed}"
            assert all(file.history.epochs(number) == 20 for number in range(3, len(file.history) + 1))
            assert all(trial.state is TrialState.FINISHED for trial in file.history.trials)
            last = len(file.history)
    return last


def test_a_killed_writer_loses_nothing_that_it_told_as_saved(path: Path, others: list[Other]) -> None:
    kill_writers(path, others, kills=6, seed=1)


@pytest.mark.slow
def test_many_killed_writers_lose_nothing_that_they_told_as_saved(path: Path, others: list[Other]) -> None:
    assert kill_writers(path, others, kills=25, seed=random.randrange(10**6)) > 25


def test_a_full_disk_is_told_and_what_waits_is_saved_when_there_is_room(path: Path, others: list[Other]) -> None:
    others.append(Other("fill", path))
    lines = others[0].lines()
    refused = [line for line in lines if line.startswith("refused")]
    assert len(refused) == 3
    assert all("the disk is full, a limit is reached" in line for line in refused)
    acknowledged, last = (int(line.split()[1]) for line in lines if line.startswith("acknowledged"))
    assert acknowledged > 2
    assert last == acknowledged + 4
    with open_study(path) as file:
        assert len(file.history) == last
        assert all(trial.state is TrialState.FINISHED for trial in file.history.trials)


def test_a_commit_that_waits_for_a_reader_too_long_is_tried_again(path: Path) -> None:
    with open_study(path) as writer:
        writer._connection.execute("PRAGMA busy_timeout=10")
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM trials").fetchone()
        writer.record(whole_trial(3, writer.log.plan.stage))
        with pytest.raises(StudyWriteError, match="another program keeps the file locked"):
            writer.commit()
        reader.close()
        writer.commit()
    with open_study(path) as file:
        assert len(file.history) == 3


def test_a_writer_whose_role_was_taken_over_writes_nothing_over_the_other(path: Path) -> None:
    slow = open_study(path)
    slow._writer._let_go()
    with open_study(path) as fast:
        assert fast.read_only_reason is None
        add_trials(fast, range(3, 5))
    slow.record(whole_trial(3, slow.log.plan.stage))
    with pytest.raises(StudyWriteError, match="another window has changed the study"):
        slow.commit()
    with pytest.raises(StudyWriteError):
        slow.close()
    with open_study(path) as file:
        assert len(file.history) == 4


@pytest.mark.parametrize("marked", ["file", "folder"])
def test_a_read_only_place_gives_a_viewer_and_nothing_is_written(path: Path, marked: str) -> None:
    before = bytes_of(path.parent)
    what = path if marked == "file" else path.parent
    mode = what.stat().st_mode
    what.chmod(mode & ~0o222)
    try:
        with open_study(path) as file:
            assert file.read_only_reason in ("the file is read-only", "its folder is read-only")
            assert len(file.history) == 2
            with pytest.raises(StudyWriteError, match="read-only"):
                file.save_log(file.log)
        assert bytes_of(path.parent) == before
    finally:
        what.chmod(mode)


def test_somebody_who_may_not_write_there_gets_a_viewer(others: list[Other]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        path = make_study(folder / "digits.tuner", 2)
        if path.stat().st_uid != 0:
            path.chmod(0o444)
        others.append(Other("look", path))
        assert others[0].lines() == ["the file is read-only", "2"]
    finally:
        shutil.rmtree(folder)


def test_asking_for_a_viewer_writes_nothing_and_leaves_the_writer_role_free(path: Path) -> None:
    before = bytes_of(path.parent)
    with open_study(path, read_only=True) as viewer:
        assert viewer.read_only_reason == "it was opened for reading only"
        assert bytes_of(path.parent) == before
        with open_study(path) as writer:
            assert writer.read_only_reason is None


def test_a_viewer_shows_an_interrupted_trial_without_writing_it(path: Path) -> None:
    with open_study(path) as writer:
        writer.record(whole_trial(3, writer.log.plan.stage)[:2])
    before = bytes_of(path.parent)
    with open_study(path, read_only=True) as viewer:
        assert viewer.history.trial(3).state is TrialState.CANCELLED
    assert bytes_of(path.parent) == before


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """A study as a crash in the middle of a commit leaves it: half of it written, with a journal to undo that."""
    source = make_study(tmp_path / "source.tuner", 60)
    connection = sqlite3.connect(source, isolation_level=None)
    connection.execute("PRAGMA cache_size=4")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE curves SET data = zeroblob(4000)")
    folder = tmp_path / "copy"
    folder.mkdir()
    for suffix in ("", "-journal"):
        shutil.copy(f"{source}{suffix}", folder / f"digits.tuner{suffix}")
    connection.close()
    assert (folder / "digits.tuner-journal").stat().st_size > 0
    return folder / "digits.tuner"


@pytest.mark.parametrize("read_only", [False, True])
def test_a_commit_that_a_crash_cut_off_is_undone_at_the_next_opening(cut_off: Path, read_only: bool) -> None:
    with open_study(cut_off, read_only=read_only) as file:
        assert [file.history.epochs(number) for number in range(1, 61)] == [3] * 60


def test_a_cut_off_commit_in_a_read_only_place_is_said_in_words(cut_off: Path) -> None:
    before = bytes_of(cut_off.parent)
    cut_off.parent.chmod(0o555)
    try:
        with pytest.raises(
            StudyFileError, match="-journal beside it can be rolled back only where both can be written"
        ):
            open_study(cut_off)
        assert bytes_of(cut_off.parent) == before
    finally:
        cut_off.parent.chmod(0o755)


def test_a_new_study_belongs_to_who_made_it(tmp_path: Path, others: list[Other]) -> None:
    with create(tmp_path / "new.tuner", new_definition("wine")) as file:
        others.append(Other("hold", file.path))
        assert others[0].line() == ANOTHER_WINDOW
