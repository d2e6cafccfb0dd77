"""What a fresh machine gets: the README's commands, and the system libraries that Qt needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEBIAN_QT = ROOT / "packaging" / "debian-qt.sh"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are shell scripts")


class FakeDebian:
    """Commands that stand for a system: some packages are installed, and apt-get only notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.commands = folder / "bin"
        self.commands.mkdir()
        self.notes = folder / "notes"
        for tool in ("sh", "grep", "env", "echo"):
            found = shutil.which(tool)
            assert found is not None
            (self.commands / tool).symlink_to(found)

    def add(self, name: str, script: str) -> None:
        file = self.commands / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def with_packages(self, *, missing: str = "", user: int = 0) -> FakeDebian:
        self.add("dpkg", f'case " {missing} " in *" ${{2%t64}} "*) exit 1;; esac; echo "Status: install ok installed"')
        self.add("apt-get", f'echo "apt-get $*" >> {self.notes}')
        self.add("id", f"echo {user}")
        return self

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", DEBIAN_QT, *arguments], env={"PATH": str(self.commands)}, capture_output=True, text=True, check=False
        )

    def told(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@pytest.fixture
def debian(tmp_path: Path) -> FakeDebian:
    return FakeDebian(tmp_path)


def test_where_all_libraries_are_there_nothing_is_installed(debian: FakeDebian) -> None:
    done = debian.with_packages().run()
    assert (done.returncode, debian.told()) == (0, [])
    assert done.stdout == "debian-qt.sh: every library that Qt needs is installed\n"


def test_what_is_missing_is_installed_after_the_lists_were_brought_up_to_date(debian: FakeDebian) -> None:
    done = debian.with_packages(missing="libegl1 libxcb-cursor0").run()
    assert done.returncode == 0
    assert debian.told() == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends libegl1 libxcb-cursor0",
    ]


def test_a_virtual_screen_is_installed_only_when_asked_for(debian: FakeDebian) -> None:
    assert debian.with_packages(missing="xvfb").run().returncode == 0
    assert debian.told() == []
    assert debian.run("--screen").returncode == 0
    assert debian.told()[-1].endswith("xvfb")


def test_a_person_without_sudo_is_told_what_to_install(debian: FakeDebian) -> None:
    done = debian.with_packages(missing="libegl1", user=1000).run()
    assert (done.returncode, debian.told()) == (1, [])
    assert "apt-get install libegl1" in done.stderr


def test_a_person_with_sudo_uses_it(debian: FakeDebian) -> None:
    debian.with_packages(missing="libegl1", user=1000).add("sudo", f'echo "sudo $1" >> {debian.notes}; exec "$@"')
    assert debian.run().returncode == 0
    assert [line for line in debian.told() if line.startswith("sudo")] == ["sudo apt-get", "sudo env"]


def test_elsewhere_the_libraries_are_named_and_the_next_command_can_go_on(debian: FakeDebian) -> None:
    done = debian.run()
    assert done.returncode == 0
    assert "no apt-get here" in done.stderr
    assert "libxcb-cursor0" in done.stderr


def _readme_command(name: str) -> str:
    readme = (ROOT / "README.md").read_text()
    found = re.search(rf"<!-- {name} -->\n```sh\n(.+?)\n```\n<!-- /{name} -->", readme, re.DOTALL)
    assert found is not None, f"README.md has no command between <!-- {name} --> and <!-- /{name} -->"
    return found[1]


def test_the_checks_run_exactly_the_readmes_test_command(tmp_path: Path) -> None:
    """Their script, in a checkout whose README says something harmless, fails for want of an environment only."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    readme = (ROOT / "README.md").read_text()
    (tmp_path / "README.md").write_text(
        readme.replace(_readme_command("test"), "echo '=== 3 passed in 1s ===' && false")
    )
    done = subprocess.run([tmp_path / ".ci" / "run"], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "README's test command: echo '=== 3 passed in 1s ===' && false" in done.stdout
    assert "README's test command: === 3 passed in 1s ===" in done.stdout.splitlines()
    assert "FAILED: README's test command" in done.stdout.splitlines()
    assert "FAILED: wheel" in done.stdout.splitlines()


def test_the_readmes_commands_name_files_and_extras_that_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    assert "packaging/debian-qt.sh" in _readme_command("test")
    assert DEBIAN_QT.exists()
    assert ".[test]" in _readme_command("test")
    assert "\ntest = [" in project
    assert ".venv/bin/tuner-gui demo" in _readme_command("demo")
    assert 'tuner-gui = "tuner_gui.cli:main"' in project


def test_the_checks_can_be_started() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
