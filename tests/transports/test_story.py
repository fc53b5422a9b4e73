"""The examples of docs/protocol.md, sent to a real server and compared with what it answers.

They tell one story, in the order of the page: client blocks are sent as they stand, server and
event blocks must come. Only ids, times and limits of this very server are put in their place.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from graph_ext import protocol
from tests.transports.conftest import Peer, Server, create

PAGE = Path(__file__).parent.parent.parent / "docs" / "protocol.md"
BLOCKS = re.findall(r"```json (client|server|event)\n(.*?)```", PAGE.read_text(), re.DOTALL)
SESSION = "5f0c1d2e3a4b5c6d7e8f90a1b2c3d4e5"
LABEL = "plan.ipynb"
PATIENCE_S = 30

_read = {
    "server": msgspec.json.Decoder(protocol.ServerMessage),
    "event": msgspec.json.Decoder(protocol.FlatEvent),
}


class Story:
    """The session of the page, and those in it.

    Attributes
    ----------
    seen : list
        Every message that anybody has been sent, but for what differs in every run.
    """

    def __init__(self, server: Server, session_id: str) -> None:
        self.seen: list[Any] = []
        self._server = server
        self._session_id = session_id
        self._epoch = ""
        # client_id -> its socket
        self._peers: dict[str, Peer] = {}
        self._listening: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()

    async def begin(self) -> None:
        """Make the 43 commits that the page looks back on."""
        ada = await self._server.connect()
        joined = await ada.join(self._session_id, "c-1", label=LABEL, kind="kernel")
        self._epoch = joined["epoch"]
        note = {"node_id": "Build", "property_name": "note"}
        commands = [
            create("Design", effort=5) | {"blueprint_type_id": "Task"},
            create("Build"),
            {
                "type": "link-nodes",
                "link_id": "l1",
                "source_id": "Design",
                "target_id": "Build",
            },
        ]
        for rev in range(4, 44, 2):
            commands.append({"type": "set-property", "value": rev, **note})
            commands.append({"type": "delete-property", **note})
        for rev, command in enumerate(commands, 1):
            command_id = "01K6A" if rev == 42 else f"rev-{rev}"
            answer = await ada.command(self._session_id, command_id, **command)
            assert answer.get("rev") == rev, answer
        await ada.close()

    async def send(self, text: str) -> None:
        """Send an example over the socket of its client, which is c-1 unless it says who it is."""
        client_id = msgspec.json.decode(text).get("client_id", "c-1")
        if client_id not in self._peers:
            peer = self._peers[client_id] = await self._server.connect()
            self._listening.append(asyncio.create_task(self._listen(peer)))
        await self._peers[client_id].raw(self._here(text))

    async def comes(self, kind: str, text: str) -> None:
        """Wait until an example was sent to somebody."""
        wanted = _plain(_read[kind].decode(self._here(text)))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while wanted not in self.seen:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            alike = [str(each) for each in self.seen if type(each) is type(wanted)]
            raise AssertionError("\n".join([f"never came: {wanted}", *alike])) from None

    async def end(self) -> None:
        """Listen no more."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def _listen(self, peer: Peer) -> None:
        while (frame := await peer.frame()) is not None:
            found = msgspec.json.decode(frame)
            for message in found if isinstance(found, list) else [found]:
                kind = "server" if "epoch" in message or "-" not in message["type"] else "event"
                self.seen.append(_plain(_read[kind].decode(msgspec.json.encode(message))))
            self._news.set()

    def _here(self, text: str) -> str:
        """Put this server's session and epoch in the place of the page's."""
        text = text.replace(SESSION, self._session_id)
        return text.replace('"e1"', f'"{self._epoch}"').replace("'e1'", f"'{self._epoch}'")


def _plain(message: Any) -> Any:
    """Leave out what is another in every run."""
    replace = msgspec.structs.replace
    match message:
        case protocol.PresenceChanged():
            return replace(message, client=replace(message.client, at=0.0))
        case protocol.Joined():
            return replace(message, limits=None, clients=[])
        case _:
            return replace(message, at=0.0) if hasattr(message, "at") else message


@asynccontextmanager
async def story(server: Server) -> AsyncIterator[Story]:
    told = Story(server, await server.session())
    await told.begin()
    try:
        yield told
    finally:
        await told.end()


async def test_the_examples_of_the_page_are_what_happens(server: Server) -> None:
    join = f'{{"type": "join_session", "session_id": "{SESSION}", "client_id": "%s"%s}}'
    async with story(server) as told:
        await told.send(join % ("who-looks-on", ""))
        await told.send(join % ("who-listens", ', "view": "events"'))
        for kind, text in BLOCKS:
            if kind == "client":
                await told.send(text)
            else:
                await told.comes(kind, text)
        assert len(BLOCKS) > 15
