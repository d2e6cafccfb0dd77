"""What a test must not leave behind: running threads, processes, timers, windows. And proof that a widget is freed.

``watching`` stands around one test. What was there before the test is not its fault; what is new and still alive
after it is named, ended, so that the next test starts clean, and makes the test fail.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import pytest

GRACE_SECONDS = 2.0
"""How long a thread or process that is already on its way out may take."""

_ROOT = str(Path(__file__).parent.parent)
_CHILDREN = Path("/proc/self/task")


class LeakError(AssertionError):
    """A test left something alive; the message names each thing and, where known, the line that started it."""


@contextlib.contextmanager
def watching(*, qt: bool) -> Iterator[None]:
    """Raise LeakError at the end for threads and processes, with ``qt`` also for QThreads, QTimers and windows."""
    with contextlib.ExitStack() as stack:
        watches = [_PythonThreads(), _Processes()]
        if qt:
            patches = stack.enter_context(pytest.MonkeyPatch.context())
            watches = [_QtThreads(patches), _QtTimers(patches), _Windows(), *watches]
        yield
        leaks = [line for watch in watches for line in watch.leaks()]
    if leaks:
        raise LeakError("left behind:\n" + "\n".join(f"  {line}" for line in leaks))


def freed_on_close(factory: Callable[[], Any]) -> None:
    """Show and close the widget that ``factory`` makes; AssertionError unless its last reference goes with it.

    Without the garbage collector: a cycle (a lambda that holds ``self``, mostly) would keep a dialog and all that it
    holds until some later collection, which may run in the wrong thread.
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    gc.collect()
    gc.disable()
    try:
        widget = factory()
        name, alive = type(widget).__name__, weakref.ref(widget)
        widget.show()
        widget.close()
        del widget
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if alive() is not None:
            holders = [repr(holder)[:200] for holder in gc.get_referrers(alive())]
            raise AssertionError(f"{name} is still held after close, by:\n  " + "\n  ".join(holders))
    finally:
        gc.enable()


class _PythonThreads:
    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def leaks(self) -> list[str]:
        new = [t for t in threading.enumerate() if t not in self._before and _must_end(t)]
        for thread in new:
            thread.join(GRACE_SECONDS)
        return [f"thread {t.name!r}, which runs {_where_is(t)}" for t in new if t.is_alive()]


def _must_end(thread: threading.Thread) -> bool:
    """Threads that hold up the exit, and those that run this project's code; not the helpers of a library."""
    if isinstance(thread, threading._DummyThread):  # how Python sees a QThread; it stays listed after its end
        return False
    target = getattr(thread, "_target", None)
    module = getattr(target, "__module__", None) or type(thread).__module__
    return not thread.daemon or module.split(".")[0] in ("tuner_gui", "tests")


def _where_is(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    return _own_line(frame) if frame else "nothing any more"


class _Processes:
    def __init__(self) -> None:
        self._before = _child_ids()

    def leaks(self) -> list[str]:
        if not _child_ids() - self._before:
            return []
        multiprocessing.active_children()  # takes leave of those that have ended
        new = [p for p in psutil.Process().children() if p.pid not in self._before and not _is_helper(p)]
        _, alive = psutil.wait_procs(new, timeout=GRACE_SECONDS)
        leaks = [f"process {p.pid}: {' '.join(_command(p))[:200]}" for p in alive]
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return leaks


def _child_ids() -> set[int]:
    with contextlib.suppress(OSError):
        # A tenth of what psutil takes, which goes through every process of the machine.
        return {int(pid) for task in _CHILDREN.iterdir() for pid in (task / "children").read_text().split()}
    return {process.pid for process in psutil.Process().children()}


def _command(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


def _is_helper(process: psutil.Process) -> bool:
    """multiprocessing starts one process that cleans up after all others and lives as long as this one."""
    return "multiprocessing.resource_tracker" in " ".join(_command(process))


class _Started:
    """Remembers every object on which a method was called, and the line of this project that did it."""

    def __init__(self, patches: pytest.MonkeyPatch, owner: type, method: str) -> None:
        self._seen: dict[int, tuple[weakref.ref[Any], str]] = {}
        original = getattr(owner, method)

        def remember(started: Any, *args: Any) -> Any:
            self._seen[id(started)] = weakref.ref(started), _own_line(sys._getframe(1))
            return original(started, *args)

        patches.setattr(owner, method, remember)

    def alive(self) -> Iterator[tuple[Any, str]]:
        from shiboken6 import isValid

        for reference, where in self._seen.values():
            found = reference()
            if found is not None and isValid(found):
                yield found, where


def _own_line(frame: FrameType) -> str:
    """The innermost line of this project at or above a frame: "tests/x.py:12 in f"."""
    at: FrameType | None = frame
    while at is not None and not _is_own(at.f_code.co_filename):
        at = at.f_back
    at = at or frame
    return f"{at.f_code.co_filename.removeprefix(_ROOT).lstrip('/')}:{at.f_lineno} in {at.f_code.co_name}"


def _is_own(file: str) -> bool:
    return file.startswith(_ROOT) and "site-packages" not in file


class _QtThreads:
    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        from PySide6.QtCore import QThread

        self._started = _Started(patches, QThread, "start")

    def leaks(self) -> list[str]:
        leaks = []
        for thread, where in self._started.alive():
            if thread.isFinished() or thread.wait(100):
                continue
            leaks.append(f"QThread {_name(thread)}, still running, started at {where}")
            thread.requestInterruption()
            thread.quit()
            thread.wait(int(GRACE_SECONDS * 1000))
        return leaks


class _QtTimers:
    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        from PySide6.QtCore import QTimer

        self._started = _Started(patches, QTimer, "start")

    def leaks(self) -> list[str]:
        leaks = []
        for timer, where in self._started.alive():
            if timer.isActive():
                leaks.append(f"QTimer {_name(timer)}, still active, started at {where}")
                timer.stop()
        return leaks


class _Windows:
    def __init__(self) -> None:
        self._before = {id(widget): weakref.ref(widget) for widget in _windows()}

    def leaks(self) -> list[str]:
        if not self._new():
            return []
        gc.collect()  # pyqtgraph's own cycles; freed_on_close is the stricter test for our widgets
        found = self._new()
        leaks = [
            f"{'visible' if w.isVisible() else 'hidden'} window {_name(w)}, title {w.windowTitle()!r}" for w in found
        ]
        for widget in found:
            widget.hide()
            widget.deleteLater()
        _send_deferred_deletes()
        return leaks

    def _new(self) -> list[Any]:
        _send_deferred_deletes()
        old = {key for key, ref in self._before.items() if ref() is not None}
        return [widget for widget in _windows() if id(widget) not in old]


def _windows() -> list[Any]:
    """Top-level widgets, but not those that Qt makes and keeps for itself."""
    from PySide6.QtWidgets import QApplication

    names_of_qt = ("QTipLabel", "QComboBoxPrivateContainer")
    return [w for w in QApplication.topLevelWidgets() if w.metaObject().className() not in names_of_qt]


def _send_deferred_deletes() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _name(thing: Any) -> str:
    return " ".join(word for word in (type(thing).__name__, repr(thing.objectName())) if word != "''")
