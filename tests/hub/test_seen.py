"""A set that may say "perhaps" too often, but never "no" wrongly."""

from graph_ext.hub.seen import Seen


def key(number: int) -> tuple[str, str]:
    return f"01K6{number:06}", f"user:{number % 7}"


def test_what_was_taken_is_always_seen_and_what_was_not_hardly_ever() -> None:
    seen = Seen()
    seen.add_all(key(number) for number in range(0, 60_000, 2))
    assert len(seen._filters) == 3, "it has grown"
    assert all(key(number) in seen for number in range(0, 60_000, 2))
    wrongly = sum(key(number) in seen for number in range(1, 60_000, 2))
    assert 0 < wrongly < 100


def test_what_comes_after_all_that_was_taken_is_new_for_certain() -> None:
    seen = Seen()
    assert key(0) not in seen
    seen.add_all([key(30_000), *(key(number) for number in range(30_000)), ("named", "user:1")])
    assert not any(key(number) in seen for number in range(30_001, 60_000))
    assert all(key(number) in seen for number in range(30_001)), "whichever came first"


def test_a_key_is_a_pair() -> None:
    seen = Seen()
    seen.add_all([("ab", "c"), ("b", "")])
    assert ("ab", "c") in seen
    assert ("a", "bc") not in seen
    assert ("c", "ab") not in seen
    seen.add_all([("\ud800", "")])
    assert ("\ud800", "") in seen
