"""Where the store answers before its append returns, so does the session (decision 020)."""

import asyncio

import pytest

from graph_ext.core.errors import GraphError
from graph_ext.hub.request import Done
from graph_ext.hub.session import Session
from graph_ext.protocol import SubmitCommand
from tests.commits import node
from tests.fakes import FaultyStore
from tests.hub.conftest import Person


@pytest.fixture
def store(store: FaultyStore) -> FaultyStore:
    store.prompt = True
    return store


async def test_a_command_that_comes_alone_is_answered_before_the_turn_ends(
    session: Session,
) -> None:
    ada = await Person(session, "ada").join()
    bob = await Person(session, "bob").join()
    await ada.send(node("a"), "k1")
    assert ada.submit(node("b"), "k2").done()
    assert [commit.rev for commit in bob.commits] == [1, 2]


async def test_what_comes_in_one_turn_shares_a_write_but_for_the_first(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await asyncio.gather(*(ada.send(node(f"n{i}")) for i in range(5)))
    assert store.appended == [[1], [2], [3, 4, 5, 6]]
    # they come together: the next ones are waited for from the first on
    await asyncio.gather(*(ada.send(node(f"m{i}")) for i in range(5)))
    assert store.appended[3:] == [[7, 8, 9, 10, 11]]
    await ada.send(node("b"))
    assert ada.submit(node("c")).done(), "they come one by one again"


async def test_who_sends_the_next_command_from_the_answer_lets_the_loop_have_its_turn(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    finished = asyncio.Event()
    outcomes: list[Done | GraphError] = []
    turns = 0

    def count_turn() -> None:
        nonlocal turns
        turns += 1
        if not finished.is_set():
            asyncio.get_running_loop().call_soon(count_turn)

    def answered(_: str, outcome: Done | GraphError) -> None:
        outcomes.append(outcome)
        if len(outcomes) == 2000:
            finished.set()
        else:
            send(len(outcomes))

    def send(number: int) -> None:
        message = SubmitCommand(
            session_id=session.session_id, command_id=f"k{number}", command=node(f"n{number}")
        )
        session.submit(ada.client, [message], 100, answered)

    count_turn()
    send(0)
    await finished.wait()
    assert outcomes == [Done(rev) for rev in range(1, 2001)]
    assert turns > 1000
    assert [commit.rev for commit in ada.commits] == list(range(1, 2001))


async def test_a_prompt_store_that_fails_later_is_taken_back_as_any_other(
    session: Session, store: FaultyStore
) -> None:
    ada = await Person(session, "ada").join()
    await ada.send(node("a"))
    await ada.send(node("b"))
    store.prompt, store.failing = False, "the disk is full"
    with pytest.raises(GraphError, match="full"):
        await ada.send(node("c"))
    store.prompt, store.failing = True, ""
    assert await ada.send(node("c")) == 3
