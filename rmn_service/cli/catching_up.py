"""A bar for each chain that a node is catching up with, for whoever started it at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from rich.console import Console

    from rmn_service.service import Service

_LOOK_S = 0.25


def show_catching_up(service: Service, clock: Callable[[], int], stopping: threading.Event, console: Console) -> None:
    """Draw until every chain was read up to its head, or the node is to stop."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} blocks/s, {task.fields[left]} left"),
    )
    bars: dict[int, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as drawn:
        while not stopping.is_set():
            found = [(watch, watch.progress(clock())) for watch in service.watches.values()]
            if all(watch.read_at_ms is not None and progress is None for watch, progress in found):
                return
            for watch, progress in found:
                selector = watch.chain.selector
                if progress is None:
                    if selector in bars:
                        drawn.remove_task(bars.pop(selector))
                    continue
                if selector not in bars:
                    bars[selector] = drawn.add_task(watch.chain.name, total=progress.head, rate=0, left="?")
                left = "?" if progress.left_s is None else f"{progress.left_s:,.0f} s"
                drawn.update(
                    bars[selector],
                    completed=progress.block,
                    total=progress.head,
                    rate=progress.blocks_per_s,
                    left=left,
                )
            stopping.wait(_LOOK_S)
