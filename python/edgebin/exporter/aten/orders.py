"""Recognises what a chain of views, permutations, slices and the like amounts to.

A chain that only moves elements is followed on their numbers. What it makes of an image (C, H, W)
whose elements are numbered in that order is an array of such numbers; here it becomes a few
operators of FORMAT.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from edgebin.exporter.aten.tensor_shapes import Numbers, Shape, elements
from edgebin.graph.ir import Array, Node
from edgebin.graph.ops import OPS
from edgebin.graph.ops.shape.resize_nearest import positions

Axes = tuple[int, ...]

_STAYS: Axes = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Step:
    """An operator that moves elements: one input, one output."""

    op: str
    attributes: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, Array] = field(default_factory=dict)

    def __call__(self, x: Numbers) -> Numbers:
        """Return what it makes of x (H, W, C)."""
        node = Node(self.op, self.op, (), self.constants, self.attributes)
        return np.asarray(OPS[self.op].reference(node, (x[None],))[0], np.intp)


def steps_to(order: Numbers, held: Shape) -> tuple[Step, ...] | None:
    """Return the operators that make an order of elements; None where a few do not suffice.

    Args:
        order: (C', H', W') numbers of elements of the image.
        held: (C, H, W) of the image.

    Returns:
        Operators that lead from the image to `order`, in the layout of FORMAT.md; () if there is
        nothing to do.
    """
    image = np.arange(elements(held), dtype=np.intp).reshape(held).transpose(1, 2, 0)
    wanted = order.transpose(1, 2, 0)
    for candidates in (_separable, _blocks, _reshaped, _regrouped, _of_a_part):
        for steps in candidates(image, wanted):
            if _run(image, steps) == wanted.tobytes():
                return steps
    return None


def _run(image: Numbers, steps: tuple[Step, ...]) -> bytes:
    for step in steps:
        image = step(image)
    return image.tobytes()


def _separable(image: Numbers, wanted: Numbers) -> Iterator[tuple[Step, ...]]:
    """Yield rows, columns and channels of a transposed image, each chosen on its own."""
    for axes in permutations(_STAYS):
        turned = image.transpose(axes)
        places = np.full(image.size, 0, np.intp)
        places[turned.reshape(-1)] = np.arange(image.size)
        found = np.unravel_index(places[wanted], turned.shape)
        lists = (found[0][:, 0, 0], found[1][0, :, 0], found[2][0, 0, :])
        if np.array_equal(turned[np.ix_(*lists)], wanted):
            first = () if axes == _STAYS else (_transpose(axes),)
            yield (*first, *_chosen(turned.shape, lists))
            return


def _chosen(shape: Axes, lists: tuple[Numbers, ...]) -> Iterator[Step]:
    """Yield the operators that take rows, columns and channels, which may be there repeatedly."""
    sizes = dict(zip("hwc", shape, strict=True))
    sliced: dict[str, int] = {}
    rest: list[int] = []
    for axis, (letter, size) in enumerate(sizes.items()):
        attributes = _slice(letter, size, lists[axis])
        if attributes is None:
            rest.append(axis)
        else:
            sliced |= attributes
    if sliced:
        yield Step("slice", sliced)
    if set(rest) & {0, 1}:
        counts = [positions(shape[axis], len(lists[axis]), 0) for axis in (0, 1)]
        fits = [np.array_equal(lists[axis], counts[axis]) for axis in (0, 1)]
        if all(fits[axis] for axis in rest if axis < 2) and not any(k[0] in "hw" for k in sliced):
            yield Step("resize_nearest", {"out_h": len(lists[0]), "out_w": len(lists[1])})
            rest = [axis for axis in rest if axis == 2]
    for axis in rest:
        # Rows or columns change places with the channels and back.
        swap = (_transpose((2, 1, 0)), _transpose((0, 2, 1)))[axis] if axis < 2 else None
        taken = Step("take_channels", {}, {"channels": lists[axis].astype(np.int32)})
        yield from (taken,) if swap is None else (swap, taken, swap)


def _of_a_part(image: Numbers, wanted: Numbers) -> Iterator[tuple[Step, ...]]:
    """Yield the rows, columns and channels that are read, then what reorders them."""
    used = np.unique(wanted)
    if not used.size < image.size or used.size != wanted.size:
        return
    places = np.flatnonzero(np.isin(image.reshape(-1), used))
    lists = tuple(np.unique(axis) for axis in np.unravel_index(places, image.shape))
    if math.prod(map(len, lists)) != used.size:
        return
    taken = tuple(_chosen(image.shape, lists))
    part = np.searchsorted(used, image[np.ix_(*lists)])
    for candidates in (_blocks, _reshaped, _regrouped):
        for steps in candidates(part, np.searchsorted(used, wanted)):
            yield (*taken, *steps)


def _slice(letter: str, size: int, taken: Numbers) -> dict[str, int] | None:
    """Return the attributes of a slice along an axis, none for the whole; None for other lists."""
    begin, last = int(taken[0]), int(taken[-1])
    step = int(taken[1]) - begin if len(taken) > 1 else 1
    if step < 1 or not np.array_equal(taken, np.arange(begin, last + 1, step)):
        return None
    whole = {f"{letter}_begin": 0, f"{letter}_end": size, f"{letter}_step": 1}
    found = {f"{letter}_begin": begin, f"{letter}_end": last + 1, f"{letter}_step": step}
    return {key: number for key, number in found.items() if number != whole[key]}


def _transpose(axes: Axes) -> Step:
    return Step("transpose", {f"axis_{i}": axis for i, axis in enumerate(axes)})


def _blocks(image: Numbers, wanted: Numbers) -> Iterator[tuple[Step, ...]]:
    """Yield blocks of pixels that become channels or are made of them, in any order of channels."""
    height, width, channels = image.shape
    tall, wide, deep = wanted.shape
    block = tall // height
    if block > 1 and (tall, wide, deep * block**2) == (height * block, width * block, channels):
        cells = wanted[:block, :block].transpose(2, 0, 1).reshape(-1)
        order = np.searchsorted(image[0, 0], cells)
        yield (*_reordered(order, channels), Step("depth_to_space", {"block": block}))
    block = height // tall
    if block > 1 and (height, width, channels * block**2) == (tall * block, wide * block, deep):
        step = Step("space_to_depth", {"block": block})
        first = step(image)[0, 0]
        sorted_first = np.argsort(first)
        found = np.searchsorted(first[sorted_first], wanted[0, 0]).clip(0, deep - 1)
        yield (step, *_reordered(sorted_first[found], deep))


def _reordered(order: Numbers, channels: int) -> tuple[Step, ...]:
    if np.array_equal(order, np.arange(channels)):
        return ()
    order = order.clip(0, channels - 1)
    return (Step("take_channels", {}, {"channels": order.astype(np.int32)}),)


def _reshaped(image: Numbers, wanted: Numbers) -> Iterator[tuple[Step, ...]]:
    """Yield reshapes between two transposes, of which either may be missing."""
    if image.size != wanted.size:
        return
    ways = sorted(
        ((before, after) for before in permutations(_STAYS) for after in permutations(_STAYS)),
        key=lambda way: sum(axes != _STAYS for axes in way),
    )
    flat = {axes: image.transpose(axes).reshape(-1) for axes in permutations(_STAYS)}
    for before, after in ways:
        back = tuple(int(axis) for axis in np.argsort(after))
        reshaped = wanted.transpose(back)
        if not np.array_equal(flat[before], reshaped.reshape(-1)):
            continue
        flattens = reshaped.shape[:2] == (1, 1)
        yield (
            *(() if before == _STAYS else (_transpose(before),)),
            Step("flatten") if flattens else _reshape(reshaped.shape),
            *(() if after == _STAYS else (_transpose(after),)),
        )
        return


def _regrouped(image: Numbers, wanted: Numbers) -> Iterator[tuple[Step, ...]]:
    """Yield a transpose between two reshapes, between two transposes of which each may be missing.

    So a detection head lists its boxes: the channels of a position hold several boxes, and each
    becomes a row.
    """
    if image.size != wanted.size:
        return
    for before in sorted(permutations(_STAYS), key=lambda axes: axes != _STAYS):
        places = np.empty(image.size, np.intp)
        places[image.transpose(before).reshape(-1)] = np.arange(image.size)
        for after in sorted(permutations(_STAYS), key=lambda axes: axes != _STAYS):
            middle = wanted.transpose(tuple(int(axis) for axis in np.argsort(after)))
            levels = _levels(places[middle.reshape(-1)])
            if levels is None:
                continue
            # Large strides first, that is the shape; in which order they come, the transpose.
            ranks = sorted(range(3), key=lambda i: -levels[i][0])
            yield (
                *(() if before == _STAYS else (_transpose(before),)),
                _reshape(tuple(levels[i][1] for i in ranks)),
                _transpose(tuple(ranks.index(i) for i in range(3))),
                _reshape(middle.shape),
                *(() if after == _STAYS else (_transpose(after),)),
            )


def _levels(places: Numbers) -> list[tuple[int, int]] | None:
    """Return (stride, size) of three nested loops that give these places; None if none do."""
    levels: list[tuple[int, int]] = []
    while len(places) > 1 and len(levels) < 3:
        stride = int(places[1] - places[0])
        breaks = np.flatnonzero(np.diff(places) != stride)
        size = int(breaks[0]) + 1 if breaks.size else len(places)
        if stride < 1 or len(places) % size:
            return None
        levels.insert(0, (stride, size))
        places = places.reshape(-1, size)[:, 0]
    # Loops of one step stand for those that are missing.
    levels = [(np.iinfo(np.int32).max - i, 1) for i in range(3 - len(levels))] + levels
    return levels if len(places) == 1 and places[0] == 0 else None


def _reshape(shape: Axes) -> Step:
    return Step("reshape", dict(zip(("out_h", "out_w", "out_c"), shape, strict=True)))
