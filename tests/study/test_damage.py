"""No study, a damaged one, or one of a newer version: said in words, never a crash, never overwritten."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from study_files import make_study

from tuner_gui.study.errors import StudyDamagedError, StudyFileError
from tuner_gui.study.file import open_study
from tuner_gui.study.salvage import Report, examine
from tuner_gui.study.schema import MAJOR, MINOR

FUZZED = 120


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 60 trials. Not to be changed."""
    return make_study(tmp_path_factory.mktemp("sound") / "digits.tuner", 60)


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "digits.tuner"))


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys=OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def refusal(path: Path) -> str:
    with pytest.raises(StudyFileError) as caught:
        open_study(path)
    return str(caught.value)


def _text(path: Path) -> None:
    path.write_text("name,value\nlearning_rate,0.1\n" * 40)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _missing(path: Path) -> None:
    path.unlink()


def _other_database(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE songs (name TEXT)")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text, "this is not a study"),
        (_empty, "this file is empty"),
        (_folder, "this is a folder"),
        (_missing, "there is no such file"),
        (_other_database, "a database of another program"),
    ],
)
def test_what_is_no_study_is_said_in_words_and_left_alone(path: Path, make: Callable[[Path], None], words: str) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    assert words in refusal(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert {file.name for file in path.parent.iterdir()} <= {"digits.tuner"}


def test_a_study_of_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    change(path, f"PRAGMA user_version={(MAJOR + 1) << 16 | 3}", "CREATE TABLE things (a)")
    before = path.read_bytes()
    said = refusal(path)
    assert f"newer version of the program (file format {MAJOR + 1}.3, this version reads up to {MAJOR})" in said
    assert path.read_bytes() == before


def test_a_study_with_additions_of_a_newer_minor_version_opens(path: Path) -> None:
    change(
        path,
        f"PRAGMA user_version={MAJOR << 16 | MINOR + 5}",
        "CREATE TABLE things (a)",
        "ALTER TABLE trials ADD COLUMN lineage TEXT",
    )
    with open_study(path) as file:
        assert len(file.history) == 60


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP TABLE endings", "the table endings is missing"),
        ("DELETE FROM trials WHERE number = 17", "trial 17: trial 17 is missing"),
        ("UPDATE trials SET parameters = '{' WHERE number = 5", "trial 5"),
        ("UPDATE trials SET parameters = '[1, 2]' WHERE number = 5", "trial 5: its values are not plain"),
        ("UPDATE trials SET seed = 'x' WHERE number = 5", "trial 5"),
        ("UPDATE trials SET parameters = x'c328' WHERE number = 5", "trial 5"),
        ("UPDATE trials SET parameters = CAST(x'c328' AS TEXT) WHERE number = 5", "UTF-8"),
        ("UPDATE endings SET state = 'running' WHERE trial = 6", "trial 6"),
        ("UPDATE endings SET value = 'good' WHERE trial = 6", "trial 6"),
        ("UPDATE curves SET data = x'0102' WHERE trial = 7", "the curves of trial 7"),
        ("UPDATE curves SET epochs = 0 WHERE trial = 7", "the curves of trial 7"),
        ("UPDATE curves SET epochs = -1 WHERE trial = 7", "the curves of trial 7"),
        ("UPDATE curves SET first_epoch = 2 WHERE trial = 7", "the curves of trial 7: epoch 1 is missing"),
        ("UPDATE curves SET trial = 61 WHERE trial = 60", "the curves of trial 61"),
        ("UPDATE curves SET trial = 0 WHERE trial = 60", "the curves of trial 0"),
        ("DELETE FROM metric_names WHERE place = 1", "the names of the metrics are incomplete"),
        ("DELETE FROM metric_names WHERE place = 3", "4 metrics where 3 are named"),
        ("DELETE FROM stages", "stage 1 is missing"),
        ("UPDATE stages SET stage = replace(stage, '\"number\":1', '\"number\":2')", "stage 1"),
        ("DELETE FROM edits", "the list of edits is empty: no edit"),
        ("UPDATE edits SET plan = replace(plan, 'learning_rate', 'lerning_rate')", "did you mean learning_rate?"),
        ("UPDATE edits SET id = 4", "edit 4: out of order"),
        ("UPDATE meta SET value = '7' WHERE key = 'position'", "no such edit"),
        ("DELETE FROM meta", "the position in the list of edits"),
        ("INSERT INTO notes (trial, at, text) VALUES (99, '', '')", "what is noted on trial 99"),
        ("INSERT INTO final_figures (trial, at, metrics) VALUES (1, '', '[]')", "what is noted on trial 1"),
        ("CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END", "SQL programs"),
        ("CREATE VIEW v AS SELECT 1", "SQL programs"),
    ],
)
def test_content_that_makes_no_sense_is_refused_with_its_place(path: Path, statement: str, words: str) -> None:
    change(path, statement)
    before = path.read_bytes()
    with pytest.raises(StudyDamagedError) as caught:
        open_study(path)
    assert words in str(caught.value)
    assert path.read_bytes() == before


def test_a_nest_too_deep_to_read_is_damage(path: Path) -> None:
    change(path, "UPDATE trials SET parameters = replace(hex(zeroblob(50000)), '0', '[') WHERE number = 3")
    assert "trial 3" in refusal(path)


def test_a_study_cut_short_is_refused_and_what_is_left_of_it_is_counted(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 8 // 10 // 4096 * 4096])
    assert "damaged" in refusal(path)
    report = examine(path)
    assert "its end is cut off" in report.problems[0]
    found = {finding.what: (finding.readable, finding.total) for finding in report.findings}
    assert 10 < found["trials"][0] < 60
    assert found["edits"] == (1, 1)


def damage(data: bytearray, dice: random.Random) -> bytes:
    """Flip some bits, overwrite a stretch with noise or with another part, or cut the end off."""
    kind = dice.randrange(4)
    at = dice.randrange(len(data))
    if kind == 0:
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == 1:
        length = dice.randrange(1, 2000)
        data[at : at + length] = dice.randbytes(min(length, len(data) - at))
    elif kind == 2:
        page, other = (dice.randrange(len(data) // 4096) * 4096 for _ in range(2))
        data[page : page + 4096] = data[other : other + 4096]
    else:
        del data[at:]
    return bytes(data)


def opened(path: Path) -> bool:
    """Whether the file opens. Anything but a refusal in words fails the test."""
    try:
        with open_study(path) as file:
            return len(file.history.value_column) == len(file.history)
    except StudyFileError:
        return False


def examined(path: Path) -> Report | None:
    try:
        return examine(path)
    except StudyFileError:
        return None


def test_a_damaged_file_opens_or_is_refused_in_words_and_never_crashes(sound: Path, tmp_path: Path) -> None:
    whole = sound.read_bytes()
    dice = random.Random(20)
    whole_enough = 0
    for number in range(FUZZED):
        path = tmp_path / f"{number}.tuner"
        path.write_bytes(damage(bytearray(whole), dice))
        report = examined(path)
        if opened(path):
            whole_enough += 1
        else:
            assert report is None or not report.is_whole, f"case {number}"
        path.unlink(missing_ok=True)
    assert 0 < whole_enough < FUZZED / 2


def test_a_whole_study_is_found_whole_with_its_counts(path: Path) -> None:
    report = examine(path)
    assert report.is_whole
    found = {finding.what: (finding.readable, finding.total) for finding in report.findings}
    assert found["trials"] == (60, 60)
    assert found["pieces of learning curves"] == (60, 60)
    assert (found["edits"], found["stages"]) == ((1, 1), (1, 1))


def test_what_can_still_be_read_is_counted_apart_from_what_is_lost(path: Path) -> None:
    change(
        path,
        "UPDATE trials SET parameters = '{' WHERE number IN (5, 6)",
        "UPDATE curves SET data = x'00' WHERE trial = 7",
        "DELETE FROM endings WHERE trial = 60",
    )
    report = examine(path)
    found = {finding.what: (finding.readable, finding.total) for finding in report.findings}
    assert found["trials"] == (58, 60)
    assert found["pieces of learning curves"] == (59, 60)
    assert any("trial 5" in problem for problem in report.problems)
    assert report.remarks == ("1 trial has no ending: still training, or the program ended meanwhile",)
