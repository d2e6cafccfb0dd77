"""For every test: no screen, no home of the person's, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from leaks import LeakError, watching

if TYPE_CHECKING:
    from person import Person
    from pytestqt.qtbot import QtBot

hypothesis.settings.register_profile("tuner", max_examples=60, deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("tuner")

_HOMES = {
    "HOME": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--headed", action="store_true", help="show the windows on the screen")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--headed"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patches:
        for variable, folder in _HOMES.items():
            patches.setenv(variable, str(home / folder))
        yield home


@pytest.fixture
def _own_settings(tmp_path: Path) -> None:
    """Qt remembers the folder of its settings from the first use on, whatever the environment says later."""
    from PySide6.QtCore import QSettings

    for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
            QSettings.setPath(kind, scope, str(tmp_path / "settings"))


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    qt = "qapp" in request.fixturenames
    if qt:
        request.getfixturevalue("qapp")
        request.getfixturevalue("_own_settings")
    try:
        with watching(qt=qt):
            yield
    except LeakError as leaked:
        pytest.fail(str(leaked), pytrace=False)


@pytest.fixture
def come(qtbot: QtBot) -> Iterator[Callable[[], Person]]:
    """People at windows of their own, who leave at the end."""
    from person import Person  # it needs Qt, which most tests do without

    people: list[Person] = []

    def arrive() -> Person:
        people.append(Person(qtbot))
        return people[-1]

    yield arrive
    for person in people:
        person.leave()
