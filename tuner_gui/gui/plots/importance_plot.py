"""What matters, as bars: the measured importance of each parameter with its spread, beside the textbook's tier."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tuner_gui.gui.pictures.table import PlotTable
from tuner_gui.gui.pictures.tables import importance_table
from tuner_gui.gui.plots.canvas import BADGE_FONT
from tuner_gui.gui.plots.strokes import paint_pill, pill_width, scaled_font
from tuner_gui.gui.theme import current_theme
from tuner_gui.search.importance import Importances, ParameterImportance, rank_words
from tuner_gui.search.refine import format_share

ROW = 44.0
LEFT = 14.0
BAR = 12.0


class ImportancePlot(QWidget):
    """One row for each parameter, the most important first: name and tier, a bar with a whisker from the lowest to the
    highest share of 9 in 10 resamples, and the sentence that the numbers allow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = Importances((), (), 0)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Importance of each parameter")

    def show_importances(self, importances: Importances) -> None:
        self._shown = importances
        self.setAccessibleDescription("; ".join(self.sentences()))
        self.setMinimumHeight(round(ROW * len(importances.parameters) + 8))
        self.updateGeometry()
        self.update()

    @property
    def shown(self) -> Importances:
        return self._shown

    def numbers(self) -> PlotTable | None:
        """None before anything is measured."""
        return None if not self._shown.parameters else importance_table(self._shown)

    def sentences(self) -> list[str]:
        """The numbers behind the bars, in words."""
        count = len(self._shown.parameters)
        return [rank_words(parameter, count) for parameter in self._shown.parameters]

    def sizeHint(self) -> QSize:
        return QSize(480, round(ROW * max(len(self._shown.parameters), 3) + 8))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        names, top = self._name_width(), 4.0
        for parameter, words in zip(self._shown.parameters, self.sentences(), strict=True):
            self._paint_row(painter, parameter, words, names, top)
            top += ROW
        painter.end()

    def _name_width(self) -> float:
        bold, badge = QFontMetricsF(self._bold), scaled_font(self.font(), BADGE_FONT)
        return max(
            (
                bold.horizontalAdvance(parameter.name) + 8 + pill_width(_tier_words(parameter), badge)
                for parameter in self._shown.parameters
            ),
            default=0.0,
        )

    @property
    def _bold(self) -> QFont:
        return scaled_font(self.font(), 1.0, bold=True)

    def _paint_row(
        self, painter: QPainter, parameter: ParameterImportance, words: str, names: float, top: float
    ) -> None:
        theme, metrics = current_theme(), QFontMetricsF(self._bold)
        painter.setFont(self._bold)
        painter.setPen(theme.color("text"))
        base = top + metrics.ascent() + 1
        painter.drawText(QPointF(LEFT, base), parameter.name)
        self._paint_tier(painter, parameter, LEFT + metrics.horizontalAdvance(parameter.name) + 8, top)
        left, right = LEFT + names + 14, self.width() - 70.0
        self._paint_bar(painter, parameter, left, max(right - left, 40.0), top + metrics.height() / 2)
        painter.setFont(scaled_font(self.font(), 0.92))
        painter.setPen(theme.color("secondary_text"))
        room = self.width() - LEFT - 8
        small = QFontMetricsF(painter.font())
        text = small.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(LEFT, base + small.height() + 1), text)

    def _paint_tier(self, painter: QPainter, parameter: ParameterImportance, left: float, top: float) -> None:
        theme, font = current_theme(), scaled_font(self.font(), BADGE_FONT)
        words, height = _tier_words(parameter), QFontMetricsF(scaled_font(self.font(), BADGE_FONT)).height() + 2
        area = QRectF(round(left), round(top + 1), pill_width(words, font), round(height))
        paint_pill(
            painter, area, words, font=font, ground=theme.color("panel"), border=theme.color("grid"),
            ink=theme.color("secondary_text"),
        )  # fmt: skip

    def _paint_bar(
        self, painter: QPainter, parameter: ParameterImportance, left: float, room: float, middle: float
    ) -> None:
        """All bars have the same scale: the whole width is a share of 1."""
        theme = current_theme()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("grid", 0.5))
        painter.drawRoundedRect(QRectF(left, middle - BAR / 2, room, BAR), 3, 3)
        painter.setBrush(theme.color("region", 0.85))
        painter.drawRoundedRect(QRectF(left, middle - BAR / 2, max(room * parameter.share, 2.0), BAR), 3, 3)
        low, high = left + room * parameter.low, left + room * parameter.high
        painter.setPen(QPen(theme.color("text"), 1.4))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for end in (low, high):
            painter.drawLine(QPointF(end, middle - 4), QPointF(end, middle + 4))
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        painter.drawText(QPointF(left + room + 8, middle + metrics.capHeight() / 2), format_share(parameter.share))


def _tier_words(parameter: ParameterImportance) -> str:
    return f"tier {parameter.tier}" if parameter.tier is not None else "no tier"
