"""Writes the picture: SVG text of a graph, readable on white and on black.

All that comes from the graph is text here, escaped; no scripts, links, styles or fonts of others.
Its colours are of middling lightness, for nobody knows what it will lie on.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from graph_ext.core.events import Position
from graph_ext.core.graph import Node
from graph_ext.picture.legend import Legend
from graph_ext.picture.placing import place
from graph_ext.picture.sketch import Line, Sketch
from graph_ext.picture.text import INK, escaped, shortened, width_px

__all__ = ["draw"]

# resvg knows no generic families: the first of these that there is
_FONTS = "Arial, Helvetica, Liberation Sans, DejaVu Sans, sans-serif"
_LINE = "#8c8c8c"
_PAD_PX = 24
_LABEL_PX = 12
_ARROW_PX = 7.0
_SMALLEST_PX, _LARGEST_PX = 1.6, 10.0
_CELL_PX = 6
_BEND = 0.22


def draw(
    sketch: Sketch, *, layout: str = "", width: int = 760, height: int = 480, title: str = ""
) -> str:
    """Return a picture as SVG.

    Parameters
    ----------
    sketch : Sketch
        What to draw.
    layout : {"", "force", "tree", "circle", "grid"}
        Where nodes without a position stand.
    width, height : int
        Pixels.
    title : str
        What those hear who can't see it.
    """
    nodes, lines = sketch.nodes, sketch.lines
    legend = Legend(sketch.scale, sketch.heading, height)
    area = (width - legend.width_px, height - (20 if sketch.is_cut else 0))
    places = place(nodes, [(line.source_id, line.target_id) for line in lines], layout)
    at = _on_screen(places, area)
    radii = _radii(sketch, _room_px(nodes, lines, at, area))
    spots = {
        node.node_id: (spot, radius) for node, spot, radius in zip(nodes, at, radii, strict=True)
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{_FONTS}" '
        f'font-size="{_LABEL_PX}">',
        f"<title>{escaped(title)}</title>" if title else "",
        *_tree_lines(nodes, spots),
        *_link_lines(sketch, spots),
        *_discs(sketch, spots),
        *_labels(sketch, spots, area[0]),
        *legend.lines(width),
    ]
    if sketch.is_cut:
        drawn = f"{len(nodes):,} of {sketch.total:,} nodes, those with most links"
        parts.append(
            f'<text x="{_PAD_PX / 2:g}" y="{height - 7}" fill="{INK}" font-size="11">{drawn}</text>'
        )
    if not nodes:
        parts.append(
            f'<text x="{width / 2:g}" y="{height / 2:g}" fill="{INK}" text-anchor="middle">'
            "No nodes</text>"
        )
    return "\n".join([part for part in parts if part]) + "\n</svg>"


Spots = Mapping[str, tuple[Position, float]]
"""By node_id: where it is drawn, and half its width; pixels, y downwards."""


def _on_screen(places: Sequence[Position], area: tuple[float, float]) -> list[Position]:
    """Fit positions into an area, evenly, and turn them upside down."""
    if not places:
        return []
    xs, ys = [x for x, _ in places], [y for _, y in places]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    # names stand to the right of nodes
    room = (max(1.0, area[0] - 3 * _PAD_PX), max(1.0, area[1] - 2 * _PAD_PX))
    # on one spot, any scale will do
    scale = min(
        (px / units for px, units in zip(room, (wide, high), strict=True) if units > 0), default=1.0
    )
    left = _PAD_PX + (room[0] - wide * scale) / 2
    top = _PAD_PX + (room[1] - high * scale) / 2
    return [(left + (x - min(xs)) * scale, top + (max(ys) - y) * scale) for x, y in places]


def _room_px(
    nodes: Sequence[Node],
    lines: Sequence[Line],
    at: Sequence[Position],
    area: tuple[float, float],
) -> float:
    """How much room a node has: of the picture, or as far as its links let the next one be."""
    room = math.sqrt(area[0] * area[1] / max(1, len(nodes)))
    spots = {node.node_id: spot for node, spot in zip(nodes, at, strict=True)}
    ends = ((spots[line.source_id], spots[line.target_id]) for line in lines)
    lengths = sorted(math.dist(*pair) for pair in ends if pair[0] != pair[1])
    return min(room, 2.5 * lengths[len(lengths) // 4]) if lengths else room


def _radii(sketch: Sketch, room_px: float) -> list[float]:
    """Half the widths of nodes, pixels, where each has so much room to each side."""
    if sketch.radius_px is not None:
        return [sketch.radius_px] * len(sketch.nodes)
    base = min(_LARGEST_PX, max(_SMALLEST_PX, 0.12 * room_px))
    if sketch.factors is not None:
        return [base * factor for factor in sketch.factors]
    degrees = Counter(line.source_id for line in sketch.lines)
    degrees.update(line.target_id for line in sketch.lines if line.target_id != line.source_id)
    # as canvas/look.ts has it
    return [
        base * (1 + min(1.2, math.log2(1 + degrees[node.node_id]) / 6)) for node in sketch.nodes
    ]


def _tree_lines(nodes: Sequence[Node], spots: Spots) -> list[str]:
    lines = [
        f"M{_point(spots[node.parent_id][0])}L{_point(spots[node.node_id][0])}"
        for node in nodes
        if node.parent_id in spots and node.parent_id is not None
    ]
    if not lines:
        return []
    path = "".join(lines)
    return [f'<path d="{path}" stroke="{_LINE}" stroke-opacity=".35" fill="none"/>']


def _link_lines(sketch: Sketch, spots: Spots) -> list[str]:
    """All links of a colour as one path, their arrowheads as another."""
    lines: dict[str, list[str]] = defaultdict(list)
    heads: dict[str, list[str]] = defaultdict(list)
    pairs = Counter(tuple(sorted((line.source_id, line.target_id))) for line in sketch.lines)
    met: Counter[tuple[str, ...]] = Counter()
    for line in sketch.lines:
        colour = line.colour or _LINE
        pair = tuple(sorted((line.source_id, line.target_id)))
        (start, start_radius), (end, radius) = spots[line.source_id], spots[line.target_id]
        if line.source_id == line.target_id:
            loop = start_radius * 0.8 + 4 * (met[pair] + 1)
            top = (start[0], start[1] - start_radius * 0.5)
            lines[colour].append(
                f"M{_point(top)}c{-loop:.1f} {-loop:.1f} {loop:.1f} {-loop:.1f} 0 0"
            )
            met[pair] += 1
            continue
        offset = (met[pair] - (pairs[pair] - 1) / 2) * _BEND
        met[pair] += 1
        if pair != (line.source_id, line.target_id):
            offset = -offset
        across = (end[0] - start[0], end[1] - start[1])
        bend = (
            (start[0] + end[0]) / 2 + across[1] * offset,
            (start[1] + end[1]) / 2 - across[0] * offset,
        )
        back = (end[0] - bend[0], end[1] - bend[1])
        length = math.hypot(*back)
        if length <= radius or length == 0:
            continue
        unit = (back[0] / length, back[1] / length)
        tip = (end[0] - unit[0] * radius, end[1] - unit[1] * radius)
        if sketch.directed:
            foot = (tip[0] - unit[0] * _ARROW_PX, tip[1] - unit[1] * _ARROW_PX)
            side = (-unit[1] * _ARROW_PX * 0.42, unit[0] * _ARROW_PX * 0.42)
            corners = (
                (foot[0] + side[0], foot[1] + side[1]),
                (foot[0] - side[0], foot[1] - side[1]),
            )
            heads[colour].append(f"M{_point(tip)}L{_point(corners[0])}L{_point(corners[1])}z")
            tip = foot
        curve = f"L{_point(tip)}" if offset == 0 else f"Q{_point(bend)} {_point(tip)}"
        lines[colour].append(f"M{_point(start)}{curve}")
    wide = 1.3 if len(sketch.lines) <= 500 else 0.8
    return [
        *(
            f'<path d="{"".join(paths)}" stroke="{colour}" stroke-width="{wide}" '
            'stroke-opacity=".65" fill="none"/>'
            for colour, paths in lines.items()
        ),
        *(f'<path d="{"".join(paths)}" fill="{colour}"/>' for colour, paths in heads.items()),
    ]


def _discs(sketch: Sketch, spots: Spots) -> list[str]:
    found = []
    for node, colour in zip(sketch.nodes, sketch.colours, strict=True):
        (x, y), radius = spots[node.node_id]
        title = escaped(shortened(node.name or node.node_id, 100))
        found.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}">'
            f"<title>{title}</title></circle>"
        )
    return found


def _labels(sketch: Sketch, spots: Spots, right_px: float) -> list[str]:
    """Names that have room, those of large nodes first, none over another or over a node."""
    taken: set[tuple[int, int]] = set()
    for (x, y), radius in spots.values():
        taken |= _cells(x - radius * 0.8, y - radius * 0.8, x + radius * 0.8, y + radius * 0.8)
    found = []
    named = zip(sketch.nodes, sketch.labels, strict=True)
    for node, label in sorted(named, key=lambda pair: -spots[pair[0].node_id][1]):
        text = shortened(label, 32)
        if not text:
            continue
        (x, y), radius = spots[node.node_id]
        width = width_px(text, _LABEL_PX)
        left = x + radius + 4
        if left + width > right_px:
            left = x - radius - 4 - width  # to the other side
        cells = _cells(left + _CELL_PX / 2, y - 5, left + width - _CELL_PX / 2, y + 5)
        if left >= 0 and not cells & taken:
            taken |= cells
            found.append(f'<text x="{left:.1f}" y="{y + 4:.1f}">{escaped(text)}</text>')
    return [f'<g fill="{INK}">', *found, "</g>"] if found else []


def _cells(left: float, top: float, right: float, bottom: float) -> set[tuple[int, int]]:
    """Return the squares of the picture that a box touches: what is in none twice has room."""
    return {
        (column, row)
        for column in range(int(left // _CELL_PX), int(right // _CELL_PX) + 1)
        for row in range(int(top // _CELL_PX), int(bottom // _CELL_PX) + 1)
    }


def _point(point: Position) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
