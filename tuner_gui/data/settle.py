"""What a person left open about data, decided by a look at it when a study is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tuner_gui.data.errors import DataError
from tuner_gui.data.keras_sets import provide
from tuner_gui.data.preview import Preview, image_of, preview
from tuner_gui.data.reading import read
from tuner_gui.space.errors import SpaceError
from tuner_gui.study.definition import KERAS_DATA, DataSettings
from tuner_gui.study.errors import one_of


def settled(settings: DataSettings) -> DataSettings:
    """With target, task and shape. SpaceError, with a key of ``data``, where the source is not there or cannot be read.

    Data that Keras has by name is downloaded where it is not there yet.
    """
    if settings.source in KERAS_DATA:
        try:
            provide(settings.source)
        except DataError as error:
            raise SpaceError("data.source", settings.source, f"data that can be learned from; {error}") from None
    return settings if settings.built_in else with_preview(settings)[0]


def with_preview(settings: DataSettings) -> tuple[DataSettings, Preview]:
    """The same with what was seen; for sources of a person's own."""
    source = Path(settings.source)
    if not source.exists():
        raise SpaceError("data.source", settings.source, f"a file or folder that is there ({source} is not)")
    try:
        seen = preview(source)
        if settings.target:
            _check_target(settings.target, seen)
            seen = preview(source, target=settings.target)
        target = "" if seen.kind == "images" else seen.target
        image = image_of(seen, settings.size)
        decided = replace(settings, target=target, task=settings.task or seen.task, image=image)
        if seen.kind == "csv" and seen.rows is not None and seen.rows == seen.rows_read:
            # All of it has been looked at: what reading would refuse is known now, not when the search begins.
            read(decided)
    except DataError as error:
        raise SpaceError("data.source", settings.source, f"data that can be learned from; {error}") from None
    return decided, seen


def _check_target(target: str, seen: Preview) -> None:
    if seen.kind == "images":
        raise SpaceError("data.target", target, "no target: the folders of the images are the classes")
    names = [column.name for column in seen.columns]
    if seen.kind != "npz" and target not in names:
        raise SpaceError("data.target", target, f"a column of the table: {one_of(names, target)}")
