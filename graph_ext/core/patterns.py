r"""Patterns of text properties: regular expressions that match in linear time, whoever wrote them.

The part of ECMAScript's syntax that needs no backtracking (so browsers and JSON Schema read a
pattern the same way): literals, ``.``, classes, groups, ``|``, ``* + ? {m,n}``, ``^ $ \b``,
``\d \w \s`` and their opposites. Look-around and back-references are refused. A pattern becomes
a list of instructions whose states are followed side by side (Ken Thompson, "Regular Expression
Search Algorithm", 1968), so work is at most instructions times characters.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from graph_ext.core.errors import SchemaError
from graph_ext.core.json_values import shown

__all__ = ["MAX_PATTERN_CHARACTERS", "Pattern", "compile_pattern"]

MAX_PATTERN_CHARACTERS = 200
_MAX_INSTRUCTIONS = 300
_MAX_GROUPS_DEEP = 20

_Ranges = tuple[tuple[int, int], ...]  # of code points, ascending, both ends in

_LAST = 0x10FFFF
_DIGIT: _Ranges = ((48, 57),)
_WORD: _Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: _Ranges = (
    *((9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
    *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_LINE_END: _Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
_HEXADECIMAL = "0123456789abcdefABCDEF"
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}


class _Step(Struct, frozen=True):
    """One instruction: take a character of ``ranges``, or go on at each of ``ways``.

    ``assertion``: go on only at the start ``^``, the end ``$``, a word's edge ``b`` or not ``B``.
    """

    ranges: _Ranges = ()
    ways: tuple[int, ...] = ()
    assertion: str = ""


class Pattern:
    """A compiled pattern.

    Parameters
    ----------
    steps : list of _Step
        The last one is the match.
    """

    def __init__(self, steps: list[_Step]) -> None:
        self._steps = steps

    def search(self, text: str) -> bool:
        """Say whether the pattern matches anywhere in a text, as JSON Schema asks it."""
        steps, match = self._steps, len(self._steps) - 1
        current: set[int] = set()
        for at in range(len(text) + 1):
            states = self._follow({*current, 0}, text, at)
            if match in states:
                return True
            if at == len(text):
                break
            point = ord(text[at])
            current = {
                state + 1
                for state in states
                if any(low <= point <= high for low, high in steps[state].ranges)
            }
        return False

    def _follow(self, states: set[int], text: str, at: int) -> set[int]:
        """Return all states that are reached without taking a character."""
        reached: set[int] = set()
        ahead = list(states)
        while ahead:
            state = ahead.pop()
            if state in reached:
                continue
            reached.add(state)
            step = self._steps[state]
            if not step.assertion or _holds(step.assertion, text, at):
                ahead.extend(step.ways)
        return reached


@lru_cache(maxsize=1000)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern.

    Raises
    ------
    SchemaError
        It is no pattern, uses what is not supported, or is too long.
    """
    if len(source) > MAX_PATTERN_CHARACTERS:
        raise SchemaError(f"a pattern may have at most {MAX_PATTERN_CHARACTERS} characters")
    parser = _Parser(source)
    steps = parser.alternatives(0)
    if parser.at < len(source):
        raise parser.error("an unmatched )")
    return Pattern([*_placed(steps, 0), _Step()])


# While parsing, `ways` are relative to their own instruction: so pieces can be moved and repeated.
_Piece = list[_Step]


def _placed(piece: _Piece, base: int) -> _Piece:
    return [
        _Step(step.ranges, tuple(base + at + way for way in step.ways), step.assertion)
        for at, step in enumerate(piece)
    ]


class _Parser:
    """A recursive descent over one pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def error(self, what: str) -> SchemaError:
        return SchemaError(
            f"the pattern {shown(self.source)} has {what} at character {self.at + 1}"
        )

    def alternatives(self, depth: int) -> _Piece:
        if depth > _MAX_GROUPS_DEEP:
            raise self.error("too many groups inside each other")
        piece = self._sequence(depth)
        while self._take("|"):
            other = self._sequence(depth)
            # try both; after the first, jump over the second
            piece = [
                _Step(ways=(1, len(piece) + 2)),
                *piece,
                _Step(ways=(len(other) + 1,)),
                *other,
            ]
        return self._bounded(piece)

    def _sequence(self, depth: int) -> _Piece:
        piece: _Piece = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            atom, repeatable = self._atom(depth)
            piece.extend(self._repeated(atom) if repeatable else atom)
            self._bounded(piece)
        return piece

    def _atom(self, depth: int) -> tuple[_Piece, bool]:
        char = self._next()
        if char == "(":
            if self._take("?") and not self._take(":"):
                raise self.error("a look-around or a named group, which is not supported,")
            piece = self.alternatives(depth + 1)
            if not self._take(")"):
                raise self.error("a group that is not closed")
            return piece, True
        if char in "^$":
            return [_Step(ways=(1,), assertion=char)], False
        if char == "\\" and self.source[self.at : self.at + 1] in {"b", "B"}:
            return [_Step(ways=(1,), assertion=self._next())], False
        if char in "*+?{":
            raise self.error(f"a {char} with nothing to repeat")
        if char == ".":
            ranges = _opposite(_LINE_END)
        elif char == "[":
            ranges = self._class()
        elif char == "\\":
            ranges = self._escape()
        else:
            ranges = _one(ord(char))
        return [_Step(ranges)], True

    def _repeated(self, piece: _Piece) -> _Piece:
        bounds = self._quantifier()
        if bounds is None:
            return piece
        least, most = bounds
        self._take("?")  # lazy or greedy: the same texts match
        if len(piece) * max(least, most or 0, 1) > _MAX_INSTRUCTIONS:
            raise self.error("too much to repeat")
        repeated = piece * least
        if most is None:
            repeated += [_Step(ways=(1, len(piece) + 2)), *piece, _Step(ways=(-len(piece) - 1,))]
        else:
            left = most - least
            size = len(piece) + 1
            for number in range(left):
                repeated += [_Step(ways=(1, size * (left - number))), *piece]
        return repeated

    def _quantifier(self) -> tuple[int, int | None] | None:
        for char, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(char):
                return bounds
        if not self._take("{"):
            return None
        end = self.source.find("}", self.at)
        low, comma, high = self.source[self.at : max(end, self.at)].partition(",")
        if not _is_number(low) or not (high == "" or _is_number(high)):
            raise self.error("a { that is no {m}, {m,} or {m,n}")
        self.at = end + 1
        least = int(low)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise self.error("a {m,n} with m above n")
        return least, most

    def _class(self) -> _Ranges:
        opposite = self._take("^")
        ranges: list[tuple[int, int]] = []
        while not self._take("]"):
            first = self._class_item()
            if self.source[self.at : self.at + 1] == "-" and self.source[
                self.at + 1 : self.at + 2
            ] not in {"]", ""}:
                self.at += 1
                last = self._class_item()
                if not _is_one(first) or not _is_one(last) or last[0][0] < first[0][0]:
                    raise self.error("a class with a range that is none")
                ranges.append((first[0][0], last[0][0]))
            else:
                ranges.extend(first)
        return _opposite(tuple(ranges)) if opposite else tuple(ranges)

    def _class_item(self) -> _Ranges:
        char = self._next()
        return self._escape() if char == "\\" else _one(ord(char))

    def _escape(self) -> _Ranges:
        char = self._next()
        for letter, ranges in (("d", _DIGIT), ("w", _WORD), ("s", _SPACE)):
            if char == letter:
                return ranges
            if char == letter.upper():
                return _opposite(ranges)
        if char in _CONTROLS:
            return _one(_CONTROLS[char])
        if char in "xu":
            wanted = 2 if char == "x" else 4
            digits = self.source[self.at : self.at + wanted]
            if len(digits) < wanted or not all(digit in _HEXADECIMAL for digit in digits):
                raise self.error(f"a \\{char} without its digits")
            self.at += len(digits)
            return _one(int(digits, 16))
        if char.isalnum():
            raise self.error(f"a \\{char}, which is not supported,")
        return _one(ord(char))

    def _next(self) -> str:
        if self.at >= len(self.source):
            raise self.error("something missing")
        self.at += 1
        return self.source[self.at - 1]

    def _take(self, char: str) -> bool:
        if self.source[self.at : self.at + 1] != char:
            return False
        self.at += 1
        return True

    def _bounded(self, piece: _Piece) -> _Piece:
        if len(piece) > _MAX_INSTRUCTIONS:
            raise self.error("too much to repeat")
        return piece


def _holds(assertion: str, text: str, at: int) -> bool:
    if assertion == "^":
        return at == 0
    if assertion == "$":
        return at == len(text)
    edge = _is_word(text[at - 1 : at] if at else "") != _is_word(text[at : at + 1])
    return edge == (assertion == "b")


def _is_word(char: str) -> bool:
    return char != "" and any(low <= ord(char) <= high for low, high in _WORD)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _one(point: int) -> _Ranges:
    return ((point, point),)


def _is_one(ranges: _Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _opposite(ranges: _Ranges) -> _Ranges:
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if start < low:
            gaps.append((start, low - 1))
        start = max(start, high + 1)
    if start <= _LAST:
        gaps.append((start, _LAST))
    return tuple(gaps)
