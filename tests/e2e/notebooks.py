"""Notebooks in JupyterLab, written and run by a test."""

from __future__ import annotations

import json

from playwright.sync_api import Page

from tests.servers import JupyterServer

__all__ = ["await_kernel", "run_all", "save", "write_notebook"]


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


def await_kernel(page: Page) -> None:
    """Wait until the kernel of the notebook that is open has nothing to do.

    Neither the sign in the status bar says so for sure (a notebook opened while the page is still
    coming up may be in sight and not be the current one, which the bar goes by), nor the one in
    the notebook's toolbar (which looks idle before there is a kernel).
    """
    page.wait_for_function(
        """() => {
            const notebook = [...jupyterapp.shell.widgets('main')].find(
                widget => widget.context?.path.endsWith('.ipynb'));
            const session = notebook?.context.sessionContext;
            return session?.isReady && session.kernelDisplayStatus === 'idle';
        }"""
    )


def run_all(page: Page) -> None:
    """Run the notebook that is open, once it has its kernel."""
    await_kernel(page)
    page.locator(".lm-TabBar-tab", has_text=".ipynb").click()
    page.evaluate("() => { jupyterapp.commands.execute('runmenu:run-all'); }")


def save(page: Page) -> None:
    """Save the notebook in front, and wait until it is."""
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
