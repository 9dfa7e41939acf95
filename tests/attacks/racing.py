"""Several at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, in their order."""
    gate = Barrier(len(acts))

    def begun(act: Callable[[], Any]) -> Any:
        gate.wait(timeout=20)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begun, acts))
