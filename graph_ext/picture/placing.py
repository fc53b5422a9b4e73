"""Where nodes stand that nobody has placed: the same in every run, and in bounded time.

A first place is near what a node belongs to: rings around the node with most links (a radial
drawing of the breadth-first tree). Then forces act for as many rounds as the time allows, only on
what is loose (T. Fruchterman and E. Reingold, 1991, with their grid). Graph units, y upwards.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from graph_ext.core.events import Position
from graph_ext.core.graph import Node

__all__ = ["SPACING", "place"]

SPACING = 10.0
"""How far apart nodes stand in a graph that has no measure of its own, as on the canvas."""

_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_OPERATIONS = 150_000  # looks at a pair of nodes: about a tenth of a second
_MOST_ROUNDS = 80
_PULL = 0.02  # towards the middle, per round and unit of distance

Ends = tuple[int, int]


def place(nodes: Sequence[Node], links: Iterable[tuple[str, str]], layout: str) -> list[Position]:
    """Return where nodes stand, stored positions first.

    Parameters
    ----------
    nodes : sequence of Node
        Parents need not be among them.
    links : iterable of (source_id, target_id)
        Those with an end elsewhere are passed over.
    layout : {"", "force", "tree", "circle", "grid"}
        What arranges those without a position.
    """
    index = {node.node_id: number for number, node in enumerate(nodes)}
    ends = [(index[a], index[b]) for a, b in links if a != b and a in index and b in index]
    ends += [
        (index[node.parent_id], number)
        for number, node in enumerate(nodes)
        if node.parent_id is not None and node.parent_id in index
    ]
    match layout:
        case "circle":
            found = _circle(nodes)
        case "grid":
            found = _grid(nodes)
        case "tree":
            found = _rows(nodes, ends)
        case _:
            found = _force(nodes, ends)
    return [node.position or at for node, at in zip(nodes, found, strict=True)]


def _by_type(nodes: Sequence[Node]) -> list[int]:
    return sorted(range(len(nodes)), key=lambda number: (nodes[number].blueprint_type_id, number))


def _circle(nodes: Sequence[Node]) -> list[Position]:
    count = len(nodes)
    radius = max(SPACING, count * SPACING / (2 * math.pi))
    found: list[Position] = [(0.0, 0.0)] * count
    for step, number in enumerate(_by_type(nodes)):
        angle = math.pi / 2 - step / count * 2 * math.pi
        found[number] = (radius * math.cos(angle), radius * math.sin(angle))
    return found


def _grid(nodes: Sequence[Node]) -> list[Position]:
    columns = max(1, math.ceil(math.sqrt(len(nodes) * 1.5)))
    found: list[Position] = [(0.0, 0.0)] * len(nodes)
    for step, number in enumerate(_by_type(nodes)):
        found[number] = (step % columns * SPACING * 1.5, -(step // columns) * SPACING)
    return found


def _rows(nodes: Sequence[Node], ends: Sequence[Ends]) -> list[Position]:
    """Rows by depth: below a node's parent, or below what leads to it."""
    below: dict[int, list[int]] = defaultdict(list)
    above = [0] * len(nodes)
    for source, target in ends:
        below[source].append(target)
        above[target] += 1
    rows: list[list[int]] = []
    seen: set[int] = set()
    roots = [number for number in range(len(nodes)) if above[number] == 0]
    for root in (*roots, *range(len(nodes))):
        ahead = deque([(root, 0)])
        while ahead:
            number, depth = ahead.popleft()
            if number in seen:
                continue
            seen.add(number)
            while len(rows) <= depth:
                rows.append([])
            rows[depth].append(number)
            ahead.extend((child, depth + 1) for child in below[number])
    found: list[Position] = [(0.0, 0.0)] * len(nodes)
    for depth, row in enumerate(rows):
        for step, number in enumerate(row):
            found[number] = ((step - (len(row) - 1) / 2) * SPACING * 1.5, -depth * SPACING * 1.5)
    return found


def _force(nodes: Sequence[Node], ends: Sequence[Ends]) -> list[Position]:
    near: list[list[int]] = [[] for _ in nodes]
    for source, target in ends:
        near[source].append(target)
        near[target].append(source)
    places: list[Position | None] = [node.position for node in nodes]
    loose = [number for number, at in enumerate(places) if at is None]
    if not loose:
        return [at for at in places if at is not None]
    fixed = len(loose) < len(nodes)
    if fixed:
        _settle_near(places, near)
    spacing = _own_spacing(places) if fixed else SPACING
    found = _rings(places, near, spacing)
    _push(found, loose, ends, spacing)
    return found if fixed else _lying(found)


def _lying(found: list[Position]) -> list[Position]:
    """Turn what stands upright: pictures are wider than high."""
    xs, ys = [x for x, _ in found], [y for _, y in found]
    upright = max(ys) - min(ys) > max(xs) - min(xs)
    return [(-y, x) for x, y in found] if upright else found


def _own_spacing(places: Sequence[Position | None]) -> float:
    """How far apart the placed nodes stand, roughly."""
    xs = [at[0] for at in places if at is not None]
    ys = [at[1] for at in places if at is not None]
    side = max(max(xs) - min(xs), max(ys) - min(ys))
    return side / math.sqrt(len(xs)) if side > 0 else SPACING


def _settle_near(places: list[Position | None], near: Sequence[Sequence[int]]) -> None:
    """Give loose nodes a place near those that have one, step by step outwards."""
    spacing = _own_spacing(places)
    ahead = deque(number for number, at in enumerate(places) if at is not None)
    while ahead:
        for other in near[ahead.popleft()]:
            if places[other] is None:
                around = [at for number in near[other] if (at := places[number]) is not None]
                x = sum(at[0] for at in around) / len(around)
                y = sum(at[1] for at in around) / len(around)
                angle = other * _GOLDEN_ANGLE
                places[other] = (x + spacing * math.cos(angle), y + spacing * math.sin(angle))
                ahead.append(other)


def _rings(
    places: Sequence[Position | None], near: Sequence[Sequence[int]], spacing: float
) -> list[Position]:
    """Give each part of the graph without a place rings of its own, the largest in the middle."""
    parts: list[list[list[int]]] = []
    seen = {number for number, at in enumerate(places) if at is not None}
    centre, taken = (0.0, 0.0), 0.0
    found: list[Position] = [at or (0.0, 0.0) for at in places]
    if seen:
        xs, ys = zip(*(found[number] for number in seen), strict=True)
        centre = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        taken = ((max(xs) - min(xs)) / spacing) ** 2 + ((max(ys) - min(ys)) / spacing) ** 2
    for root in sorted(range(len(near)), key=lambda number: (-len(near[number]), number)):
        if root not in seen:
            parts.append(_levels(root, near, seen))
    parts.sort(key=lambda part: -sum(map(len, part)))
    for step, part in enumerate(parts):
        size = sum(map(len, part))
        away = spacing * math.sqrt(taken + size / 2) if taken else 0.0
        angle = step * _GOLDEN_ANGLE
        x, y = centre[0] + away * math.cos(angle), centre[1] + away * math.sin(angle)
        radius = 0.0
        for depth, ring in enumerate(part):
            radius = max(radius + spacing * (depth > 0), len(ring) * spacing * 0.6 / (2 * math.pi))
            for place_, number in enumerate(ring):
                turn = (place_ + depth / 2) / len(ring) * 2 * math.pi
                around = radius if depth else 0.0
                found[number] = (x + around * math.cos(turn), y + around * math.sin(turn))
        taken += size * 1.5
    return found


def _levels(root: int, near: Sequence[Sequence[int]], seen: set[int]) -> list[list[int]]:
    """Return what hangs together with a node, by distance from it; children of one side by side."""
    seen.add(root)
    levels = [[root]]
    while True:
        following: list[int] = []
        for number in levels[-1]:
            for other in near[number]:
                if other not in seen:
                    seen.add(other)
                    following.append(other)
        if not following:
            return levels
        levels.append(following)


def _push(
    found: list[Position], loose: Sequence[int], ends: Sequence[Ends], spacing: float
) -> None:
    """Let forces act on the loose nodes."""
    count = len(found)
    # of few nodes all pairs are looked at, of many those in neighbouring cells
    cell = math.inf if count <= 120 else 2.5 * spacing
    # beyond, they do not: apart from each other, parts of the graph stay near
    reach = (min(cell, 6 * spacing)) ** 2
    cost = count * min(count, 24) / 2 + len(ends) + 1
    rounds = int(min(_MOST_ROUNDS, _OPERATIONS / cost))
    xs = [at[0] for at in found]
    ys = [at[1] for at in found]
    left = 2 * _OPERATIONS
    for step in range(rounds):
        dx, dy = [0.0] * count, [0.0] * count
        pairs = _pairs(xs, ys, cell)
        left -= len(pairs)
        if left < 0:
            break  # they stand in heaps
        for a, b in pairs:
            x, y = xs[a] - xs[b], ys[a] - ys[b]
            square = x * x + y * y
            if square < 1e-6 * spacing * spacing:
                x, y = spacing * math.cos(a), spacing * math.sin(a)
                square = spacing * spacing
            if square > reach:
                continue
            push = spacing * spacing / square
            dx[a] += x * push
            dy[a] += y * push
            dx[b] -= x * push
            dy[b] -= y * push
        for a, b in ends:
            x, y = xs[b] - xs[a], ys[b] - ys[a]
            pull = math.sqrt(x * x + y * y) / spacing
            dx[a] += x * pull
            dy[a] += y * pull
            dx[b] -= x * pull
            dy[b] -= y * pull
        middle_x, middle_y = sum(xs) / count, sum(ys) / count
        heat = spacing * 1.5 * (1 - step / rounds)
        for number in loose:
            x = dx[number] - _PULL * count**0.5 * (xs[number] - middle_x)
            y = dy[number] - _PULL * count**0.5 * (ys[number] - middle_y)
            length = math.sqrt(x * x + y * y)
            if length > 0:
                part = min(length, heat) / length
                xs[number] += x * part
                ys[number] += y * part
    found[:] = list(zip(xs, ys, strict=True))


def _pairs(xs: Sequence[float], ys: Sequence[float], cell: float) -> list[Ends]:
    """Return pairs of nodes that are near enough to push each other, each once."""
    count = len(xs)
    if cell == math.inf:
        return [(a, b) for a in range(count) for b in range(a)]
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in range(count):
        cells[int(xs[number] // cell), int(ys[number] // cell)].append(number)
    pairs: list[Ends] = []
    for (column, row), here in cells.items():
        pairs += [(a, b) for at, a in enumerate(here) for b in here[:at]]
        for side in ((1, 0), (-1, 1), (0, 1), (1, 1)):
            there = cells.get((column + side[0], row + side[1]))
            if there:
                pairs += [(a, b) for a in here for b in there]
    return pairs
