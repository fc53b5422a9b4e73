"""Notebooks in JupyterLab, written and run by a test."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.servers import JupyterServer

__all__ = ["await_kernel", "has_kernel", "run_all", "save", "write_notebook"]


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


# JupyterLab's status bar is not asked: a notebook that is there before the bar follows what is in
# front gets no line in it.
KERNEL = "(jupyterapp.shell.currentWidget?.context?.sessionContext?.session?.kernel ?? null)"


def has_kernel(page: Page) -> bool:
    """Whether the notebook in front has a kernel."""
    return bool(page.evaluate(f"() => {KERNEL} !== null"))


def await_kernel(page: Page) -> None:
    """Wait until the kernel of the notebook in front has nothing to do."""
    page.wait_for_function(f"() => {KERNEL}?.status === 'idle'")


def run_all(page: Page) -> None:
    """Run the notebook in front, once it has its kernel."""
    await_kernel(page)
    page.evaluate("() => { jupyterapp.commands.execute('runmenu:run-all'); }")


def save(page: Page) -> None:
    """Save the notebook in front, and wait until it is."""
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
