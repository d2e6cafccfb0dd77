"""The line under the plots: what the pending region keeps, and the two ways out of it; or where to begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from tuner_gui.gui.actions import Actions
from tuner_gui.gui.plots.strokes import scaled_font
from tuner_gui.gui.store import Store
from tuner_gui.gui.theme import current_theme
from tuner_gui.search.refine import Keeps, format_share, trials_inside
from tuner_gui.space.region import volume

DRAG_HINT = "Drag across a plot to choose where the next trials are drawn"
VIEWER_HINT = "Drag across a plot to see how many trials lie there"
# A region with fewer trials says little about what lies in it.
FEWEST_INSIDE = 8
MARGIN, GAP = 12, 14


def warning(store: Store) -> str:
    """What speaks against applying the pending region; empty if nothing does."""
    if store.pending is None or not len(store.history):
        return ""
    return _against(store, trials_inside(store.plan.space, store.pending, store.history))


def _against(store: Store, inside: NDArray[np.bool_]) -> str:
    history = store.history
    best = history.best(store.plan.definition.objective)
    if best is not None and not inside[best.number - 1]:
        return f"the best trial, #{best.number}, is outside"
    count = int(inside.sum())
    if count < FEWEST_INSIDE <= len(history):
        return (
            "no trial lies inside"
            if not count
            else f"only {count} {'trial lies' if count == 1 else 'trials lie'} inside"
        )
    return ""


class ExploreFooter(QWidget):
    """Amber while a region is pending, otherwise a hint. Height never changes, so nothing jumps."""

    def __init__(self, store: Store, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        # A connection to a bound method does not keep its object alive.
        self._actions = actions
        self._hint = DRAG_HINT
        self._parts: list[tuple[str, str, bool]] = []
        self.apply_button = QPushButton("Apply  Enter", self)
        self.drop_button = QPushButton("Drop  Esc", self)
        self._arrange()
        self.apply_button.clicked.connect(actions.apply_pending)
        self.drop_button.clicked.connect(actions.drop_pending)
        store.pending_changed.connect(self.refresh)
        store.plan_changed.connect(self.refresh)
        store.history_paced.connect(self._history_changed)
        store.status_changed.connect(self.refresh)
        self.refresh()

    def _arrange(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(MARGIN, 4, MARGIN, 4)
        line.setSpacing(6)
        line.addStretch(1)
        for button, name in (
            (self.apply_button, "Apply the pending region"),
            (self.drop_button, "Drop the pending region"),
        ):
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.setAutoDefault(False)
            line.addWidget(button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Region")
        self._color_apply()

    @property
    def text(self) -> str:
        """All that is said, in one line."""
        return " · ".join(text for text, _, _ in self._parts)

    def set_hint(self, hint: str) -> None:
        """What to do here while nothing is pending."""
        self._hint = hint
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        pending = self._store.pending is not None
        self.apply_button.setVisible(pending)
        self.drop_button.setVisible(pending)
        read_only = self._store.status.read_only
        self.apply_button.setEnabled(read_only is None)
        self.apply_button.setToolTip(read_only or "Draw the next trials from this region")
        self._parts = self._pending_parts() if pending else self._idle_parts()
        self.setAccessibleDescription(self.text)
        self.setToolTip(self.text)
        self.update()

    @Slot()
    def _history_changed(self) -> None:
        if self._store.pending is not None and self.isVisible():
            self.refresh()

    def _pending_parts(self) -> list[tuple[str, str, bool]]:
        """Texts with the colours' roles and whether they are bold."""
        assert self._store.pending is not None  # noqa: S101 - asked by the caller
        space, history = self._store.plan.space, self._store.history
        # Looked up once for both sentences: it is asked for ten times a second while trials arrive.
        inside = trials_inside(space, self._store.pending, history)
        kept = Keeps(int(inside.sum()), len(history), volume(space, self._store.pending))
        words = str(kept) if kept.total else f"{format_share(kept.volume)} of the volume"
        parts = [(words, "text", True)]
        against = _against(self._store, inside) if kept.total else ""
        if against:
            parts.append((f"⚠ {against}", "warning", True))
        if self._store.pending_note:
            parts.append((self._store.pending_note, "secondary_text", False))
        return parts

    def _idle_parts(self) -> list[tuple[str, str, bool]]:
        plan = self._store.plan
        share = volume(plan.space, plan.region)
        viewer = self._hint == DRAG_HINT and self._store.status.read_only is not None
        parts = [(VIEWER_HINT if viewer else self._hint, "secondary_text", False)]
        if share < 1 - 1e-9:
            parts.insert(0, (f"Stage {plan.current}: {format_share(share)} of the volume", "region", True))
        return parts

    # --- painting ---

    def sizeHint(self) -> QSize:
        return QSize(300, max(self.apply_button.sizeHint().height() + 8, 34))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._color_apply()
            self.update()

    def _color_apply(self) -> None:
        """Apply is the one thing to do here, so it has the colour of what is pending."""
        theme = current_theme()
        ground, ink = (theme.pending, theme.background) if theme.dark else (theme.warning, "#ffffff")
        self.apply_button.setStyleSheet(
            f"QPushButton {{ background: {ground}; color: {ink}; border: 0; border-radius: 4px; padding: 4px 12px;"
            " font-weight: 600; }"
            f"QPushButton:hover, QPushButton:focus {{ background: {theme.pending}; color: {ink}; }}"
            f"QPushButton:disabled {{ background: {theme.muted}; color: {theme.panel}; }}"
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("background"))
        pending = self._store.pending is not None
        if pending:
            painter.fillRect(self.rect(), theme.color("pending", 0.14))
            painter.fillRect(0, 0, 4, self.height(), theme.color("pending"))
        painter.setPen(QPen(theme.color("pending" if pending else "grid"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        room = (self.apply_button.x() if pending else self.width()) - MARGIN - 4.0
        left = float(MARGIN)
        for text, role, bold in self._parts:
            left = self._paint_part(painter, left, room, text, theme.color(role), bold=bold)
        painter.end()

    def _paint_part(
        self, painter: QPainter, left: float, room: float, text: str, color: QColor, *, bold: bool
    ) -> float:
        """One text, shortened where the room ends. Returns where the next one begins."""
        font = scaled_font(self.font(), 1.0, bold=bold)
        metrics = QFontMetricsF(font)
        if room - left < 30:
            return left
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room - left)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(int(left), round((self.height() + metrics.capHeight()) / 2), shown)
        return left + metrics.horizontalAdvance(shown) + GAP
