"""``tuner-gui check``: whether a study file is whole, and what can be read of one that is not."""

from __future__ import annotations

import argparse

from tuner_gui.commands.errors import DONE, FAILED
from tuner_gui.study.salvage import Finding, examine


def check(options: argparse.Namespace) -> int:
    """Prints what was found. Exit code 0: whole, 1: damaged with something left; nothing left is a bad file."""
    report = examine(options.study)
    print(f"{options.study}: {'the file is whole' if report.is_whole else 'the file is damaged'}")
    for problem in report.problems:
        print(f"  {problem}")
    if not report.is_whole:
        print("What can be read:")
    for finding in report.findings:
        print(f"  {_words(finding, damaged=not report.is_whole)}")
    for remark in report.remarks:
        print(f"  {remark}")
    return DONE if report.is_whole else FAILED


def _words(finding: Finding, *, damaged: bool) -> str:
    if not damaged:
        return f"{finding.what}: {finding.readable}"
    of = "an unknown number" if finding.total is None else finding.total
    return f"{finding.what}: {finding.readable} of {of}"
