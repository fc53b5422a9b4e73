"""Which policy a server has, and what nobody owns (docs/protocol.md, 8.2 and 8.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.serverapp import ServerApp
from traitlets import TraitError
from traitlets.config import Config

from graph_ext.extension import GraphExtension
from tests.access.people import CONFIG, SECRET, NamedPeople


def extension_of(app: ServerApp) -> Any:
    return app.web_app.settings["graph_ext"]


@pytest.fixture
def jp_server_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    provider, options = request.param
    server = {**CONFIG["ServerApp"], "identity_provider_class": provider}
    del server["authorizer_class"]
    return {"ServerApp": server, "GraphExtension": options}


@pytest.mark.parametrize(
    ("jp_server_config", "policy"),
    [
        ((NamedPeople, {}), "members"),
        ((NamedPeople, {"access_policy": "server"}), "server"),
        ((PasswordIdentityProvider, {}), "server"),
        ((PasswordIdentityProvider, {"access_policy": "server"}), "server"),
    ],
    indirect=["jp_server_config"],
)
async def test_8_2_roles_come_from_members_where_people_have_names(
    jp_serverapp: ServerApp, jp_fetch: Any, policy: str
) -> None:
    assert extension_of(jp_serverapp).hub.access.rules.policy == policy
    provider = jp_serverapp.identity_provider
    token = f"{SECRET}ada" if isinstance(provider, NamedPeople) else provider.token
    headers = {"Authorization": f"token {token}"}
    answer = await jp_fetch("graph-ext", "api", "v1", "health", headers=headers)
    assert json.loads(answer.body)["access_policy"] == policy


@pytest.mark.parametrize(
    "jp_server_config",
    [(PasswordIdentityProvider, {"access_policy": "members"})],
    indirect=True,
)
async def test_members_are_refused_where_anybody_can_say_that_they_are_one(
    jp_serverapp: ServerApp,
) -> None:
    assert "graph_ext_hub" not in jp_serverapp.web_app.settings
    extension = jp_serverapp.extension_manager.extension_apps["graph_ext"]
    for app in extension:
        with pytest.raises(TraitError, match="gives people no usernames"):
            app.initialize_settings()
    assert extension


@pytest.mark.parametrize(
    "jp_server_config",
    [(NamedPeople, {"default_owner": "user:ada"}), (NamedPeople, {})],
    indirect=True,
)
async def test_the_log_says_how_many_graphs_nobody_owns(
    jp_serverapp: ServerApp, caplog: pytest.LogCaptureFixture
) -> None:
    extension = extension_of(jp_serverapp)
    await extension.hub.create("marked-name")
    await extension._start_jupyter_server_extension(jp_serverapp)
    owner = extension.hub.access.rules.default_owner
    assert ("Nobody owns 1 of the graphs" in caplog.text) == (not owner)
    assert "marked-name" not in caplog.text


def test_the_default_owner_is_the_one_of_a_jupyterhub_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    assert GraphExtension().default_owner == ""
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert GraphExtension().default_owner == "user:ada"
    config = Config({"GraphExtension": {"default_owner": "ada"}})
    with pytest.raises(TraitError, match="like user:ada"):
        GraphExtension(config=config)
