"""Tuner: define ranges and scales, search, watch, drag a region, and the running search follows."""

__version__ = "0.1.0"
