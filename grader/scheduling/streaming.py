"""A function mapped over items, so many at a time, without all items or results in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


async def stream(function: Callable[[_Item], Awaitable[_Result]], items: Iterator[_Item], *, at_once: int) -> AsyncIterator[_Result]:
    """Yield the results of a function over items as they get ready; an item is taken only when there is room for it."""
    running: set[asyncio.Task[_Result]] = set()
    try:
        for item in items:
            running.add(asyncio.ensure_future(function(item)))
            if len(running) == at_once:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    yield task.result()
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
