"""Thousands of small marks on a picture in a few milliseconds.

Pictures are ``uint32`` arrays ``[height, width]`` of premultiplied ARGB. Within one call of :func:`stamp` the marks
further up and to the left lie on top, or those further down and to the right, whatever the order of the points: so a
part of the picture that is painted again with the points that reach into it looks the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint32]
Coverage = NDArray[np.float64]
Indices = NDArray[np.intp]

_RED_BLUE = np.uint32(0x00FF00FF)
_ALPHA_GREEN = np.uint32(0xFF00FF00)
_BYTE = np.uint32(8)
_FULL = 256
SUPERSAMPLING = 8


@dataclass(frozen=True)
class Sprite:
    """A mark in a number of colours: its pixels around the centre, how far each covers the ground (0 to 256), and
    what each adds in each colour, ``[pixels, colors]``. ``left`` and ``faces`` are the same as squares: what is left
    of the ground, ``[s, s]``, and what is added, ``[colors, s, s]``."""

    reach: int
    dx: Indices
    dy: Indices
    cover: NDArray[np.uint32]
    table: Pixels
    left: NDArray[np.uint32]
    faces: Pixels


def make_sprite(ink: Coverage, cover: Coverage, colors: NDArray[np.uint8], ground: tuple[int, int, int]) -> Sprite:
    """A sprite from two coverages ``[s, s]``: ``ink`` in a colour, the rest of ``cover`` as a rim of ``ground``."""
    ink, cover = _trimmed(ink, cover)
    size = ink.shape[0]
    full = np.rint(cover * _FULL)
    inked = np.minimum(np.rint(ink * _FULL), full)
    faces = np.floor(full * 255 / _FULL).astype(np.uint32)[None] << np.uint32(24)
    for channel, shift in enumerate((16, 8, 0)):
        colored = inked[None] * colors[:, channel, None, None] + (full - inked)[None] * ground[channel]
        faces = faces | (np.floor(colored / _FULL).astype(np.uint32) << np.uint32(shift))
    rows, columns = np.nonzero(full)
    covers = full.astype(np.uint32)
    return Sprite(
        size // 2, columns - size // 2, rows - size // 2, covers[rows, columns],
        np.ascontiguousarray(faces[:, rows, columns].T), np.uint32(_FULL) - covers, faces,
    )  # fmt: skip


def _trimmed(ink: Coverage, cover: Coverage) -> tuple[Coverage, Coverage]:
    """Without the empty margin: the smaller a sprite, the fewer neighbours it touches."""
    center = cover.shape[0] // 2
    reach = int(np.abs(np.argwhere(cover > 1 / 512) - center).max(initial=0))
    kept = slice(center - reach, center + reach + 1)
    return ink[kept, kept], cover[kept, kept]


def stamp(
    pixels: Pixels, x: Indices, y: Indices, color: Indices, sprite: Sprite, *, lower_on_top: bool = False
) -> None:
    """Put a sprite at many places; every place must lie at least ``sprite.reach`` inside the picture.

    Of several points at the same place only the last is seen.
    """
    if 2 * len(x) < len(sprite.dx):
        _stamp_one_by_one(pixels, x, y, color, sprite, lower_on_top=lower_on_top)
    else:
        _stamp_all_at_once(pixels, x, y, color, sprite, lower_on_top=lower_on_top)


def _stamp_all_at_once(
    pixels: Pixels, x: Indices, y: Indices, color: Indices, sprite: Sprite, *, lower_on_top: bool
) -> None:
    """One pixel of the sprite after the other, each for all points: at every place on the picture the pixel of that
    point comes last which lies furthest up and to the left."""
    width = pixels.shape[1]
    flat = pixels.reshape(-1)
    center = y * width + x
    order = range(len(sprite.dx))
    for index in reversed(order) if lower_on_top else order:
        at = center + (sprite.dy[index] * width + sprite.dx[index])
        added = sprite.table[index][color]
        cover = sprite.cover[index]
        flat[at] = added if cover == _FULL else _over(flat[at], added, np.uint32(_FULL) - cover)


def _stamp_one_by_one(
    pixels: Pixels, x: Indices, y: Indices, color: Indices, sprite: Sprite, *, lower_on_top: bool
) -> None:
    last_at = {center: row for row, center in enumerate((y * pixels.shape[1] + x).tolist())}
    reach = sprite.reach
    for center in sorted(last_at, reverse=not lower_on_top):
        row = last_at[center]
        top, start = y[row] - reach, x[row] - reach
        block = pixels[top : top + 2 * reach + 1, start : start + 2 * reach + 1]
        block[:] = _over(block, sprite.faces[color[row]], sprite.left)


def _over(below: Pixels, added: Pixels, left: NDArray[np.uint32] | np.uint32) -> Pixels:
    """``added``, premultiplied, over what is ``left`` (of 256) of the ground: two channels in one multiplication."""
    red_blue = ((below & _RED_BLUE) * left >> _BYTE) & _RED_BLUE
    alpha_green = ((below >> _BYTE) & _RED_BLUE) * left & _ALPHA_GREEN
    return (red_blue | alpha_green) + added


# --- shapes: coverage between 0 and 1 of the pixels around a centre -------------------------------------------------


def disc(radius: float, size: float) -> Coverage:
    return _sampled(lambda x, y: x**2 + y**2 <= radius**2, size)


def ring(radius: float, line: float, size: float) -> Coverage:
    half = line / 2
    return _sampled(lambda x, y: np.abs(np.hypot(x, y) - radius) <= half, size)


def cross(radius: float, line: float, size: float) -> Coverage:
    def inside(x: Coverage, y: Coverage) -> NDArray[np.bool_]:
        near = (np.abs(x - y) <= line * 0.7071) | (np.abs(x + y) <= line * 0.7071)
        return near & (np.maximum(np.abs(x), np.abs(y)) <= radius)

    return _sampled(inside, size)


def triangle(radius: float, size: float, *, up: bool = True) -> Coverage:
    """Filled, with its centre of mass near the centre."""

    def inside(x: Coverage, y: Coverage) -> NDArray[np.bool_]:
        along = (y if up else -y) + 0.55 * radius
        return (along >= -0.45 * radius) & (along <= 1.2 * radius) & (np.abs(x) <= (along + 0.45 * radius) * 0.62)

    return _sampled(inside, size)


def open_triangle(radius: float, line: float, size: float) -> Coverage:
    outer, inner = triangle(radius, size), triangle(max(radius - 1.6 * line, 0.1), size)
    return np.asarray(np.clip(outer - inner, 0, 1), dtype=np.float64)


def dash(radius: float, line: float, size: float) -> Coverage:
    return _sampled(lambda x, y: (np.abs(x) <= radius) & (np.abs(y) <= line / 2), size)


def _sampled(inside: Callable[[Coverage, Coverage], NDArray[np.bool_]], size: float) -> Coverage:
    reach = int(np.ceil(size))
    count = 2 * reach + 1
    places = (np.arange(count * SUPERSAMPLING) + 0.5) / SUPERSAMPLING - reach - 0.5
    x, y = np.meshgrid(places, places)
    samples = inside(x, y).astype(np.float64)
    return np.asarray(samples.reshape(count, SUPERSAMPLING, count, SUPERSAMPLING).mean(axis=(1, 3)), dtype=np.float64)
