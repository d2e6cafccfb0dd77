"""The commands that open the window: ``tuner-gui [STUDY.tuner]`` and ``demo``."""

from __future__ import annotations

import argparse
import sys

from tuner_gui.commands.display import why_no_window
from tuner_gui.commands.errors import CommandFailedError


def window(options: argparse.Namespace) -> int:
    """Open the window on a study, or on the welcome page."""
    if options.study is not None:
        from tuner_gui.study.connection import recognise

        # Said here, it is one message and an exit code; said by the window, it would be a window without a study.
        recognise(options.study)
    reason = why_no_window()
    if reason is not None:
        raise CommandFailedError(reason)
    from tuner_gui.gui.app import run_window

    return run_window(options.study)


def demo(options: argparse.Namespace) -> int:
    """Search in this person's copy of the demo study: in the window, or in the terminal where there is none."""
    reason = why_no_window()
    if reason is None:
        from tuner_gui.gui.app import run_window

        return run_window(demo=True, trials=options.trials)
    from tuner_gui.assets import demo_copy
    from tuner_gui.commands.run import search_in

    path = demo_copy()
    print(f"{reason}\nThe demo goes on in the terminal, in {path}.", file=sys.stderr)
    return search_in(path, trials=options.trials)
