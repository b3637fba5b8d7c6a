import struct

import pytest

from grader.execution.relay import Meter

GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00NULL" + bytes(48)


def frame(size: int, *, more: bool = False, command: bool = False) -> bytes:
    flags = more | 2 * (size > 255) | 4 * command
    return struct.pack(">BQ" if size > 255 else ">BB", flags, size) + bytes(size)


def test_messages_up_to_the_limit_pass_however_many_there_are() -> None:
    meter = Meter(1000)

    assert meter.passes(GREETING)
    assert all(meter.passes(frame(300, more=True) + frame(100)) for _ in range(50))


@pytest.mark.parametrize("piece", [1, 7, 64, 10_000])
def test_bytes_may_come_in_pieces_of_any_size(piece: int) -> None:
    sent = GREETING + (frame(300, more=True) + frame(100)) * 5
    meter = Meter(1000)

    assert all(meter.passes(sent[start : start + piece]) for start in range(0, len(sent), piece))


def test_a_message_of_many_frames_counts_as_one() -> None:
    meter = Meter(1000)

    assert meter.passes(GREETING + frame(300, more=True))
    assert meter.passes(frame(300, more=True))
    assert not meter.passes(frame(300, more=True))


def test_a_command_between_frames_does_not_start_the_count_anew() -> None:
    meter = Meter(1000)

    assert meter.passes(GREETING + frame(300, more=True) + frame(10, command=True) + frame(200, more=True))
    assert not meter.passes(frame(300))


def test_a_frame_is_refused_by_its_header_before_its_body_is_there() -> None:
    assert not Meter(1000).passes(GREETING + struct.pack(">BQ", 2, 2**62))


@pytest.mark.parametrize("greeting", [bytes(64), b"\xff" + bytes(8) + b"\x7f\x01" + bytes(53), b"\x05" * 64], ids=["zeros", "ZMTP 2", "ZMTP 1"])
def test_older_framings_are_refused(greeting: bytes) -> None:
    assert not Meter(1000).passes(greeting)
