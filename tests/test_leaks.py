"""The guards of the tests themselves: each kind of leak is found, named, and ended."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from leaks import LeakError, freed_on_close, watching
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_test_that_cleans_up_passes() -> None:
    with watching(qt=True):
        thread, timer, widget = QThread(), QTimer(), QWidget()
        thread.start()
        timer.start(1000)
        widget.show()
        thread.quit()
        thread.wait()
        timer.stop()
        widget.close()
        widget.deleteLater()
        del widget


def test_what_was_there_before_is_not_the_fault_of_a_test() -> None:
    window = QWidget()
    window.show()
    with watching(qt=True):
        window.setWindowTitle("from before")
    window.deleteLater()


def test_a_running_qthread_is_named_with_its_line_and_ended() -> None:
    thread = QThread()
    thread.setObjectName("forgotten")
    words = r"QThread 'forgotten', still running, started at tests/test_leaks.py:\d+"
    with pytest.raises(LeakError, match=words), watching(qt=True):
        thread.start()
    assert thread.isFinished()


def test_an_active_timer_is_named_with_its_line_and_stopped() -> None:
    timer = QTimer()
    words = r"QTimer, still active, started at tests/test_leaks.py:\d+"
    with pytest.raises(LeakError, match=words), watching(qt=True):
        timer.start(60_000)
    assert not timer.isActive()


@pytest.mark.parametrize("how", ["visible", "hidden"])
def test_a_window_left_open_or_hidden_is_named_and_deleted(how: str) -> None:
    before = len(QApplication.topLevelWidgets())
    kept = []

    def leave_a_dialog() -> None:
        dialog = QDialog()
        dialog.setWindowTitle("left over")
        dialog.setVisible(how == "visible")
        kept.append(dialog)

    with pytest.raises(LeakError, match=f"{how} window QDialog, title 'left over'"), watching(qt=True):
        leave_a_dialog()
    assert len(QApplication.topLevelWidgets()) == before


def test_a_python_thread_that_holds_up_the_exit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leaks.GRACE_SECONDS", 0.05)
    release = threading.Event()
    thread = threading.Thread(target=release.wait, name="holds up the exit")
    try:
        with pytest.raises(LeakError, match="thread 'holds up the exit'"), watching(qt=False):
            thread.start()
    finally:
        release.set()
        thread.join()


def test_a_child_process_is_named_and_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leaks.GRACE_SECONDS", 0.05)
    with pytest.raises(LeakError, match=r"process \d+: .*input"), watching(qt=False):
        child = subprocess.Popen([sys.executable, "-Sc", "input()"], stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    child.wait(5)
    assert not psutil.pid_exists(child.pid)


def test_a_process_that_is_just_ending_and_the_resource_tracker_are_no_leak() -> None:
    with watching(qt=False):
        process = multiprocessing.get_context("spawn").Process(target=os.getpid)
        process.start()
        process.join()
        process.close()


class _Dialog(QDialog):
    """Closes for good in two ways: with a connection that holds nothing, and with one that holds the dialog."""

    def __init__(self, connect: Callable[[_Dialog, QPushButton], object]) -> None:
        super().__init__()
        button = QPushButton("Close", self)
        connect(self, button)


def _with_a_bound_method(dialog: _Dialog, button: QPushButton) -> object:
    return button.clicked.connect(dialog.reject)


def _with_a_lambda(dialog: _Dialog, button: QPushButton) -> object:
    return button.clicked.connect(lambda: dialog.reject())  # noqa: PLW0108 - the mistake itself


def test_a_dialog_is_freed_on_close_with_bound_methods_and_not_with_a_lambda() -> None:
    freed_on_close(lambda: _Dialog(_with_a_bound_method))
    with pytest.raises(AssertionError, match="_Dialog is still held after close"):
        freed_on_close(lambda: _Dialog(_with_a_lambda))
    for window in QApplication.topLevelWidgets():
        if isinstance(window, _Dialog):
            window.deleteLater()


_LEAKING = """
from PySide6.QtCore import QTimer
kept = []
def test_leaves_a_timer(qapp):
    kept.append(QTimer())
    kept[0].start(60_000)
def test_comes_next(qapp):
    assert not kept[0].isActive()
"""


def test_the_fixture_fails_the_guilty_test_alone(tmp_path: Path) -> None:
    tests = Path(__file__).parent
    (tmp_path / "conftest.py").write_text((tests / "conftest.py").read_text())
    (tmp_path / "test_leaking.py").write_text(_LEAKING)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(tests)}, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 passed, 1 error" in run.stdout
    assert "ERROR test_leaking.py::test_leaves_a_timer" in run.stdout
