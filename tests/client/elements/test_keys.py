"""Keys come back as they went in, and every id has exactly one key (client/elements/keys.py)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_ext.client.elements.keys import key_of, link_id_of, link_key_of, node_id_of
from graph_ext.core.errors import SchemaError

# texts that look like other keys are what a codec gets wrong
tricky = st.text(alphabet='"[]1,a\\-0 .e', max_size=8)
floats = st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0 if x else 0.0)
keys = st.recursive(
    st.one_of(st.text(max_size=20), tricky, st.integers()),
    lambda inner: st.lists(st.one_of(inner, floats), max_size=4).map(tuple),
    max_leaves=6,
)


@given(keys)
def test_a_key_comes_back_as_it_went_in(key: str | int | tuple[object, ...]) -> None:
    back = key_of(node_id_of(key))
    assert back == key
    assert isinstance(back, type(key))


@given(st.one_of(tricky, st.text(max_size=20)))
def test_every_id_has_a_key_that_leads_back_to_it(node_id: str) -> None:
    assert node_id_of(key_of(node_id)) == node_id


@pytest.mark.parametrize(
    ("key", "node_id"),
    [
        ("Design", "Design"),
        (42, "42"),
        ("42", '"42"'),
        ("3.11", "3.11"),
        ((0, "a"), '[0,"a"]'),
        ((0.5, 2.0), "[0.5,2]"),
        (True, "1"),
        (2.0, "2"),
        (np.int64(7), "7"),
        ((np.int32(1), np.float64(1.5)), "[1,1.5]"),
    ],
)
def test_the_documented_forms(key: object, node_id: str) -> None:
    assert node_id_of(key) == node_id


@pytest.mark.parametrize(
    "key", [None, 1.5, frozenset({1}), Fraction(1, 2), (1, None), (float("nan"),)]
)
def test_what_is_no_key_is_refused_with_what_came(key: object) -> None:
    with pytest.raises(SchemaError, match="must"):
        node_id_of(key)


@given(st.text(max_size=9), st.text(max_size=9), keys, st.booleans())
def test_a_links_key_comes_back(u: str, v: str, key: object, directed: bool) -> None:
    link_id = link_id_of(u, v, key, directed=directed)
    assert link_key_of(link_id, u, v, directed=directed) == key


def test_the_link_of_a_key_between_other_nodes_is_another() -> None:
    assert link_id_of("a", "b", 0) != link_id_of("b", "a", 0)
    assert link_id_of("a", "b", 0, directed=False) == link_id_of("b", "a", 0, directed=False)


def test_a_link_that_was_made_without_a_key_goes_by_its_id() -> None:
    link_id = link_id_of("a", "b", 0)
    assert link_key_of(link_id, "a", "c") == link_id
    assert link_key_of("01ARZ3", "a", "b") == "01ARZ3"
