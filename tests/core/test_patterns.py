"""Patterns match as ECMAScript's regular expressions do, and in linear time."""

from __future__ import annotations

import re
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_ext.core.errors import SchemaError
from graph_ext.core.patterns import compile_pattern


def random_pattern(random: Random, depth: int = 0) -> str:
    """Return a pattern of the part that we take, in which Python and ECMAScript agree."""
    kind = random.randrange(12) if depth < 4 else 0
    if kind < 4:
        return random.choice(
            (
                "a",
                "b",
                ".",
                r"\d",
                r"\W",
                "[ab]",
                "[^a]",
                "[a-c]",
                r"\.",
                r"[\d_-]",
                r"[^\d]",
                "[.]",
            )
        )
    inner = random_pattern(random, depth + 1)
    match kind:
        case 4 | 5 | 6:
            return inner + random_pattern(random, depth + 1)
        case 7:
            return f"({inner}|{random_pattern(random, depth + 1)})"
        case 8:
            quantifier = random.choice(("*", "+", "?", "{2}", "{1,3}", "{0,}", "{2,}", "*?", "{0}"))
            return f"(?:{inner}){quantifier}"
        case 9:
            return f"^{inner}"
        case 10:
            return f"{inner}$|{random_pattern(random, depth + 1)}"
        case _:
            return random.choice((r"\b", r"\B")) + inner


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_pattern_matches_just_where_a_regular_expression_does(seed: int) -> None:
    random = Random(seed)
    source = random_pattern(random)
    if len(source) > 200:
        return
    pattern = compile_pattern(source)
    # Python's $ also stands before a last line end, ECMAScript's does not
    expected = re.compile(source.replace("$", r"\Z"), re.ASCII)
    for _ in range(10):
        text = "".join(random.choice("abc1_. -\n") for _ in range(random.randrange(8)))
        if r"\B" in source and text == "":
            continue  # before Python 3.14 \B does not match the empty text, elsewhere it does
        assert pattern.search(text) == bool(expected.search(text)), (source, text)


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        (r"^\u00e4\x41\t$", "äA\t", "aA\t"),
        (r"^\s$", "\u2003", "\u200b"),
        (r"^[\s\S]$", "\n", ""),
        (r"^.$", "\U0001f600", "\u2028"),
        (r"^[^\D]$", "7", "x"),
        (r"^[\]a-]$", "]", "b"),
        (r"^[a\-z]$", "-", "b"),
        (r"^(a{2,3}){2}$", "aaaaa", "aaaaaaa"),
        (r"^}\/\-$", "}/-", "/"),
        ("", "anything", None),
    ],
)
def test_escapes_classes_and_bounds(source: str, yes: str, no: str | None) -> None:
    assert compile_pattern(source).search(yes)
    assert no is None or not compile_pattern(source).search(no)


@pytest.mark.parametrize(
    "source",
    [
        *("(", ")", "a)", "*", "a**", "a{", "a{x}", "a{2,1}", "{2}", "[", "[z-a]", r"[\d-a]"),
        *("\\", r"\1", r"\k<a>", "(?=a)", "(?<a>b)", "(?<!a)b", r"\x4", r"\u12", r"\pL", "^*"),
        *("x" * 201, "(((a{50}){50}){50}){50}", "(" * 30 + ")" * 30, "a{9999}"),
    ],
)
def test_what_is_no_pattern_or_not_supported_is_refused(source: str) -> None:
    with pytest.raises(SchemaError, match="pattern"):
        compile_pattern(source)


@given(source=st.text(alphabet="ab|()*+?{}[]^$.\\dwsx0123,-:<=!", max_size=40))
def test_whatever_is_given_compiles_or_is_refused(source: str) -> None:
    with suppress(SchemaError):
        compile_pattern(source).search("ab01")


@pytest.mark.parametrize("source", ["^(a+)+$", "^(a|a)*$", "(a?){60}a{60}b", "a*" * 20 + "b"])
def test_patterns_that_are_catastrophic_elsewhere_just_answer(source: str) -> None:
    # a backtracking matcher would not come back within the lifetime of the sun
    assert not compile_pattern(source).search("a" * 1000 + "c")
