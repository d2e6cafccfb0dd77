"""The edits of a study, with undo and redo that survive a restart: a list of plans and a position in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tuner_gui.study.stages import Plan, Stage, with_stages


@dataclass(frozen=True)
class Edit:
    """One step of a person: what it is called ("Narrow learning_rate") and the plan after it."""

    text: str
    plan: Plan


@dataclass(frozen=True)
class EditLog:
    """The edits from the first plan on, and which of them holds. Frozen: every step gives a new log."""

    edits: tuple[Edit, ...]
    position: int = 0

    @property
    def plan(self) -> Plan:
        return self.edits[self.position].plan

    @property
    def undo_text(self) -> str | None:
        """The name of the edit that undo would take back; None if there is none."""
        return self.edits[self.position].text if self.position > 0 else None

    @property
    def redo_text(self) -> str | None:
        return self.edits[self.position + 1].text if self.position + 1 < len(self.edits) else None

    def done(self, text: str, plan: Plan) -> EditLog:
        """The log with one more edit; what had been undone can no longer be redone."""
        if plan == self.plan:
            return self
        return EditLog((*self.edits[: self.position + 1], Edit(text, plan)), self.position + 1)

    def undone(self, drawn_from: Iterable[Stage] = ()) -> EditLog:
        """One step back. The stages ``drawn_from`` stay known to the plan: results are never undone."""
        return self._moved(-1, drawn_from) if self.undo_text is not None else self

    def redone(self, drawn_from: Iterable[Stage] = ()) -> EditLog:
        return self._moved(+1, drawn_from) if self.redo_text is not None else self

    def knowing(self, drawn_from: Iterable[Stage]) -> EditLog:
        """The log whose plan knows these stages; the same log if it does already.

        A trial may start from a stage after that stage was undone. An edit must not give its number to another one.
        """
        plan = with_stages(self.plan, drawn_from)
        return self if plan == self.plan else self._with_plan(self.position, plan)

    def _moved(self, by: int, drawn_from: Iterable[Stage]) -> EditLog:
        position = self.position + by
        return self._with_plan(position, with_stages(self.edits[position].plan, drawn_from))

    def _with_plan(self, position: int, plan: Plan) -> EditLog:
        edit = Edit(self.edits[position].text, plan)
        return EditLog((*self.edits[:position], edit, *self.edits[position + 1 :]), position)


def first_log(plan: Plan) -> EditLog:
    return EditLog((Edit("New study", plan),))
