from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tuner_gui.gui.icons import icon, tinted
from tuner_gui.gui.parts.labels import ToneLabel
from tuner_gui.gui.theme import DARK, LIGHT, Theme, apply_theme, choose_scheme, current_theme, palette_of

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("background", "panel", "selection", "button")
ICONS = sorted(path.stem for path in (Path(__file__).parents[2] / "resources" / "icons").glob("*.svg"))


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    before, style = QGuiApplication.palette(), qapp.style().name()
    apply_theme(qapp)
    yield qapp
    choose_scheme(Qt.ColorScheme.Unknown)
    qapp.setStyle(style)
    qapp.setPalette(before)


def color_of(label: QLabel) -> str:
    return label.palette().color(QPalette.ColorRole.WindowText).name()


def luminance(color: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [part / 255 for part in QColor(color).toTuple()[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("role", ["text", "secondary_text", "bad", "warning"])
def test_text_can_be_read_on_every_ground(theme: Theme, ground: str, role: str) -> None:
    assert contrast(getattr(theme, role), getattr(theme, ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("role", ["region", "pending", "selected", "good", "bad"])
def test_lines_and_signs_stand_out(theme: Theme, role: str) -> None:
    assert contrast(getattr(theme, role), theme.background) >= 3
    assert contrast(getattr(theme, role), theme.panel) >= 3


@THEMES
def test_selected_text_and_buttons_can_be_read(theme: Theme) -> None:
    palette, role = palette_of(theme), QPalette.ColorRole
    for text, ground in ((role.HighlightedText, role.Highlight), (role.ButtonText, role.Button)):
        assert contrast(palette.color(text).name(), palette.color(ground).name()) >= 4.5


def test_another_scheme_recolours_what_is_shown_without_a_restart(app: QApplication, qtbot: QtBot) -> None:
    label, plain = ToneLabel("region", "text"), QLabel("text")
    for widget in (label, plain):
        qtbot.addWidget(widget)
    for scheme, theme in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)):
        choose_scheme(scheme)
        assert current_theme() is theme
        qtbot.waitUntil(lambda theme=theme: color_of(label) == theme.region)  # type: ignore[misc]
        assert color_of(plain) == theme.text


def test_applying_the_theme_again_keeps_the_scheme(app: QApplication) -> None:
    choose_scheme(Qt.ColorScheme.Dark)
    apply_theme(app)
    assert len([child for child in app.children() if type(child).__name__ == "_SchemeFollower"]) == 1


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_the_colour_that_was_asked_for(app: QApplication, name: str) -> None:
    image = tinted(name, "#ff0000", 32).toImage()
    drawn = {
        image.pixelColor(x, y).name() for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 250
    }
    assert drawn == {"#ff0000"}


def test_icons_follow_the_theme(app: QApplication) -> None:
    colors = []
    for scheme in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark):
        choose_scheme(scheme)
        colors.append(icon("stop").pixmap(16).toImage().pixelColor(8, 8).name())
    assert colors == [LIGHT.text, DARK.text]
