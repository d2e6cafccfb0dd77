"""``tuner-gui show``: what a study holds, for people as tables and for programs as JSON."""

from __future__ import annotations

import argparse
import json
import sys

from tuner_gui.study.file import open_study
from tuner_gui.study.summary import summary


def show(options: argparse.Namespace) -> int:
    with open_study(options.study, read_only=True) as file:
        if options.json:
            json.dump(summary(file.log.plan, file.history), sys.stdout, allow_nan=False)
            sys.stdout.write("\n")
            return 0
        from tuner_gui.commands.tables import print_study

        print_study(file)
    return 0
