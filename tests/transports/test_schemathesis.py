"""What the OpenAPI document says holds for whatever anybody sends (rules 6.1 to 6.4).

Schemathesis makes requests of the document, right ones and wrong ones, for each kind of person.
Bounded and seeded: the same requests in each run.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from graph_ext.core.access import Role, may
from graph_ext.protocol import Actor
from graph_ext.transports.operations import Operation
from graph_ext.transports.table import OPERATIONS, ROOT, openapi
from tests.access.conftest import jp_server_config, people  # noqa: F401 - fixtures
from tests.access.people import People
from tests.transports.conftest import Server

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 5  # right ones of each operation for somebody with a role, and as many wrong ones
REFUSED_EXAMPLES = 2  # for who gets the same answer whatever they send
# a stream that does not end is tested with what it streams
TABLE = [each for each in OPERATIONS if each.media_type != "text/event-stream"]
PERSONS: dict[str, tuple[str, Role | None]] = {
    "owner": ("ada", "owner"),
    "editor": ("bob", "editor"),
    "viewer": ("cal", "viewer"),
    "no role": ("dan", None),
    "anonymous": ("", None),
}


@schemathesis.serializer("application/gzip")
def as_it_is(context: schemathesis.SerializationContext, value: Any) -> Any:
    """Send a file whatever is in it."""
    return value if isinstance(value, bytes) else str(value).encode()


class Asking:
    """Somebody who asks whatever Schemathesis thinks of; called in a thread."""

    def __init__(self, server: Server, headers: dict[str, str], who: str, session_id: str) -> None:
        name, self.role = PERSONS[who]
        self.named = bool(name)
        self.session_id = session_id
        self.url = server.url(ROOT.removeprefix("/"))
        self.headers = headers
        # of the operation that was asked, in the order in which the statuses came
        self.statuses: dict[str, set[int]] = {}
        config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
        self._schema = schemathesis.openapi.from_dict(openapi(), config=config)

    def run(self) -> None:
        # the session is deleted last
        for operation in sorted(TABLE, key=lambda each: each.allow == "delete"):
            for mode in GenerationMode:
                self._ask(operation, mode)

    def _ask(self, operation: Operation, mode: GenerationMode) -> None:
        described = self._schema[f"/{operation.path}"][operation.method]
        parts = {"session_id": self.session_id} if operation.in_session else {}
        # nobody waits here for what does not come
        query = {"wait_s": 0} if operation.operation_id == "read_commits" else {}
        session = requests.Session()

        @settings(
            max_examples=EXAMPLES if self.role else REFUSED_EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=described.as_strategy(mode, path_parameters=parts, query=query))
        def ask(case: schemathesis.Case[Any]) -> None:
            response = case.call(self.url, session, self.headers)
            case.validate_response(response, checks=CHECKS)
            self._check_allowed(operation, response)

        with session:
            ask()

    def _check_allowed(self, operation: Operation, response: schemathesis.Response) -> None:
        """Check that nobody gets more, or less, than the table says."""
        status = response.status_code
        self.statuses.setdefault(operation.operation_id, set()).add(status)
        refusal = response.json() if status >= 400 else {}
        if refusal.get("path") in {"client_id", "label"}:
            return  # not even who asks could be read
        if not self.named:
            assert status == 403
        elif operation.in_session:
            action: Any = operation.allow
            if self.role is None:
                assert (status, refusal["path"]) == (404, "session_id")
            elif not may(self.role, action):
                assert (status, refusal["code"]) == (403, "FORBIDDEN")
            elif operation.allow != "delete":  # for that may be done already
                assert (status, refusal.get("path")) != (404, "session_id")


@pytest.mark.parametrize("who", PERSONS)
async def test_the_document_holds_for(people: People, who: str) -> None:  # noqa: F811
    info = await people.hub.create("plan", actor=Actor("user:ada", "Ada"))
    for name, role in PERSONS.values():
        if role is not None and name != "ada":
            await people.hub.access.set_member(
                info.session_id, Actor(f"user:{name}", name), role, None
            )
    asking = Asking(
        people.server,
        people.header(PERSONS[who][0]) if PERSONS[who][0] else {},
        who,
        info.session_id,
    )
    await asyncio.to_thread(asking.run)
    assert len(asking.statuses) == len(TABLE)
    succeeded = {name for name, statuses in asking.statuses.items() if min(statuses) < 300}
    if asking.named:
        assert {"health", "list_sessions"} <= succeeded
    else:
        assert not succeeded
