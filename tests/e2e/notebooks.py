"""Notebooks in JupyterLab, written and run by a test."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.servers import JupyterServer

__all__ = ["run_all", "save", "write_notebook"]


def write_notebook(lab: JupyterServer, name: str, *cells: str) -> None:
    """Put a notebook of code cells where JupyterLab finds it."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
            },
            "language_info": {"name": "python"},
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
    }
    (lab.notebooks / name).write_text(json.dumps(notebook))


def run_all(page: Page) -> None:
    """Run the notebook in front, once it has its kernel."""
    expect(page.locator("#jp-bottom-panel")).to_contain_text("Python 3 (ipykernel) | Idle")
    page.evaluate("() => { jupyterapp.commands.execute('runmenu:run-all'); }")


def save(page: Page) -> None:
    """Save the notebook in front, and wait until it is."""
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
