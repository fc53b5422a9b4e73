"""A set that may say "perhaps" too often, but never "no" wrongly."""

from graph_ext.hub.seen import Seen


def key(number: int) -> tuple[str, str]:
    return f"01K6{number:06}", f"user:{number % 7}"


def test_what_was_taken_is_always_seen_and_what_was_not_hardly_ever() -> None:
    seen = Seen()
    seen.add_all(key(number) for number in range(30_000))
    assert len(seen._filters) == 3, "it has grown"
    assert all(key(number) in seen for number in range(30_000))
    wrongly = sum(key(number) in seen for number in range(30_000, 60_000))
    assert wrongly < 100


def test_a_key_is_a_pair() -> None:
    seen = Seen()
    seen.add(("ab", "c"))
    assert ("ab", "c") in seen
    assert ("a", "bc") not in seen
    assert ("c", "ab") not in seen
    seen.add(("\ud800", ""))
    assert ("\ud800", "") in seen
