"""A whole window in a process of its own that searches without an end and writes down what it shows as saved."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import fake_trainer
from PySide6.QtWidgets import QApplication

from tuner_gui.engines.local import LocalEngine
from tuner_gui.gui.main_window import MainWindow
from tuner_gui.study.definition import new_definition
from tuner_gui.study.events import Event, Saved, TrialEnded


def acknowledge(events: Sequence[Event]) -> None:
    """A line for each trial that the window shows as over, which is also a promise that it is on the disk."""
    for event in events:
        if isinstance(event, TrialEnded):
            print(f"over {event.trial}", flush=True)
        elif isinstance(event, Saved):
            print("saved", flush=True)


def main() -> None:
    app = QApplication([])
    target = {} if sys.argv[2:] == ["tensorflow"] else {"target": fake_trainer.main}
    window = MainWindow(engine=partial(LocalEngine, **target))
    window.show()
    path = Path(sys.argv[1])
    window.open_study(path, None if path.exists() else new_definition("wine"))

    def search() -> None:
        document = window.document
        assert document is not None
        document.received.connect(acknowledge)
        document.actions.run(trials=None)
        print("searching", flush=True)

    window.study_opened.connect(search)
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
