"""The world of one seed: a server, its disk, a network, and people; then calm, and a comparison.

Everything happens in one process on virtual time, and all of it follows from the seed. Made by
seed.py. It stays one module although it is long: each part of it turns on the others.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from msgspec.structs import replace

from graph_ext.core.access import ROLES, Member, Members, Role, may
from graph_ext.core.errors import GraphError, UnavailableError
from graph_ext.hub.access import Rules
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.protocol import Actor
from tests.simulation.invariants import Key, Truth, picture_of
from tests.simulation.listeners import Listener
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.network import ClientSocket, Line, ServerSocket
from tests.simulation.people import Person
from tests.simulation.store import Disk, Life
from tests.simulation.stream import Stamp, Weather

__all__ = ["World"]

_ROLES: tuple[Role, ...] = ("owner", "editor", "editor")
_ALLOW_ALL = AllowAllAuthorizer()
_CALM_S = 300.0  # until then everybody has to have everything
# and has to have heard who has gone: after the longest stall, and before silence alone would tell
_NEWS_S = 15.0
_MIX = (10, 1.5, 3, 1.5, 4, 1, 3, 1, 0.6, 0.8, 0.8, 0.6, 0.4)  # of what people do: see people.py
_LISTENING = 0.5  # in how many worlds somebody follows the events view
_ON_ITS_WAY_S = 12.0  # so long may a stalled line keep what was sent
_REVOKED_S = 1.0  # within so long a change of role reaches open sockets


class _Server:
    """One life of the server."""

    def __init__(self, world: World) -> None:
        self.process = Process()
        self.life = Life(world.disk)
        self.lines: list[Line] = []
        context = self.process.context
        parts = (self.life, world.limits, world.clock, world.new_id, world.rules)
        self.hub = context.run(Hub, *parts)
        self._sweeping = self.process.start(self._sweep())

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(3.0)
            await self.hub.sweep()


class World:
    """All there is in one seed.

    Attributes
    ----------
    truths : dict of str to Truth
        What is so now, by session_id.
    far_commits, behind_bytes : int
        See hub/channel.py and transports/sink.py.
    numbers : iterator of int
        Shared by all who make new elements.
    mix : list of float
        How often people do what.
    """

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.seed = seed
        self.random = random = Random(seed)
        self.loop = loop
        self.violations: list[str] = []
        self.trace: list[tuple[float, str, tuple[Any, ...]]] = []
        self.happened: Counter[str] = Counter()
        self.truths: dict[str, Truth] = {}
        # (session_id, epoch) -> every history there was
        self._histories: dict[tuple[str, str], Truth] = {}
        self.numbers = count()
        self.behind_bytes = random.choice((1200, 5000, 128 * 1024))
        self.far_commits = random.choice((3, 1000))
        self.weather = Weather(random)
        self.disk = Disk(
            random, lambda key, commits: self.truths[key].durable(commits), self._shared
        )
        self.limits = HubLimits(
            tail_bytes=random.choice((300, 2000, 100_000)),
            idle_s=random.choice((1.0, 60.0)),
            commands_per_s=random.choice((3.0, 50_000.0, 50_000.0)),
            log_commits=random.choice((5, 20, 1_000_000)),
            log_bytes=random.choice((2000, 1024**3, 1024**3)),
            slow_client_s=random.choice((4.0, 60.0)),
            ask_identity_s=1e9,
        )
        self.actors = [Actor(f"user:{name}", name.title()) for name in ("ada", "bob", "eve")]
        self.server: _Server | None = None
        self.people: list[Person] = []
        self.listeners: list[Listener] = []
        self.mix = [random.random() * most for most in _MIX]
        self.rules = Rules("members")
        self._ids = count(1)
        # (actor_id, session_id) -> when the role changed, and to what
        self._roles: dict[tuple[str, str], list[tuple[float, Role | None]]] = {}

    @property
    def standing(self) -> list[str]:
        """The sessions that nobody has deleted."""
        return [key for key in self.truths if key not in self.disk.deleted]

    @property
    def figures(self) -> dict[str, int]:
        """How much happened."""
        return {**self.happened, "commits": sum(truth.rev for truth in self.truths.values())}

    @property
    def digest(self) -> str:
        """All that happened, in short."""
        told = [f"{at} {text % args}" for at, text, args in self.trace]
        told += [repr(truth.entries) for truth in self.truths.values()]
        return sha256("\n".join(told).encode()).hexdigest()

    # --- what the parts ask for ---------------------------------------------------------------

    def note(self, text: str, *args: Any) -> None:
        """Keep a line of what happens, for the trace."""
        self.trace.append((self.loop.time(), text, args))

    def fail(self, text: str) -> None:
        """End it: something does not hold."""
        self.violations.append(text)
        self.loop.stop()

    def clock(self) -> float:
        return 1_000_000.0 + self.loop.time()

    def new_id(self) -> str:
        return f"{next(self._ids):032x}"

    def stamp(self) -> Stamp:
        return Stamp(
            self.loop.time(),
            {key: truth.epoch for key, truth in self.truths.items()},
            {key: truth.rev for key, truth in self.truths.items()},
            dict(self.disk.floors),
            frozenset(self.disk.deleted),
        )

    def truth(self, session_id: str, epoch: str) -> Truth:
        """What is or was so under an epoch."""
        found = self._histories.get((session_id, epoch))
        if found is None:
            self.fail(f"{session_id} has never had the epoch {epoch}")
            return self.truths[session_id]
        return found

    def is_known(self, session_id: str, key: Key) -> bool:
        """Whether a command was done before, in whichever history."""
        return any(of == session_id and key in t.revs for (of, _), t in self._histories.items())

    def check_access(self, actor: Actor, session_id: str, at: float) -> None:
        """Check that somebody may have what was written to them."""
        if not any(self._roles_in(actor, session_id, at - _REVOKED_S, at)):
            self.fail(f"{actor.name} got something of {session_id} without a role")

    def has_had_a_role(self, actor: Actor, session_id: str) -> bool:
        """Whether somebody was a member, whatever was on its way to them."""
        since, now = self.loop.time() - _ON_ITS_WAY_S, self.loop.time()
        return all(self._roles_in(actor, session_id, since, now))

    def check_right(self, actor: Actor, session_id: str, submitted_at: float) -> None:
        """Check that somebody may have done what they have done."""
        since, now = submitted_at - _REVOKED_S, self.loop.time()
        if not any(may(role, "edit") for role in self._roles_in(actor, session_id, since, now)):
            self.fail(f"{actor.name} has changed {session_id} without the right to")

    def _shared(self, session_id: str, members: Members) -> None:
        """Take note of the roles that have just become durable."""
        for actor in self.actors:
            member = members.get(actor.actor_id)
            roles = self._roles.setdefault((actor.actor_id, session_id), [])
            role = None if member is None else member.role
            if not roles or roles[-1][1] != role:
                self.note("%s is now %s of %s", actor.name, role, session_id)
                roles.append((self.loop.time(), role))

    def _roles_in(
        self, actor: Actor, session_id: str, since: float, until: float
    ) -> Iterator[Role | None]:
        """The roles that somebody had at any time in a span."""
        before: Role | None = None
        for at, role in self._roles[actor.actor_id, session_id]:
            if at > until:
                break
            if at > since:
                yield before
            before = role
        yield before

    async def open_socket(self, server: Any) -> ClientSocket:
        """In place of client/connection/connection.py's."""
        person = next(each for each in self.people if each.name == server.token)
        line = await self.connect(person.actor)
        if line is None:
            raise UnavailableError("The server is away")
        person.connection.opened(line)
        return line.client

    async def connect(self, actor: Actor) -> Line | None:
        """Open a line to the server; None where it is away."""
        await asyncio.sleep(self.weather.some(self.weather.delay_s))
        if self.server is None:
            return None
        handler = ServerSocket(self.server.hub, actor, _ALLOW_ALL)
        room = self.random.choice((0, 500, 5000))
        line = Line(self.weather, self.stamp, self.server.process, handler, room)
        self.server.lines.append(line)
        return line

    # --- what happens -------------------------------------------------------------------------

    async def play(self) -> None:
        """Live through the seed."""
        random = self.random
        self.server = _Server(self)
        for _ in range(random.choice((1, 1, 2))):
            await self._create(self.new_id(), self.new_id())
        shared = random.randint(1, 3)
        for index in range(random.randint(2, 5)):
            actor = self.actors[index % shared]
            self.people.append(Person(self, f"c{index}", actor, random))
        if random.random() < _LISTENING:
            actor, session_id = random.choice(self.actors), random.choice(list(self.truths))
            self.listeners.append(Listener(self, "listener", actor, session_id))
        listening = [asyncio.ensure_future(each.live()) for each in self.listeners]
        for _ in range(random.choice((1, 2))):
            await self._turmoil()
            await self._calm()
            self._compare()
        for task in listening:
            if task.done():
                task.result()
            task.cancel()
        await self._end()

    async def _create(self, session_id: str, epoch: str) -> None:
        """Make a session of which everybody is a member."""
        self._begin(Truth(session_id, epoch, self.fail))
        now = self.clock()
        members: dict[str, Member] = {}
        for actor, role in zip(self.actors, _ROLES, strict=True):
            members[actor.actor_id] = Member(actor.actor_id, actor.name, role, "", now)
        await self.disk.durable.create(session_id, session_id, epoch, now)
        await self.disk.durable.share(session_id, lambda sharing: replace(sharing, members=members))
        self._shared(session_id, members)

    def _begin(self, truth: Truth) -> None:
        """Have a session live a history from now on."""
        self.truths[truth.session_id] = truth
        self._histories[truth.session_id, truth.epoch] = truth

    async def _turmoil(self) -> None:
        random, weather, disk = self.random, self.weather, self.disk
        weather.delay_s = random.choice((0.0, 0.02, 0.3))
        weather.stall = random.choice((0.0, 0.0, 0.1, 0.4))
        weather.stall_s = random.choice((0.05, 2.0, 10.0))
        disk.write_s = random.choice((0.0, 0.02, 0.5))
        disk.read_s = random.choice((0.0, 0.02, 0.2))
        disk.write_errors = random.choice((0.0, 0.0, 0.1, 0.3))
        disk.read_errors = random.choice((0.0, 0.0, 0.02, 0.1))
        pause_s = random.choice((0.02, 0.1, 0.5, 1.0))
        acts = random.randint(8, 60) // len(self.people)
        working = [asyncio.ensure_future(person.live(acts, pause_s)) for person in self.people]
        each_s = random.choice((0.3, 1.0, 4.0)) * pause_s * 5
        trouble = asyncio.ensure_future(self._trouble(each_s, working))
        await asyncio.wait([*working, trouble])
        for task in (*working, trouble):
            task.result()

    async def _trouble(self, pause_s: float, working: list[asyncio.Task[None]]) -> None:
        """Have something go wrong now and then."""
        random = self.random
        kinds = ("cut", "stall", "crash", "stop", "full", "role", "rename", "delete", "put back")
        mix = [random.random() * most for most in (4, 2, 1, 0.5, 1, 3, 1, 0.1, 0.3)]
        while not all(task.done() for task in working):
            await asyncio.sleep(random.expovariate(1 / pause_s))
            server = self.server
            if server is None:
                continue
            kind = random.choices(kinds, mix)[0]
            lines = [line for line in server.lines if not line.is_cut]
            self.note("nature: %s", kind)
            self.happened[kind] += 1
            if kind == "cut" and lines:
                random.choice(lines).cut()
            elif kind == "stall" and lines:
                random.choice(lines).stream.stall(random.random() * self.weather.stall_s)
            elif kind == "crash":
                await self._crash()
                await self._restart(random.random() * 3)
            elif kind == "stop":
                await self._stop()
                await self._restart(random.random() * 3)
            elif kind == "put back":
                await random.choice((self._stop, self._crash))()
                if self.standing:
                    self._put_back(random.choice(self.standing))
                await self._restart(random.random() * 3)
            elif kind == "full":
                self.disk.full = True
                await asyncio.sleep(random.random() * 2)
                self.disk.full = False
            elif kind == "role":
                self._give_role(server)
            elif kind == "rename":
                session_id = random.choice(list(self.truths))
                name = f"plan {next(self.numbers)}"
                self._have_done(server, server.hub.rename(session_id, name))
            elif kind == "delete":
                session_id = random.choice(list(self.truths))
                self._have_done(server, server.hub.delete(session_id))

    def _put_back(self, session_id: str) -> None:
        """Restore a session as it was at some rev, as from a backup."""
        truth, epoch = self.truths[session_id], self.new_id()
        rev = self.disk.put_back(session_id, epoch)
        self.note("%s is put back from rev %s to %s", session_id, truth.rev, rev)
        self._begin(truth.put_back(rev, epoch))

    def _give_role(self, server: _Server) -> None:
        """Have somebody become something else."""
        random, access = self.random, server.hub.access
        actor = random.choice(self.actors[1:])
        role = random.choice((*ROLES, None))
        session_id = random.choice(list(self.truths))

        if role is None:
            self._have_done(server, access.remove_member(session_id, actor.actor_id))
        else:
            self._have_done(server, access.set_member(session_id, actor, role, self.actors[0]))

    def _have_done(self, server: _Server, what: Coroutine[Any, Any, object]) -> None:
        """Have the server do something, which it may refuse."""

        async def do() -> None:
            with suppress(GraphError):
                await what

        self._doing = server.process.start(do())

    async def _crash(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.process.kill()
            for line in server.lines:
                line.server_died()
            await server.life.end(killed=True)

    async def _stop(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            for line in server.lines:
                line.hang_up()
            await server.process.start(server.hub.close())
            server.process.kill()
            await server.life.end(killed=False)

    async def _restart(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.server = _Server(self)

    async def _calm(self) -> None:
        """Let everything be well, and wait until everybody has everything."""
        self.note("calm")
        self.weather.stall = self.weather.delay_s = 0.0
        self.disk.write_errors = self.disk.read_errors = 0.0
        self.disk.full = False
        for person in self.people:
            for session_id, session in tuple(person.sessions.items()):
                if session.status == "ended":
                    person.close(session_id)
        until = self.loop.time() + _CALM_S
        while not (
            all(map(self._has_everything, self.people))
            and all(map(self._has_heard_everything, self.listeners))
            and self._hub_is_idle()
        ):
            if self.loop.time() > until:
                late = [_where(each) for each in self.people if not self._has_everything(each)]
                late += [f"{each.name} has heard rev {each.rev}" for each in self.listeners]
                self.fail(f"it does not come to rest: {late}")
            await asyncio.sleep(0.5)
        # and has heard who has gone
        until = self.loop.time() + _NEWS_S
        while (found := self._shown_though_gone()) and self.loop.time() <= until:
            await asyncio.sleep(0.5)
        if found:
            self.fail(found)

    def _shown_though_gone(self) -> str:
        """Say who is shown somebody who is there no more; empty: nobody is."""
        assert self.server is not None
        there = {
            held.session_id: {client.client_id for client in held.clients}
            for held in self.server.hub.open_sessions
        }
        for person in self.people:
            for session_id, session in person.sessions.items():
                shown = {each.client_id for each in session.roster.people}
                here = there.get(session_id, set())
                # one that has been cut off and does not know it yet sees what it saw last
                if session.status != "ended" and person.name in here and (gone := shown - here):
                    return f"{person.name} is shown {gone}, who are gone"
        return ""

    def _hub_is_idle(self) -> bool:
        return self.server is not None and all(
            session._pipeline.idle for session in self.server.hub.open_sessions
        )

    def _has_everything(self, person: Person) -> bool:
        return person.settled and all(
            session.status == "ended"
            or (
                session.replica.rev == self.truths[session_id].rev
                and session.replica.epoch == self.truths[session_id].epoch
                and session.name == self.disk.names.get(session_id, session_id)
                and session_id not in self.disk.deleted
            )
            for session_id, session in person.sessions.items()
        )

    def _has_heard_everything(self, listener: Listener) -> bool:
        roles = self._roles[listener.actor.actor_id, listener.session_id]
        if listener.session_id in self.disk.deleted:
            return True
        truth = self.truths[listener.session_id]
        heard = (listener.epoch, listener.rev)
        return roles[-1][1] is None or heard == (truth.epoch, truth.rev)

    def _compare(self) -> None:
        """Compare everybody's graph with the log."""
        assert self.server is not None
        for line in self.server.lines:
            if line.stream.most_behind_bytes > self.behind_bytes:
                self.fail(f"{line.stream.most_behind_bytes} bytes waited for a client")
            if line.stream.log_behind:
                self.fail(f"written before the client had taken more: {line.stream.log_behind!r}")
        for person in self.people:
            for session_id, session in person.sessions.items():
                if session.status != "ended":
                    replica, truth = session.replica, self.truths[session_id]
                    truth.check(person.name, replica.rev, picture_of(replica.graph))
        for held_session in self.server.hub.open_sessions:
            truth = self.truths[held_session.session_id]
            held = held_session._journal
            truth.check("the hub", held.rev, picture_of(held.graph))

    async def _end(self) -> None:
        """Check what is on the disk, too."""
        await self._stop()
        for session_id, truth in self.truths.items():
            if session_id in self.disk.deleted:
                continue
            session = await self.disk.durable.open(session_id)
            truth.check("the disk", session.rev, picture_of(await session.load()))


def _where(person: Person) -> str:
    states = (f"{each.status} at rev {each.replica.rev}" for each in person.sessions.values())
    return f"{person.name} is {', '.join(states)}"
