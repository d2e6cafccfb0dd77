"""The tables of a study file, and the numbers in its header by which it is known.

A study file is one SQLite database. What happened is only ever added (stages, trials, endings, curves, notes, final
figures); what a person decided is a list of edits with a position in it; weights are kept of the best trials alone.
Numbers are written as JSON or as little-endian float64; nothing in a file is ever run.
"""

from __future__ import annotations

APPLICATION_ID = 0x54554E45  # "TUNE"

MAJOR = 1
MINOR = 1
"""A newer major version cannot be read by this one; a newer minor one adds what older ones can leave alone."""

USER_VERSION = MAJOR << 16 | MINOR

TABLES = {
    # position: the place (from 0) of the edit that holds; created_at, program: how the file came about.
    "meta": "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # id counts from 1 in the order of the log. plan, as JSON: the definition after the edit (null: as before it), the
    # stages that are new or other than before, the numbers of those that were dropped, and the current stage.
    "edits": "CREATE TABLE edits (id INTEGER PRIMARY KEY, at TEXT NOT NULL, text TEXT NOT NULL, plan TEXT NOT NULL)",
    # A stage as JSON, from when its first trial starts.
    "stages": "CREATE TABLE stages (number INTEGER PRIMARY KEY, at TEXT NOT NULL, stage TEXT NOT NULL)",
    # One row when a trial starts; parameters: the values that were drawn, as JSON.
    "trials": (
        "CREATE TABLE trials (number INTEGER PRIMARY KEY, stage INTEGER NOT NULL REFERENCES stages (number), "
        "parameters TEXT NOT NULL, seed INTEGER NOT NULL, started_at TEXT NOT NULL)"
    ),
    # One row when it ends. A trial without one was still training when the program ended.
    "endings": (
        "CREATE TABLE endings (trial INTEGER PRIMARY KEY REFERENCES trials (number), state TEXT NOT NULL, "
        "value REAL, seconds REAL NOT NULL, reason TEXT)"
    ),
    # The metrics of the curves, in the order of their columns; place counts from 0.
    "metric_names": "CREATE TABLE metric_names (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # Metrics after each epoch: data is float64, little-endian, [epochs x metrics]. A trial has one row for each
    # commit in which it got epochs. Rows from before a metric was first seen are narrower than later ones.
    "curves": (
        "CREATE TABLE curves (id INTEGER PRIMARY KEY, trial INTEGER NOT NULL REFERENCES trials (number), "
        "first_epoch INTEGER NOT NULL, epochs INTEGER NOT NULL, data BLOB NOT NULL)"
    ),
    # Weights of the best finished trials, as npz without objects.
    "weights": "CREATE TABLE weights (trial INTEGER PRIMARY KEY REFERENCES trials (number), npz BLOB NOT NULL)",
    # Where the values of a trial come from that no strategy drew, as JSON. Since 1.1.
    "lineages": ("CREATE TABLE lineages (trial INTEGER PRIMARY KEY REFERENCES trials (number), lineage TEXT NOT NULL)"),
    # The hyperparameters that were not drawn, as JSON: of this trial and all later ones, up to the next row. Since 1.1.
    "fixed": (
        "CREATE TABLE fixed (first_trial INTEGER PRIMARY KEY REFERENCES trials (number), hyperparameters TEXT NOT NULL)"
    ),
    # Metrics on the test part, as JSON; the latest row of a trial counts.
    "final_figures": (
        "CREATE TABLE final_figures (id INTEGER PRIMARY KEY, trial INTEGER NOT NULL REFERENCES trials (number), "
        "at TEXT NOT NULL, metrics TEXT NOT NULL)"
    ),
    # A person's words on a trial; the latest row of a trial is shown.
    "notes": (
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, trial INTEGER NOT NULL REFERENCES trials (number), "
        "at TEXT NOT NULL, text TEXT NOT NULL)"
    ),
}

LATER = ("lineages", "fixed")
"""What files of version 1.0 do not have; they get it when something is written to them."""
