"""Strategies and pruning rules in words: what each does, and when to take it."""

from __future__ import annotations

from collections.abc import Mapping

STRATEGY_WORDS: Mapping[str, str] = {
    "coarse-to-fine": "First all over the region, then ever more around what did best. The one to begin with.",
    "random": "Every point alike. Shows each parameter at as many values as there are trials; learns nothing.",
    "sobol": "Evenly spread points without gaps or clumps: the best first look at a region. Learns nothing.",
    "grid": "Every combination of a few values. For one or two parameters; with more, most trials tell little.",
    "tpe": "Optuna's TPE: compares where good and bad trials lie. Strong one at a time, slower in large batches.",
    "gp": "A Gaussian process: a smooth surface with its doubt. Strong with few, slow trials and few parameters.",
    "cma-es": "CMA-ES: a cloud that moves and stretches. For numbers without choices, and many trials.",
}

PRUNING_WORDS: Mapping[str, str] = {
    "none": "Every trial is trained to its end.",
    "median": "Gives up what is worse than half of the others were at the same epoch. Careful.",
    "halving": "Successive halving: at a few epochs only the best third goes on. Fast; misses late bloomers.",
}
