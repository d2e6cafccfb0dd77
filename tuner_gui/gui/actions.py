"""What a person can do, as plain calls: every button, menu entry, key and drag ends here.

Edits change the store at once and are posted to the session, which saves them and draws from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tuner_gui.gui.store import RunState, Store
from tuner_gui.search.commands import (
    AddNote,
    AskFinalFigure,
    Command,
    Pause,
    Protect,
    Prune,
    Resume,
    Run,
    SetLog,
    Stop,
    Try,
)
from tuner_gui.search.confirming import missing_repeats, values_to_repeat
from tuner_gui.search.refine import format_share, full, suggest_region, widened
from tuner_gui.search.suggestions import Kind, Proposal
from tuner_gui.space.parameters import Parameter, Value
from tuner_gui.space.region import Region
from tuner_gui.space.ticks import format_value
from tuner_gui.study.definition import Definition, pinned_at, switched_off, switched_on, with_search
from tuner_gui.study.edits import EditLog
from tuner_gui.study.stages import Plan, describe_change, gone_back, redefined, refined

Post = Callable[[Command], None]
WorkOut = Callable[[Callable[[], object], Callable[[object], None]], None]


def _at_once(work: Callable[[], object], take: Callable[[object], None]) -> None:
    take(work())


class Actions:
    """The verbs of the window. ``post`` hands a command to the session's thread."""

    def __init__(self, store: Store, post: Post, work_out: WorkOut | None = None) -> None:
        self._store = store
        self._post = post
        self._work_out = work_out or _at_once

    def work_out(self, work: Callable[[], object], take: Callable[[object], None]) -> None:
        """Have something computed in the background; ``take`` gets what came out, in the window's thread."""
        self._work_out(work, take)

    # --- the region ---

    def apply_pending(self) -> None:
        """Make the pending region the next stage; a search that runs draws from it at once."""
        region = self._store.pending
        if region is not None:
            self._refine(region, "Narrow")

    def drop_pending(self) -> None:
        self._store.set_pending(None)

    def suggest(self) -> str | None:
        """Propose a region as pending. Returns why there is none, if so."""
        suggestion = suggest_region(self._store.plan, self._store.history)
        if suggestion is None:
            return "a suggestion needs at least 10 finished trials"
        self._store.set_pending(suggestion.region, suggestion.reason)
        self._store.select(suggestion.evidence)
        return None if self._store.pending is not None else "the region already is the box around the best trials"

    def accept(self, proposal: Proposal) -> None:
        """Make what the program proposes hold, as an edit; or end the search, where it proposes that."""
        if proposal.kind is Kind.STOP:
            self.stop()
        elif proposal.plan is not None:
            self.edit(proposal.title, proposal.plan)

    def show_proposal(self, proposal: Proposal) -> None:
        """Select the trials behind a proposal; where it changes nothing but the region, make that pending."""
        store = self._store
        store.select(proposal.evidence)
        if proposal.plan is not None and proposal.plan.space == store.plan.space:
            store.set_pending(proposal.plan.region, proposal.reason)

    def propose_wider(self) -> None:
        self._store.set_pending(widened(self._store.plan), "every interval twice as wide")

    def propose_full(self) -> None:
        self._store.set_pending(full(self._store.plan), "the full space")

    def go_back(self, stage: int) -> None:
        """Start a new stage with the region of an earlier one."""
        self.edit(f"Go back to stage {stage}", gone_back(self._log.plan, stage))

    # --- the space ---

    def set_parameter(self, parameter: Parameter) -> None:
        """Give a parameter another range, scale, step or set of choices. It has been checked when it was made."""
        definition = self._store.plan.definition
        if parameter.name in definition.space:
            changed = replace(definition, space=definition.space.replace(parameter))
        else:
            shelf = (*(p for p in definition.shelf if p.name != parameter.name), parameter)
            changed = replace(definition, shelf=shelf)
        self._redefine(f"Change {parameter.name}", changed)

    def switch(self, name: str, *, on: bool) -> None:
        """Search a parameter, or pin it."""
        definition = self._store.plan.definition
        if on:
            self._redefine(f"Search {name}", switched_on(definition, name))
        else:
            self._redefine(f"Pin {name}", switched_off(definition, name))

    def pin(self, name: str, value: Value) -> None:
        changed = pinned_at(self._store.plan.definition, name, value)
        self._redefine(f"Set {name} to {format_value(value)}", changed)

    # --- the search ---

    def set_search(self, field: str, value: Value) -> None:
        """Search by another strategy, prune by another rule: ``field`` is one of SearchSettings."""
        plan = self._log.plan
        settings = replace(plan.definition.search, **{field: value})  # type: ignore[arg-type]
        changed = replace(plan, definition=with_search(plan.definition, settings))
        self.edit(_search_words(field, value), changed)

    # --- edits ---

    def edit(self, text: str, plan: Plan) -> None:
        self._set_log(self._log.done(text, plan))

    @property
    def _log(self) -> EditLog:
        """The edits, with every stage that has trials: one may have got its first after it was undone."""
        return self._store.log.knowing(self._store.history.stages.values())

    def undo(self) -> None:
        self._set_log(self._store.log.undone(self._store.history.stages.values()))

    def redo(self) -> None:
        self._set_log(self._store.log.redone(self._store.history.stages.values()))

    # --- the run ---

    def run(self, *, trials: int | None, seconds: float | None = None) -> None:
        if self._store.status.run is RunState.IDLE:
            self._post(Run(trials=trials, seconds=seconds))

    def pause(self) -> None:
        self._post(Pause())

    def resume(self) -> None:
        self._post(Resume())

    def stop(self) -> None:
        if self._store.status.run in (RunState.RUNNING, RunState.PAUSED):
            self._store.set_status(replace(self._store.status, run=RunState.STOPPING))
            self._post(Stop())

    # --- trials ---

    def try_values(self, values: Mapping[str, Value], *, times: int, lineage: Mapping[str, Value]) -> None:
        """Train these values next, so many times, each with a seed of its own."""
        if self._store.status.read_only is None:
            self._post(Try((dict(values),) * times, lineage))

    def repeat_best(self) -> str | None:
        """Train the best few again with other seeds, now. Returns why there is nothing to repeat, if so."""
        repeats = missing_repeats(self._store.plan, self._store.history)
        for trial, times in repeats:
            self.try_values(values_to_repeat(self._store.plan, trial), times=times, lineage={"repeats": trial.number})
        return None if repeats else "no finished trial that would train in the same way now lacks runs"

    def prune(self, trials: Sequence[int]) -> None:
        """Give up trials in training; their curves stay."""
        for trial in trials:
            if self._store.history.is_running(trial):
                self._post(Prune(trial))

    def protect(self, trials: Sequence[int], *, on: bool) -> None:
        """Keep trials in training from being pruned by the search."""
        for trial in trials:
            if self._store.history.is_running(trial):
                self._post(Protect(trial, on))

    def ask_final_figure(self, trial: int) -> None:
        self._post(AskFinalFigure(trial))

    def add_note(self, trial: int, text: str) -> None:
        self._post(AddNote(trial, text))

    def _refine(self, region: Region, verb: str) -> None:
        before = self._log.plan
        after = refined(before, region)
        words = describe_change(before.space, before.region, region)
        names = ", ".join(p.name for p in before.space if before.region[p.name] != region[p.name])
        if after is not before and after.stage.origin == "widen":
            verb = "Widen"
        self.edit(f"{verb} {names}" if len(words) > 60 else f"{verb} {words}", after)

    def _redefine(self, text: str, definition: Definition) -> None:
        drawn_from = set(self._store.history.stages)
        self.edit(text, redefined(self._log.plan, definition, drawn_from=drawn_from))

    def _set_log(self, log: EditLog) -> None:
        if log is not self._store.log and self._store.status.read_only is None:
            # First the search, which draws from it at once; then the plots, which may take a moment.
            self._post(SetLog(log))
            self._store.set_log(log)


def _search_words(field: str, value: Value) -> str:
    match field:
        case "strategy":
            return f"Search with {value}"
        case "stages":
            return f"Make stages: {value}"
        case "confirm" if isinstance(value, float):
            return f"Repeat the best with {format_share(value)} of the trials" if value else "Repeat nothing by itself"
    return f"Set {field} to {value}"
