"""One session over a new study file, told what a test posts: its loop runs in the test's own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fake_engine import FakeEngine

from tuner_gui.search.commands import Close, SetLog
from tuner_gui.search.session import Session
from tuner_gui.space.region import Interval
from tuner_gui.study.definition import SearchSettings, new_definition, with_search
from tuner_gui.study.errors import StudyWriteError
from tuner_gui.study.events import Event, RunEnded, TrialStarted
from tuner_gui.study.file import StudyFile, create, open_study
from tuner_gui.study.stages import refined

React = Callable[["Story", Event], None]


class Disk:
    """A study file that counts its commits, of which the next few may fail."""

    def __init__(self, file: StudyFile) -> None:
        self._file = file
        self.failures = 0
        self.commits = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def commit(self) -> None:
        self.commits += 1
        if self.failures > 0:
            self.failures -= 1
            raise StudyWriteError("the disk is full")
        self._file.commit()


class Story:
    """One session over a new study file: what is posted first, what is posted when, and all that came out.

    It searches at random and repeats nothing, unless ``search`` says otherwise.
    """

    def __init__(
        self, path: Path, engine: FakeEngine, react: React | None = None, seed: int = 0, **search: Any
    ) -> None:
        self.path = path
        self.engine = engine
        settings = SearchSettings(**{"strategy": "random", "confirm": 0.0, **search})
        definition = with_search(new_definition("digits", seed=seed), settings)
        self.file = Disk(open_study(path) if path.exists() else create(path, definition))
        self.events: list[Event] = []
        self._react = react
        self.session = Session(file=self.file, engine=engine, emit=self._on_event)
        self.post = self.session.post

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        if self._react is not None:
            self._react(self, event)

    def play(self, *commands: object, until_run_ends: bool = True) -> list[Event]:
        for command in commands:
            self.post(command)
        if until_run_ends:
            before = self._react
            self._react = lambda story, event: _close_at_end(before, story, event)
        else:
            self.post(Close())
        # A loop that never ends would hang the whole test run.
        guard = threading.Timer(20, self.post, [Close()])
        guard.daemon = True
        guard.start()
        try:
            self.session.serve()
        finally:
            guard.cancel()
            guard.join()
            self.file.close()
        return self.events

    def of(self, *kinds: type) -> list:
        return [event for event in self.events if isinstance(event, kinds)]


def _close_at_end(react: React | None, story: Story, event: Event) -> None:
    if react is not None:
        react(story, event)
    if isinstance(event, RunEnded):
        story.post(Close())


def values_of(story: Story) -> dict[int, dict]:
    return {event.trial: dict(event.values) for event in story.of(TrialStarted)}


def narrowed(file: StudyFile | Disk, low: float, high: float) -> SetLog:
    plan = refined(file.log.plan, file.log.plan.region.replace("learning_rate", Interval(low, high)))
    return SetLog(file.log.done("Narrow", plan))
