"""Spread work that keeps a processor busy over several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 8
"""Processes at most, on however large a machine."""
PORTIONS = 4
"""Portions for each process: more than one, so that none is done long before the others."""
AT_LEISURE = 10
"""How nice (see nice(2)) those are whose work may wait."""


class Crew:
    """Processes that are begun when there is work for them, and end with the block, or with this process.

    Those of a crew that is `at_leisure` leave the processors to whoever else is about to be late.
    """

    def __init__(self, *, at_leisure: bool = False) -> None:
        self._niceness = AT_LEISURE if at_leisure else 0
        self.processes = min(os.cpu_count() or 1, MOST)
        """How many there can be."""
        self._executor: ProcessPoolExecutor | None = None
        self._wanted: tuple[Connection, Connection] | None = None
        """A pipe of which only this process has the end to write: when it is closed, nobody is wanted."""

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._executor and self._wanted:
            self._executor.shutdown(wait=False, cancel_futures=True)
            for end in self._wanted:
                end.close()

    def begin(
        self,
        work: Callable[[Sequence[T]], list[R]],
        items: Sequence[T],
        *,
        portions: int = PORTIONS,
        worthwhile: int = 2,
    ) -> Callable[[], list[R]]:
        """Begin to make `work` of `items`, dealt like cards into so many `portions` for each process.

        What comes back waits for the results, in the order of the items. `work` is a function of a module,
        and items and results can be pickled. Another process takes half a second to start: where there are
        fewer than `worthwhile` items for each, the work is done in this one, when it is waited for.
        """
        processes = min(self.processes, len(items) // worthwhile)
        if processes < 2:
            return lambda: work(items) if items else []
        count = min(portions * processes, len(items))
        started = [self._begun().submit(work, items[first::count]) for first in range(count)]
        return lambda: _dealt_back(started, len(items))

    def _begun(self) -> ProcessPoolExecutor:
        if self._executor is None:
            # a forked process would have the parent's event loops and threads in the state they were in
            context = multiprocessing.get_context("spawn")
            self._wanted = context.Pipe(duplex=False)
            self._executor = ProcessPoolExecutor(
                self.processes,
                context,
                initializer=_depend,
                initargs=(self._niceness, self._wanted[0]),
            )
        return self._executor


def _dealt_back(started: Sequence[Future[list[R]]], count: int) -> list[R]:
    try:
        portions = [future.result() for future in started]
    except BaseException:
        for future in started:
            future.cancel()
        raise
    return [portions[number % len(portions)][number // len(portions)] for number in range(count)]


def _depend(niceness: int, wanted: Connection) -> None:
    """End when nobody wants this one any more, and not before: Ctrl-C is for whom the person has started."""
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_unwanted, args=(wanted,), daemon=True).start()


def _end_unwanted(wanted: Connection) -> None:
    wait([wanted])  # which ends when the other end is closed, by whatever end of its process
    os._exit(1)
