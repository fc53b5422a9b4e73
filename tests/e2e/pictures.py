"""Pictures of what people see, for people to look at: they go to test-results/states."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.conftest import RESULTS

__all__ = ["THEMES", "take_picture"]

MOST_SHOTS = 30
THEMES = ["JupyterLab Light", "JupyterLab Dark"]


def take_picture(page: Page, theme: str, state: str) -> None:
    """Take a picture once nothing moves any more: three in a row are the same."""
    folder = RESULTS / "states"
    folder.mkdir(parents=True, exist_ok=True)
    shots = [page.screenshot(animations="disabled") for _ in range(3)]
    while len(set(shots[-3:])) > 1 and len(shots) < MOST_SHOTS:
        shots.append(page.screenshot(animations="disabled"))
    (folder / f"{state}-{theme.rsplit(maxsplit=1)[-1].lower()}.png").write_bytes(shots[-1])
