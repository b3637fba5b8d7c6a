import asyncio
from collections.abc import Iterator

import pytest

from grader.scheduling.streaming import stream


def test_an_item_is_taken_only_when_there_is_room_for_it() -> None:
    taken: list[int] = []
    most = 0
    finished = 0

    def items() -> Iterator[int]:
        for number in range(20):
            taken.append(number)
            yield number

    async def work(number: int) -> int:
        nonlocal most, finished
        most = max(most, len(taken) - finished)
        await asyncio.sleep(0)
        finished += 1
        return number

    async def collect() -> list[int]:
        return [result async for result in stream(work, items(), at_once=3)]

    assert sorted(asyncio.run(collect())) == list(range(20))
    assert most == 3


def test_what_is_ready_first_comes_first() -> None:
    async def collect() -> list[str]:
        seen = asyncio.Event()
        results = []

        async def work(name: str) -> str:
            if name == "late":
                await seen.wait()
            return name

        async for result in stream(work, iter(["late", "early"]), at_once=2):
            results.append(result)
            seen.set()
        return results

    assert asyncio.run(collect()) == ["early", "late"]


def test_a_failure_stops_the_rest() -> None:
    begun: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        if number == 2:
            message = "broken"
            raise ValueError(message)

    async def collect() -> None:
        async for _ in stream(work, iter(range(10)), at_once=1):
            pass

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(collect())
    assert begun == [0, 1, 2]
