"""File > Export: one entry for each form in which a study leaves, made by the same command as in a terminal."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from tuner_gui.exports.forms import FORMS, Form
from tuner_gui.gui.store import Store
from tuner_gui.worker.errand import Errand

# A line between what holds all trials, one trial, and the whole study for people.
_BREAKS = ("keras", "html")


class ExportActions(QObject):
    """``told`` carries a sentence for the status bar: that an export has begun, and how it ended."""

    told = Signal(str)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._asked: tuple[str, int | None] = ("", None)
        self._group = QActionGroup(self)
        self._group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        for name, form in FORMS.items():
            action = QAction(f"{form.title}…", self._group)
            action.setData(name)
        self._group.triggered.connect(self._on_triggered)

    def fill(self, menu: QMenu) -> None:
        """Put the entries into a menu."""
        for action in self._group.actions():
            if action.data() in _BREAKS:
                menu.addSeparator()
            menu.addAction(action)

    def trial(self) -> int | None:
        """Which trial a model or script would be of: the one that is selected alone; None for the best."""
        selection = self._store.selection
        return selection[0] if len(selection) == 1 else None

    def ask(self, name: str) -> None:
        """Ask where to put it; the export begins once that is answered."""
        form = FORMS[name]
        trial = self.trial() if form.of_trial else None
        self._asked = (name, trial)
        dialog = QFileDialog(self._window(), _title(form, trial), str(self._proposed(form, trial)), _filter(form))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(form.suffixes[0].removeprefix("."))
        # What may not be replaced is refused by the command, in words; Qt would only ask whether to go on.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not form.replaces)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_path_chosen)
        dialog.open()

    def export(self, name: str, path: Path, trial: int | None = None) -> None:
        """Begin an export; ``told`` says how it ends."""
        words = ["export", str(self._store.path), "--to", name, "--out", str(path)]
        errand = Errand([*words, "--trial", str(trial)] if trial is not None else words)
        errand.ended.connect(self._on_ended)
        self.told.emit(f"Exporting {path.name} …")
        errand.start()

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.ask(action.data())

    @Slot(str)
    def _on_path_chosen(self, path: str) -> None:
        name, trial = self._asked
        self.export(name, Path(path), trial)

    @Slot(bool, str)
    def _on_ended(self, done: bool, words: str) -> None:
        self.told.emit(f"Exported {words}" if done else f"Not exported: {words}")

    def _proposed(self, form: Form, trial: int | None) -> Path:
        """Beside the study, with its name."""
        of = f"-{trial}" if trial is not None else ""
        return self._store.path.with_name(f"{self._store.path.stem}{of}{form.suffixes[0]}")

    def _window(self) -> QWidget | None:
        above = self.parent()
        while above is not None and not isinstance(above, QWidget):
            above = above.parent()
        return above


def _title(form: Form, trial: int | None) -> str:
    if not form.of_trial:
        return f"Export: {form.title.lower()}"
    return f"Export: {form.title.lower()}, of {'the best trial' if trial is None else f'trial #{trial}'}"


def _filter(form: Form) -> str:
    return f"{form.title} ({' '.join(f'*{suffix}' for suffix in form.suffixes)})"
