"""Living through one seed: a world on virtual time, the product's bounds made small.

What the product logs as an error, and what its tasks raise, counts as something that does not
hold. Called by the tests and by __main__.py.
"""

from __future__ import annotations

import asyncio
import logging
import random as global_random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from random import Random
from typing import Any

from graph_ext.client.connection import connection as connection_module
from graph_ext.client.session import session as client_session
from graph_ext.hub import channel, draft, effort, journal, opening, pipeline, tail, undo
from graph_ext.hub import session as session_module
from graph_ext.hub.ports import SessionStore
from graph_ext.hub.undo import UndoHistory
from graph_ext.protocol import frames
from graph_ext.transports import sink, websocket
from tests.simulation.connection import InlineThread
from tests.simulation.loop import VirtualLoop
from tests.simulation.store import LifeSession
from tests.simulation.world import World

__all__ = ["InvariantError", "run"]

_TRACE = 80  # how many of the last notes a failure shows


class InvariantError(AssertionError):
    """Something does not hold."""


def run(seed: int) -> World:
    """Live through one seed.

    Raises
    ------
    InvariantError
        With the end of the trace, and how to see it again.
    """
    loop = VirtualLoop(Random(seed))
    world = World(seed, loop)
    with ExitStack() as patches:
        for module, name, value in _small(world):
            patches.enter_context(_set(module, name, value))
        patches.enter_context(_errors_of(world))
        global_random.seed(seed)
        loop.set_exception_handler(lambda _, what: world.fail(_told(what)))
        loop.spinning = lambda: world.fail("somebody is busy without end")
        playing = loop.create_task(world.play())
        try:
            with suppress(RuntimeError):  # the loop was stopped
                loop.run_until_complete(playing)
            if not world.violations:
                playing.result()
        except Exception as error:
            if not world.violations:
                why = f"the simulation itself failed: {error!r}"
                raise InvariantError(_report(world, why)) from error
        finally:
            _sweep_up(loop, world)
    if world.violations:
        raise InvariantError(_report(world, world.violations[0]))
    return world


def _sweep_up(loop: VirtualLoop, world: World) -> None:
    """End whatever is still there."""
    loop.set_exception_handler(lambda *_: None)
    if world.server is not None:
        world.server.process.kill()
    tasks = asyncio.all_tasks(loop)
    for _ in range(20):
        for task in tasks:
            task.cancel()
        if not tasks:
            break
        loop.call_later(30.0, loop.stop)
        with suppress(RuntimeError):
            loop.run_until_complete(asyncio.wait(tasks))
        tasks = asyncio.all_tasks(loop)
    loop.close()


def _small(world: World) -> Iterator[tuple[Any, str, Any]]:
    """Bounds so small that they matter with a few commands."""
    random = world.random
    long = random.choice((2, 4, 200))
    page = random.choice((400, 1000, 65536))
    yield effort, "LONG", long
    yield journal, "LONG", long
    yield channel, "FRAME_BYTES", 2 * page
    yield tail, "FRAME_BYTES", 2 * page
    yield channel, "PAGE_BYTES", page
    yield channel, "_TURN_FRAMES", random.choice((1, 4))
    yield channel, "FAR_COMMITS", world.far_commits
    yield draft, "PAGE_BYTES", page
    yield frames, "PAGE_BYTES", max(1500, page)
    yield undo, "_READ_BYTES", page
    yield undo, "_ENTRIES", random.choice((2, 2000))
    yield session_module, "FAR_COMMITS", world.far_commits
    yield opening, "_KNOWN_COMMANDS", random.choice((3, 5000))
    yield pipeline, "_TURN_COMMANDS", random.choice((1, 64))
    yield pipeline, "_LOOKUP_COMMANDS", random.choice((1, 256))
    yield websocket, "_OPEN_COMMANDS", random.choice((2, 1000))
    yield websocket, "_TURN_MESSAGES", random.choice((1, 64))
    yield websocket, "_PILED_BYTES", world.behind_bytes // 4
    credit = random.choice((2, 32))
    yield client_session, "_CREDIT_PAGES", credit
    yield client_session, "_GRANT_PAGES", credit // 2
    yield sink, "_BEHIND_BYTES", world.behind_bytes
    yield connection_module, "open_socket", world.open_socket
    yield connection_module, "IoThread", InlineThread
    yield from _noting_what_is_dropped(world)


def _noting_what_is_dropped(world: World) -> Iterator[tuple[Any, str, Any]]:
    """Have the truth told of which commits nothing is left to undo: nobody else may hear of it."""
    begin, drop = UndoHistory.__init__, UndoHistory.drop

    def note(history: UndoHistory, rev: int | None) -> None:
        assert isinstance(history._store, LifeSession)
        truth = world.truths[history._store.session_id]
        truth.dropped.append((truth.rev, rev))

    def noted_begin(self: UndoHistory, store: SessionStore) -> None:
        begin(self, store)
        note(self, None)

    def noted_drop(self: UndoHistory, rev: int) -> None:
        drop(self, rev)
        note(self, rev)

    yield UndoHistory, "__init__", noted_begin
    yield UndoHistory, "drop", noted_drop


@contextmanager
def _set(module: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


class _Errors(logging.Handler):
    """Takes what the product logs as an error for a violation: nothing of ours may fail."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self.world = world

    def emit(self, record: logging.LogRecord) -> None:
        why = record.exc_info[1] if record.exc_info else None
        self.world.fail(f"logged as an error: {record.getMessage()}: {why!r}")


@contextmanager
def _errors_of(world: World) -> Iterator[None]:
    logger = logging.getLogger("graph_ext")
    handler = _Errors(world)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate


def _told(what: dict[str, Any]) -> str:
    return f"the event loop says: {what.get('message')}: {what.get('exception')!r}"


def _report(world: World, text: str) -> str:
    lines = [f"seed {world.seed}: {text}", "", "the end of what happened:"]
    lines += [f"{at:9.3f} {note % args}" for at, note, args in world.trace[-_TRACE:]]
    lines += ["", f"again: pytest tests/simulation --seed={world.seed}"]
    return "\n".join(lines)
