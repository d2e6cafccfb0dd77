"""``tuner-gui export``: a study, or a trial of it, in a form that other programs read."""

from __future__ import annotations

import argparse

from tuner_gui.commands.errors import DONE, CommandFailedError, UsageError
from tuner_gui.study.file import open_study


def export(options: argparse.Namespace) -> int:
    from tuner_gui.exports import forms
    from tuner_gui.exports.errors import ExportError, ExportUsageError

    with open_study(options.study, read_only=True) as file:
        try:
            print(forms.export(file, options.to, options.out, trial=options.trial))
        except ExportUsageError as error:
            raise UsageError(str(error)) from error
        except ExportError as error:
            raise CommandFailedError(str(error)) from error
    return DONE
