"""The picture's legend: which colour is which kind, or from which number to which."""

from __future__ import annotations

from graph_ext.picture.scales import NEUTRAL, ColourScale, text_of
from graph_ext.picture.text import INK, escaped, shortened

__all__ = ["Legend"]

_WIDTH_PX = 150
_ROW_PX = 19
_MOST_CHARACTERS = 18
_STEPS = 24


class Legend:
    """What stands at the right; nothing where colours need no words.

    Parameters
    ----------
    scale : ColourScale
        What the colours mean.
    heading : str
        What they tell of: a property's name.
    height : int
        Of the picture, pixels.
    """

    def __init__(self, scale: ColourScale, heading: str, height: int) -> None:
        self._scale = scale
        self._heading = heading
        # how many rows there is room for
        self._most = max(1, (height - 60) // _ROW_PX)
        needs = scale.kind == "numbers" or (scale.kind == "kinds" and _is_telling(scale, heading))
        self.width_px = _WIDTH_PX if needs else 0

    def lines(self, width: int) -> list[str]:
        """Return its elements, for a picture of this width."""
        if self.width_px == 0:
            return []
        left, y = width - _WIDTH_PX + 8, 26.0
        lines = []
        if self._heading:
            heading = escaped(shortened(self._heading, _MOST_CHARACTERS))
            lines.append(f'<text x="{left}" y="{y:g}" font-weight="600">{heading}</text>')
            y += _ROW_PX
        if self._scale.kind == "numbers":
            lines += self._ramp(self._scale, left, y)
        else:
            lines += self._kinds(self._scale, left, y)
        return [f'<g fill="{INK}">', *lines, "</g>"]

    def _kinds(self, scale: ColourScale, left: int, y: float) -> list[str]:
        rows = list(scale.colours.items())
        others = scale.others + max(0, len(rows) - self._most)
        rows = rows[: self._most]
        if others:
            rows.append((f"{others} others", NEUTRAL))
        return [
            f'<circle cx="{left + 5}" cy="{y - 4 + row * _ROW_PX:g}" r="5" fill="{colour}"/>'
            f'<text x="{left + 16}" y="{y + row * _ROW_PX:g}">'
            f"{escaped(shortened(kind, _MOST_CHARACTERS))}</text>"
            for row, (kind, colour) in enumerate(rows)
        ]

    def _ramp(self, scale: ColourScale, left: int, y: float) -> list[str]:
        span = scale.most - scale.least
        step = (_WIDTH_PX - 24) / _STEPS
        found = [
            f'<rect x="{left + number * step:.1f}" y="{y - 10:g}" width="{step + 0.5:.1f}" '
            f'height="10" fill="{scale.colour(scale.least + span * number / (_STEPS - 1))}"/>'
            for number in range(_STEPS)
        ]
        right = left + _WIDTH_PX - 24
        least, most = (escaped(text_of(value)) for value in (scale.least, scale.most))
        return [
            *found,
            f'<text x="{left}" y="{y + 15:g}">{least}</text>',
            f'<text x="{right}" y="{y + 15:g}" text-anchor="end">{most}</text>',
        ]


def _is_telling(scale: ColourScale, heading: str) -> bool:
    """Whether kinds are worth a legend: types only where there are several."""
    return len(scale.colours) > (0 if heading else 1)
