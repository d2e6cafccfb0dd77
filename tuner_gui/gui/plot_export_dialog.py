"""How a plot shall leave: as pixels of which size or as shapes, in which colours; with a look at what it will be."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tuner_gui.exports.writing import place_for
from tuner_gui.gui import settings
from tuner_gui.gui.parts.fields import QuietComboBox
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.pictures.painted import DPI, image_of, mime_of, png_of, svg_of
from tuner_gui.gui.pictures.picture import Picture
from tuner_gui.gui.telling import proposed, save_into, tell
from tuner_gui.gui.theme import LIGHT, Theme, current_theme

SCREEN_KEY, FORMAT_KEY, SIZE_KEY, CAPTION_KEY = "plots/colours", "plots/format", "plots/size", "plots/caption"
PREVIEW = QSize(620, 420)
SIZES = (1, 2, 3)
NARROWEST, WIDEST = 100, 8_000


def theme_of(*, as_on_screen: bool) -> Theme:
    """Light for paper, whatever the window shows, unless that is asked for."""
    return current_theme() if as_on_screen else LIGHT


class PlotExportDialog(QDialog):
    """Shows the plot as it was when this was opened; what is chosen is remembered."""

    def __init__(self, picture: Picture, study: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture, self._study = picture, study
        self.setWindowTitle("Export this plot")
        self.preview = QLabel()
        self.preview.setAccessibleName(f"Preview: {picture.title}")
        self.form_box, self.size_box = QuietComboBox("Format"), QuietComboBox("Size")
        self.pixels = QSpinBox()
        self.colors = QuietComboBox("Colours")
        self.caption = QCheckBox("Line with study, trials and date")
        self.words = ToneLabel("secondary_text", wrap=True)
        self._fill()
        self._lay_out()
        for box in (self.form_box, self.size_box, self.colors):
            box.currentIndexChanged.connect(self._update)
        self.pixels.valueChanged.connect(self._update)
        self.caption.toggled.connect(self._update)
        self._update()

    def _fill(self) -> None:
        width, height = self._picture.size
        self.form_box.addItems(["PNG, pixels", "SVG, shapes and text"])
        self.size_box.addItems([f"{scale}×  ({scale * width:,} × {scale * height:,} pixels)" for scale in SIZES])
        self.size_box.addItem("By width")
        self.pixels.setRange(NARROWEST, WIDEST)
        self.pixels.setGroupSeparatorShown(True)
        self.pixels.setSuffix(" pixels wide")
        self.pixels.setValue(2 * width)
        self.pixels.setAccessibleName("Width in pixels")
        self.colors.addItems(["Light, for paper", "As on the screen"])
        self.form_box.setCurrentIndex(settings.load_choice(FORMAT_KEY, "png") == "svg")
        self.size_box.setCurrentIndex(int(settings.load_choice(SIZE_KEY, "1")))
        self.colors.setCurrentIndex(settings.load_choice(SCREEN_KEY, "light") == "screen")
        self.caption.setChecked(settings.load_choice(CAPTION_KEY, "on") == "on")

    def _lay_out(self) -> None:
        size = QHBoxLayout()
        size.addWidget(self.size_box, 1)
        size.addWidget(self.pixels)
        form = QFormLayout()
        form.addRow("Format", self.form_box)
        form.addRow("Size", size)
        form.addRow("Colours", self.colors)
        form.addRow("Caption", self.caption)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save_button = self.buttons.addButton("Save as…", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button = self.buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        for button in (self.copy_button, self.buttons.button(QDialogButtonBox.StandardButton.Close)):
            button.setAutoDefault(False)
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.ask_path)
        self.copy_button.clicked.connect(self._copy)
        self.buttons.rejected.connect(self.reject)
        page = QVBoxLayout(self)
        page.setSpacing(10)
        page.addWidget(self.preview, alignment=Qt.AlignmentFlag.AlignHCenter)
        page.addLayout(form)
        page.addWidget(self.words)
        page.addWidget(self.buttons)

    # --- what is chosen ---

    @property
    def is_svg(self) -> bool:
        return self.form_box.currentIndex() == 1

    @property
    def factor(self) -> float:
        """How many pixels of the picture make one of the layout's."""
        index = self.size_box.currentIndex()
        return float(SIZES[index]) if index < len(SIZES) else self.pixels.value() / self._picture.size[0]

    @property
    def theme(self) -> Theme:
        return theme_of(as_on_screen=self.colors.currentIndex() == 1)

    @Slot()
    def _update(self) -> None:
        self._remember()
        self.size_box.setEnabled(not self.is_svg)
        self.pixels.setVisible(self.size_box.currentIndex() == len(SIZES))
        self.pixels.setEnabled(not self.is_svg)
        inches = self._picture.size[0] / DPI
        dots = "" if self.is_svg else f", {DPI * self.factor:.0f} dots per inch"
        self.words.setText(f"{inches:.2g} inches wide on paper{dots}; letters of 9 to 10 points.")
        self._show_preview()

    def _remember(self) -> None:
        settings.save_choice(FORMAT_KEY, "svg" if self.is_svg else "png")
        settings.save_choice(SIZE_KEY, str(self.size_box.currentIndex()))
        settings.save_choice(SCREEN_KEY, "screen" if self.colors.currentIndex() == 1 else "light")
        settings.save_choice(CAPTION_KEY, "on" if self.caption.isChecked() else "off")

    def _show_preview(self) -> None:
        """As large as it fits, at most in the size of the layout."""
        width, height = self._picture.size
        fits = min(PREVIEW.width() / width, PREVIEW.height() / height, 1.0)
        ratio = self.devicePixelRatioF()
        image = image_of(self._picture, self.theme, fits * ratio, caption=self.caption.isChecked())
        shown = QPixmap.fromImage(image)
        shown.setDevicePixelRatio(ratio)
        self.preview.setPixmap(shown)

    # --- out ---

    @Slot()
    def ask_path(self) -> None:
        """Ask where to put it; it is written once that is answered."""
        suffix = ".svg" if self.is_svg else ".png"
        path = proposed(self._study, self._picture.name, suffix)
        dialog = QFileDialog(self, "Export this plot", str(path))
        dialog.setNameFilter(f"Scalable vector graphics (*{suffix})" if self.is_svg else f"PNG picture (*{suffix})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    @Slot(str)
    def save(self, path: str) -> None:
        """Write it, and close; where that cannot be, say why and stay."""
        what = f"{self._picture.name}, {'SVG' if self.is_svg else 'PNG'}"
        if save_into(self, Path(path), partial(_write, self._content()), what):
            self.accept()

    def _content(self) -> bytes:
        with_caption = self.caption.isChecked()
        if self.is_svg:
            return svg_of(self._picture, self.theme, caption=with_caption)
        return png_of(image_of(self._picture, self.theme, self.factor, caption=with_caption))

    @Slot()
    def _copy(self) -> None:
        found = mime_of(self._picture, self.theme, self.factor, caption=self.caption.isChecked())
        QGuiApplication.clipboard().setMimeData(found)
        tell(self, "Copied the plot as PNG and SVG")


def _write(content: bytes, path: Path) -> None:
    with place_for(path) as place:
        place.write_bytes(content)
