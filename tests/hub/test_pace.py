"""How fast clients may go (rule 3.12)."""

from graph_ext.hub.pace import Pace
from tests.fakes import FakeClock


def test_a_burst_of_one_second_then_a_steady_rate() -> None:
    clock = FakeClock()
    pace = Pace(10.0, clock)
    assert [pace.wait_s("ada") for _ in range(10)] == [0.0] * 10
    assert pace.wait_s("ada") == 0.1
    assert pace.wait_s("bob") == 0.0, "each has their own"
    clock.now += 0.25
    assert [pace.wait_s("ada") for _ in range(2)] == [0.0, 0.0]
    assert 0.04 < pace.wait_s("ada") < 0.06, "half of the next is there already"
    clock.now += 1000.0
    assert [pace.wait_s("ada") for _ in range(11)].count(0.0) == 10, "no more than a burst is saved"


def test_many_at_once_are_as_many_one_by_one() -> None:
    clock = FakeClock()
    pace = Pace(10.0, clock)
    assert pace.take("ada", 7) == 7
    assert pace.take("ada", 7) == 3, "as many as it may"
    assert pace.take("ada", 7) == 0
    assert pace.wait_s("ada") == 0.1
    clock.now += 0.25
    assert pace.take("ada", 0) == 0
    assert pace.take("ada", 7) == 2
    assert 0.04 < pace.wait_s("ada") < 0.06, "half of the next is there already"


def test_less_than_one_a_second() -> None:
    clock = FakeClock()
    pace = Pace(0.5, clock)
    assert pace.wait_s("ada") == 0.0
    assert pace.wait_s("ada") == 2.0
    clock.now += 2.0
    assert pace.wait_s("ada") == 0.0


def test_who_has_been_quiet_is_forgotten_and_who_was_quick_is_not() -> None:
    clock = FakeClock()
    pace = Pace(1.0, clock)
    for number in range(1000):
        pace.wait_s(f"old-{number}")
    clock.now += 0.5
    assert pace.wait_s("old-7") == 0.5
    pace.wait_s("quick")
    clock.now += 0.75
    for number in range(1100):
        pace.wait_s(f"new-{number}")
    assert len(pace._buckets) == 1101
    assert pace.wait_s("quick") == 0.25
