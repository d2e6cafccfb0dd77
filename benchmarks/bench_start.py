"""Time to the first painted window, and to a painted study of 10,000 trials, against importing TensorFlow.

Whole commands in turn: python -m benchmarks.bench_start [RUNS]
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.big_study import write_big_study
from benchmarks.measure import IMPORT_TENSORFLOW, interleaved, line, ratio_line, seconds_of

PAINT = [sys.executable, "-m", "benchmarks.first_paint"]


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "big.tuner"
        write_big_study(study, trials=10_000)
        taken = interleaved(
            {
                "tensorflow": partial(seconds_of, IMPORT_TENSORFLOW),
                "window": partial(seconds_of, PAINT),
                "study": partial(seconds_of, [*PAINT, str(study)]),
            },
            runs=runs,
        )
    print(line("import tensorflow", taken["tensorflow"]))
    print(line("first painted window", taken["window"]))
    print(line("window with 10,000 trials × 20 epochs opened and painted", taken["study"]))
    print(ratio_line("first painted window / import tensorflow", taken["window"], taken["tensorflow"], goal=0.4))
    print(
        ratio_line(
            "10,000 trials opened and painted / import tensorflow", taken["study"], taken["tensorflow"], goal=0.5
        )
    )


if __name__ == "__main__":
    main()
