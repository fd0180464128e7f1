"""Spread work that keeps a processor busy over several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 8
"""Processes at most, on however large a machine."""


def out(
    work: Callable[[Sequence[T]], list[R]], items: Sequence[T], size: int, *, worthwhile: int = 2
) -> list[R]:
    """What `work` makes of `items`, in their order, `size` of them at a time, or fewer where there are few.

    `work` is a function of a module, and items and results can be pickled. Another process takes half a
    second to start: where there are fewer than `worthwhile` items for each, the work is done in this one.
    """
    processes = min(os.cpu_count() or 1, MOST, len(items) // worthwhile)
    if processes > 1:  # each has two portions at least, so that none is done long before the others
        size = max(1, min(size, -(-len(items) // (2 * processes))))
    portions = [items[start : start + size] for start in range(0, len(items), size)]
    if processes < 2:
        return [result for portion in portions for result in work(portion)]
    # a forked process would have the parent's event loops and threads in the state they were in
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_depend) as executor:
        futures = [executor.submit(work, portion) for portion in portions]
        try:
            return [result for future in futures for result in future.result()]
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def _depend() -> None:
    """End with the process that the person has started, and not before: Ctrl-C is for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
