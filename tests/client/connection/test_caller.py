"""Others see a kernel by the name of its notebook (client/connection/caller.py)."""

from __future__ import annotations

import sys

import pytest

from graph_ext.client.connection.caller import caller_kind, caller_label


def test_a_kernel_goes_by_its_notebook() -> None:
    assert caller_label({"JPY_SESSION_NAME": "/home/ann/plans/plan.ipynb"}) == "plan.ipynb"


def test_a_script_goes_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/home/ann/load.py"])
    assert caller_label({}) == "load.py"
    assert caller_label({"JPY_SESSION_NAME": "3fb2a1c0-console"}) == "load.py"
    monkeypatch.setattr(sys, "argv", [""])
    assert caller_label({}) == "python"


def test_a_script_is_an_agent_and_no_kernel() -> None:
    assert caller_kind() == "agent"
