"""Channels against ZeroMQ's own library, which is what kernels speak through."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
import zmq
import zmq.asyncio

from grader.execution.channels import Channel, Connection

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00NULL" + bytes(48)
KERNEL_SAYS = [b"<IDS|MSG>", b"signature", b'{"msg_type": "stream"}', b'{"msg_id": "1"}', b"{}", b'{"text": "x"}']


def frame(body: bytes, *, more: bool = False, command: bool = False) -> bytes:
    flags = more | 2 * (len(body) > 255) | 4 * command
    return struct.pack(">BQ" if len(body) > 255 else ">BB", flags, len(body)) + body


@asynccontextmanager
async def a_kernel(folder: Path) -> AsyncIterator[tuple[Connection, zmq.asyncio.Socket, zmq.asyncio.Socket]]:
    """Give a connection, and the sockets at its other end: ROUTER and XPUB."""

    async def connect(channel: Channel, number: int) -> None:
        await asyncio.get_running_loop().create_unix_connection(lambda: channel, str(folder / f"k-{number}"))

    context = zmq.asyncio.Context()
    router, publisher = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
    router.bind(f"ipc://{folder}/k-1")
    publisher.bind(f"ipc://{folder}/k-2")
    connection = Connection("key")
    try:
        await connection.open(connect)
        assert await publisher.recv() == b"\x01"
        await publisher.send_multipart([b"welcome", *KERNEL_SAYS[:2], b'{"msg_type": "iopub_welcome"}', *KERNEL_SAYS[3:]])
        await connection.greeted()
        yield connection, router, publisher
    finally:
        connection.close()
        context.destroy(linger=0)


def test_what_is_asked_arrives_and_what_is_answered_comes_back(tmp_path: Path) -> None:
    buffers = [b"", b"x" * 255, b"y" * 256, bytes(3 * 1024**2)]

    async def work() -> None:
        async with a_kernel(tmp_path) as (connection, router, _):
            number = connection.request("ask", {"text": "ü"}, buffers)
            identity, delimiter, _, header, *rest = await router.recv_multipart()
            assert delimiter == b"<IDS|MSG>"
            assert number.encode() in header
            assert rest == [b"{}", b"{}", '{"text": "ü"}'.encode(), *buffers]
            await router.send_multipart([identity, *KERNEL_SAYS, *buffers])
            answer = await connection.shell_channel.get_msg()
            assert answer["parent_header"] == {"msg_id": "1"}
            assert answer["content"] == {"text": "x"}
            assert answer["buffers"] == buffers

    asyncio.run(work())


@pytest.mark.parametrize("piece", [1, 7, 64, 10_000])
def test_messages_may_come_in_pieces_of_any_size(piece: int) -> None:
    async def work() -> None:
        channel = Channel("SUB")
        channel.connection_made(Mock(asyncio.Transport))
        message = b"".join(frame(part, more=True) for part in KERNEL_SAYS) + frame(b"z" * 300)
        said = GREETING + frame(b"\x05READY", command=True) + message * 3
        for start in range(0, len(said), piece):
            channel.data_received(said[start : start + piece])
        assert channel.ready.is_set()
        assert [(await channel.get_msg())["buffers"] for _ in range(3)] == [[b"z" * 300]] * 3

    asyncio.run(work())


def test_who_is_not_read_has_to_wait() -> None:
    async def work() -> None:
        channel, transport = Channel("SUB"), Mock(asyncio.Transport)
        channel.connection_made(transport)
        message = b"".join(frame(part, more=True) for part in KERNEL_SAYS) + frame(b"z" * 300)
        channel.data_received(GREETING + message * 7)
        transport.pause_reading.assert_not_called()
        channel.data_received(message)
        transport.pause_reading.assert_called_once()
        for _ in range(7):
            await channel.get_msg()
        transport.resume_reading.assert_not_called()
        await channel.get_msg()
        transport.resume_reading.assert_called_once()

    asyncio.run(work())


def test_one_large_message_is_enough_to_wait() -> None:
    async def work() -> None:
        channel, transport = Channel("DEALER"), Mock(asyncio.Transport)
        channel.connection_made(transport)
        message = b"".join(frame(part, more=True) for part in KERNEL_SAYS) + frame(bytes(8 * 2**20))
        channel.data_received(GREETING + message[:-1])
        transport.pause_reading.assert_not_called()
        channel.data_received(message[-1:])
        transport.pause_reading.assert_called_once()
        await channel.get_msg()
        transport.resume_reading.assert_called_once()
        channel.data_received(message[:100])
        transport.pause_reading.assert_called_once()

    asyncio.run(work())


def test_a_frame_of_more_than_96_mebibytes_is_not_waited_for() -> None:
    channel, transport = Channel("SUB"), Mock(asyncio.Transport)
    channel.connection_made(transport)
    channel.data_received(GREETING + struct.pack(">BQ", 2, 96 * 2**20))
    transport.abort.assert_not_called()

    other, its_transport = Channel("SUB"), Mock(asyncio.Transport)
    other.connection_made(its_transport)
    other.data_received(GREETING + struct.pack(">BQ", 2, 96 * 2**20 + 1))
    its_transport.abort.assert_called_once()


@pytest.mark.parametrize(
    "message", [[b"junk"], KERNEL_SAYS[:3], [*KERNEL_SAYS[:2], b"not JSON", *KERNEL_SAYS[3:]], [*KERNEL_SAYS[:2], b"[]", *KERNEL_SAYS[3:]]]
)
def test_what_is_no_message_is_refused_and_the_next_one_is_read(message: list[bytes], tmp_path: Path) -> None:
    async def work() -> None:
        async with a_kernel(tmp_path) as (connection, _, publisher):
            await publisher.send_multipart(message)
            await publisher.send_multipart([b"topic", *KERNEL_SAYS])
            with pytest.raises((ValueError, TypeError, KeyError)):
                await connection.iopub_channel.get_msg()
            assert (await connection.iopub_channel.get_msg())["content"] == {"text": "x"}

    asyncio.run(work())
