"""A progress bar for what takes long: sending a batch, waiting for its commit, receiving it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph_ext.client.session.pending import Progress

__all__ = ["FROM_ELEMENTS", "counting", "show_progress"]

FROM_ELEMENTS = 10_000
"""How many elements make a bar worth showing."""

_DOING = {
    "sending": "sending",
    "committing": "waiting for the commit",
    "receiving": "receiving",
}


def show_progress(
    reports: SimpleQueue[Progress | None],
    label: str,
    *,
    least: int = FROM_ELEMENTS,
    timeout_s: float | None = None,
) -> None:
    """Show reports as a bar, in a notebook as a widget, until None comes.

    Each element counts once when it is sent and once when it has come back; of what is only
    received, once.

    Parameters
    ----------
    reports : SimpleQueue
        What has been done so far, None at the end.
    label : str
        What is done.
    least : int
        From how many elements on a bar is shown.
    timeout_s : float, optional
        Return when nothing was reported for so long.
    """
    bar: Any = None
    parts = 1
    arriving = False
    try:
        while (report := reports.get(timeout=timeout_s)) is not None:
            if bar is None:
                if report.total < least:
                    continue
                # looks at the terminal or notebook when imported: not before it is needed
                from tqdm.auto import tqdm  # noqa: PLC0415

                parts = 1 if report.phase == "receiving" else 2
                bar = tqdm(total=parts * report.total, unit=" elements", unit_scale=True)
            arriving = report.phase == "receiving"
            bar.set_description(f"{label}: {_DOING[report.phase]}", refresh=False)
            before = 0 if report.phase == "sending" else (parts - 1) * report.total
            bar.update(before + report.count - bar.n)
        # a refused update ends where it was; a commit may have fewer events than it had edits
        if bar is not None and arriving:
            bar.set_description(label, refresh=False)
            bar.update(bar.total - bar.n)
    except Empty:
        return
    finally:
        if bar is not None:
            bar.close()


@contextmanager
def counting(total: int, label: str, shows: bool | None) -> Iterator[Callable[[int], object]]:
    """Show a bar for work of this thread.

    Parameters
    ----------
    total : int
        How many elements there are.
    label : str
        What is done.
    shows : bool, optional
        Whether to show it; None: from 10,000 elements on.

    Yields
    ------
    callable
        Takes how many more are done.
    """
    if not (total >= FROM_ELEMENTS if shows is None else shows):
        yield lambda _count: None
        return
    from tqdm.auto import tqdm  # noqa: PLC0415

    with tqdm(total=total, desc=label, unit=" elements", unit_scale=True) as bar:
        yield bar.update
