"""Data roles that our delegates know, beyond Qt's own."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole

OBJECT_ROLE = Role.UserRole + 1
"""The frozen object behind a row."""
DIMMED_ROLE = Role.UserRole + 2
"""True for a row that does not count right now: a pinned parameter, a trial or stage that was left behind."""
STATE_ROLE = Role.UserRole + 3
"""The TrialState of a row."""
PROGRESS_ROLE = Role.UserRole + 4
"""The share of its epochs that a running trial has done, in [0, 1]."""
BEST_ROLE = Role.UserRole + 5
"""True for the best trial."""
