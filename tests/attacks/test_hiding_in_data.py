"""Answers that are built by hand to break what reads them: each is malformed, and the next answer is read all the same."""

import asyncio
import json
import pickle  # noqa: TID251 - what a naive reader would do
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from grader.execution.answers import Answer, Died, Malformed, Probe, Raised, Returned, TimedOut
from grader.execution.wire import Room
from grader.reports.json_result import write_result
from grader.results import CellResult
from grader.values.codec import encode
from grader.values.tree import TensorLeaf
from tests.execution.lab import LIMITS, Lab, cells
from tests.reports import samples

pytestmark = pytest.mark.kernel

PIECES = """
import json, pickle, struct
content = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0}

def tensors(header, data=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data

def one(shape, begin, end):
    return {'dtype': 'F32', 'shape': shape, 'data_offsets': [begin, end]}
"""

FORGE = f"""
import time
import torch
from ipykernel.kernelapp import IPKernelApp
{PIECES}
kernel = IPKernelApp.instance().kernel
truthful = kernel.shell_handlers['grader_probe_request']

def send(stream, ident, parent, content, buffers=()):
    kernel.session.send(stream, 'grader_probe_reply', content, parent, ident=ident, buffers=list(buffers))
    getattr(stream, 'flush', bool)()  # while a handler runs, nothing else sends what waits

def handle(stream, ident, parent):
    if parent['content']['calls'][0]['entry'] == 'honest':
        return truthful(stream, ident, parent)
    forge(stream, ident, parent)

kernel.shell_handlers['grader_probe_request'] = handle
def honest_entry(): return 1
"""

Reader = Callable[[dict[str, Any], list[bytes]], object]


def reads_json(_: dict[str, Any], buffers: list[bytes]) -> object:
    return json.loads(buffers[0])


def unpickles(_: dict[str, Any], buffers: list[bytes]) -> object:
    return pickle.loads(buffers[1])  # noqa: S301 - this is the naive reader


def loads_tensors(_: dict[str, Any], buffers: list[bytes]) -> object:
    return safetensors.torch.load(buffers[1])


def makes_room(_: dict[str, Any], buffers: list[bytes]) -> object:
    return bytearray(int.from_bytes(buffers[1][:8], "little"))


def slices(_: dict[str, Any], buffers: list[bytes]) -> object:
    size = int.from_bytes(buffers[1][:8], "little")
    header = json.loads(buffers[1][8 : 8 + size])
    return [torch.frombuffer(bytearray(buffers[1][8 + size :][slice(*one["data_offsets"])]), dtype=torch.float32) for one in header.values()]


def takes_all(_: dict[str, Any], buffers: list[bytes]) -> object:
    return torch.frombuffer(bytearray(buffers[1]), dtype=torch.uint8)


def believes(answer: dict[str, Any], _: list[bytes]) -> object:
    return answer["kind"] in {"passed", "returned", "raised"}


# what is sent, who believes it, and None or the exception that ends the naive reader
FORGERIES: dict[str, tuple[str, Reader, type[Exception] | None]] = {
    "no buffers": ("content, []", reads_json, IndexError),
    "three buffers": ("content, [b'1', b'', b'']", reads_json, None),
    "no JSON": ("content, [b'\\x80\\x04pickle', b'']", reads_json, UnicodeDecodeError),
    "a pickle in the place of tensors": ("content, [b'[1, {}]', pickle.dumps(print)]", unpickles, None),
    "NaN and infinities in JSON": ("content, [b'[NaN, {}]', b'']", reads_json, None),
    "a number beyond every float": ("content, [b'[1e999, {}]', b'']", reads_json, None),
    "an integer of 5,000 digits": ("content, [b'[' + b'9' * 5000 + b', {}]', b'']", reads_json, ValueError),
    "brackets nested 100,000 deep": ("content, [b'[' * 100_000 + b']' * 100_000, b'']", reads_json, RecursionError),
    "duplicate keys": ("content, [b'{\"a\": 1, \"a\": 2}', b'']", reads_json, None),
    "10 MB of JSON": ("content, [b'[' + b'1,' * 5_000_000 + b'1]', b'']", reads_json, None),
    "a header of 50 MB": ("content, [b'[1, {}]', tensors(b'{' + b' ' * 50_000_000 + b'}')]", loads_tensors, None),
    "a header that claims 2**60 bytes": ("content, [b'[1, {}]', struct.pack('<Q', 2**60) + b'{}']", makes_room, MemoryError),
    "20,000 tensors": ("content, [b'[1, {}]', tensors({str(i): one([0], 0, 0) for i in range(20_000)})]", loads_tensors, None),
    "a shape of [0, 2**62]": ("content, [b'[1, {}]', tensors({'t0': one([0, 2**62], 0, 0)})]", loads_tensors, None),
    "a tensor's name that leads out of the folder": ("content, [b'[1, {}]', tensors({'../../<script>': one([1], 0, 4)}, b'0000')]", loads_tensors, None),
    "overlapping tensors": ("content, [b'[1, {}]', tensors({n: one([1], 0, 4) for n in ('0', '1')}, b'0000')]", slices, None),
    "90 MB of nothing": ("content, [b'[1, {}]', bytes(90_000_000)]", takes_all, None),
    "an unknown kind": ("{'kind': 'passed', 'score': 10}, [b'[1, {}]', b'']", believes, None),
    "a kind that is no text": ("{'kind': ['returned']}, [b'[1, {}]', b'']", believes, TypeError),
    "seconds that are not finite": ("{**content, 'seconds': 1e308 * 10}, [b'[1, {}]', b'']", believes, None),
    "a million forbidden names": ("{**content, 'forbidden': ['x'] * 1_000_000}, [b'[1, {}]', b'']", believes, None),
    "a traceback of 300,000 frames": (
        "{'kind': 'raised', 'frames': [{'function': 'f', 'line': 1, 'text': '', 'cell_digest': ''}] * 300_000}, []",
        believes,
        None,
    ),
    "a message of 10 MB": ("{'kind': 'raised', 'types': ['E'], 'message': 'x' * 10_000_000}, []", believes, None),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_hand_made_answer_is_no_answer(forgery: str, lab: Lab) -> None:
    payload, _, _ = FORGERIES[forgery]
    forge = f"def forge(stream, ident, parent):\n    answer, buffers = {payload}\n    send(stream, ident, parent, {{'first': 0, 'answers': [answer], 'stopped': False}}, buffers)"

    seen = lab.run(f"{FORGE}\n{forge}", "honest = honest_entry", probes=["forged", "honest"])

    assert isinstance(seen.answers[0], Malformed | Died), seen.answers[0]
    assert_answered(seen.answers[1])


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_naive_reader_takes_the_same_answer_or_is_ended_by_it(forgery: str) -> None:
    payload, reader, ends = FORGERIES[forgery]
    answer, buffers = _made(payload)

    if ends is None:
        assert reader(answer, buffers) is not None
    else:
        with pytest.raises(ends):
            reader(answer, buffers)


def _made(payload: str) -> tuple[dict[str, Any], list[bytes]]:
    namespace: dict[str, Any] = {}
    exec(f"{PIECES}\nmade = {payload}", namespace)  # noqa: S102 - the text above, as the kernel runs it
    made: tuple[dict[str, Any], list[bytes]] = namespace["made"]
    return made


REPLIES = {
    "a drip of replies without answers": "while True:\n        send(stream, ident, parent, {'first': 0, 'answers': [], 'stopped': False})\n        time.sleep(0.2)",
    "stopped, again and again": "send(stream, ident, parent, {'first': 0, 'answers': [], 'stopped': True})",
    "answers to later calls": "send(stream, ident, parent, {'first': 2, 'answers': [{'kind': 'absent'}], 'stopped': False})",
    "a negative number": "send(stream, ident, parent, {'first': -1, 'answers': [{'kind': 'absent'}], 'stopped': False})",
    "answers that are no list": "send(stream, ident, parent, {'first': 0, 'answers': {'0': 'passed'}, 'stopped': False})",
    "nothing": "send(stream, ident, parent, {})",
}


@pytest.mark.parametrize("reply", REPLIES)
def test_a_hand_made_reply_ends_its_kernel_at_once(reply: str, lab: Lab) -> None:
    answers = asked_together(lab, REPLIES[reply], calls=3, total=20.0)

    assert isinstance(answers[-1], Died), answers


def test_answers_that_come_steadily_do_not_outlast_the_notebook_s_time(lab: Lab) -> None:
    steady = (
        "for n in range(20):\n        time.sleep(0.5)\n        send(stream, ident, parent, {'first': n, 'answers': [{'kind': 'absent'}], 'stopped': False})"
    )

    answers = asked_together(lab, steady, calls=20, total=4.0)

    assert len(answers) < 12
    assert isinstance(answers[-1], TimedOut)


def test_large_answers_to_many_cases_do_not_fill_the_grader_s_memory(lab: Lab) -> None:
    large = """for n in range(12):
        header = tensors({'0': one([15 * 2**20], 0, 60 * 2**20)})
        tree = json.dumps([{'@': 'tensor', '0': 0}, {}]).encode()
        send(stream, ident, parent, {'first': n, 'answers': [content], 'stopped': False}, [tree, header + bytes(60 * 2**20)])"""

    answers = asked_together(lab, large, calls=12, total=60.0)

    assert len(answers) == 12
    assert answers[-1] == Malformed(reason="the answers are larger together than allowed")


def test_large_answers_to_several_questions_do_not_either_and_leave_room_for_small_ones(lab: Lab) -> None:
    source = "import torch\nlarge = torch.zeros(10 * 2**20)\ndef one(): return large\ndef other(): return large\ndef small(): return 1"
    seen = lab.run(source, together=[Probe(entry=entry) for entry in (*["one", "other"] * 5, "small")])

    assert [type(answer) for answer in seen.answers] == [*[Returned] * 7, *[Malformed] * 3, Returned]


def test_what_is_small_on_its_way_is_counted_as_what_it_becomes() -> None:
    wire = encode([TensorLeaf(data=torch.tensor(float(number)), device="cpu") for number in range(9900)])  # 17 MiB when it is unpacked
    room = Room(left=100 * 2**20)

    assert sum(room.has(wire) for _ in range(20)) <= 6


def asked_together(lab: Lab, forge: str, *, calls: int, total: float) -> list[Answer]:
    """Return the answers of a kernel that forges, asked in one message."""

    async def work() -> list[Answer]:
        async with lab.session(total=total) as session:
            await session.run(cells(f"{FORGE}\ndef forge(stream, ident, parent):\n    {forge}"))
            return await session.probe_all([Probe(entry="forged")] * calls, timeout_seconds=3.0)

    return lab.do(work())


@pytest.mark.parametrize(
    "source",
    [
        "stream.send_multipart([b'junk'] * 50)\n    truthful(stream, ident, parent)",
        "for i in range(200): stream.send_multipart([*ident, b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}'])\n    truthful(stream, ident, parent)",
        "kernel.session.key = b'another key'\n    truthful(stream, ident, parent)",
        "for i in range(300): send(stream, ident, {'header': {'msg_id': 'x'}, 'content': {}}, content, [b'1', b''])\n    truthful(stream, ident, parent)",
        "kernel.session.send(stream, 'shutdown_reply', {'status': 'ok'}, parent, ident=ident)\n    truthful(stream, ident, parent)",
    ],
    ids=["no message at all", "forged signatures", "another key", "answers to somebody else", "another type of message"],
)
def test_junk_on_the_connection_harms_nobody_but_its_sender(source: str, lab: Lab) -> None:
    seen = lab.run(f"{FORGE}\ndef forge(stream, ident, parent):\n    {source}", "forged = 5", "honest = honest_entry", probes=["forged"], call=3.0)
    neighbour = lab.run("def f(): return 1", probes=["f"])

    assert not isinstance(seen.answers[0], Raised)
    assert_answered(neighbour.answers[0])


KERNEL = """
from ipykernel.kernelapp import IPKernelApp
app = IPKernelApp.instance()
kernel = app.kernel
def publish(kind, content, **changes):
    message = kernel.session.msg(kind, content, parent=kernel.get_parent('shell'))
    message.update(changes)
    kernel.session.send(app.iopub_socket, message)
"""

MESSAGES = {
    "a stream without text": "publish('stream', {'name': 'stdout'})",
    "a stream of no text": "publish('stream', {'name': ['stdout'], 'text': {'a': 1}})",
    "an error of other types": "publish('error', {'ename': {'a': 1}, 'evalue': ['x'], 'traceback': 7})",
    "an output without data": "publish('display_data', {'data': None})",
    "metadata of 7 MB": "publish('display_data', {'data': {'text/plain': 'x'}, 'metadata': {'a': 'x' * 7_000_000}})",
    "JSON 900 deep": "deep = {}\nfor n in range(900): deep = {'a': deep}\npublish('display_data', {'data': {'application/json': deep}, 'metadata': {}})",
    "numbers that are none": "publish('display_data', {'data': {'application/json': [float('nan'), 10**4000], 'text/plain': 'x'}, 'metadata': {}})",
    "a type that is a list": "publish('stream', {}, header={'msg_type': ['stream'], 'msg_id': 'x'})",
    "a parent that is a list": "publish('stream', {'name': 'stdout', 'text': 'x'}, parent_header=[1])",
    "an impossible date": "publish('stream', {'name': 'stdout', 'text': 'x'}, header={**kernel.session.msg('stream')['header'], 'date': '9999-99-99T99:99:99'})",
    "a second welcome": "publish('iopub_welcome', {'subscription': ''})",
    "idle, dead and restarting": "for state in (['idle'], 'idle', 'dead', 'restarting'): publish('status', {'execution_state': state})",
    "5,000 comms": "for n in range(5000): publish('comm_open', {'comm_id': str(n), 'target_name': 'jupyter.widget', 'data': {}})",
    "3,000 displays": "for n in range(3000): publish('display_data', {'data': {'text/plain': 'x'}, 'metadata': {}, 'transient': {'display_id': str(n)}})",
    "a question": "for ask in (input, __import__('getpass').getpass):\n    try: ask('password')\n    except Exception: pass",
    "a payload of 10 MB": "get_ipython().payload_manager.write_payload({'source': 'set_next_input', 'text': 'x' * 10**7})",
    "a representation of other types": "class A:\n    def _repr_mimebundle_(self, **k): return {'text/html': 5, 7: 8}\nA()",
    "an exception that is 100 MB long": "class E(Exception):\n    def __str__(self): return 'x' * 10**8\nraise E()",
}


@pytest.mark.parametrize("message", MESSAGES)
def test_an_odd_message_costs_no_more_than_its_cell(message: str, lab: Lab) -> None:
    seen = lab.run(f"{KERNEL}\n{MESSAGES[message]}", "print('after')", "def f(): return 1", probes=["f"])

    assert seen.statuses[0] in ("ok", "died")
    assert seen.statuses[1:] == ["ok", "ok"]
    assert_answered(seen.answers[0])


def test_an_output_of_endless_depth_can_be_written_down(lab: Lab, tmp_path: Path) -> None:
    deep = """
    import json
    from IPython.display import publish_display_data

    kernel, nested = get_ipython().kernel, {}
    for _ in range(700): nested = {'a': nested}
    kernel.session.pack = lambda part: json.dumps(part, default=str).encode()
    kernel.session.send(kernel.iopub_socket, 'display_data', {'data': {'text/plain': 'plot', 'x': nested, 'y': float('nan')}, 'metadata': {}}, kernel.get_parent())
    1 / 0
    """
    seen = lab.run(deep)

    cell = CellResult(cell_id="c0", status="error", outputs=seen.runs[0].outputs)
    write_result(samples.perfect().model_copy(update={"cells": (cell,)}), tmp_path / "result.json")
    assert seen.runs[0].outputs[0]["data"] == {"text/plain": "plot"}


def test_a_flood_of_messages_to_nobody_does_not_starve_the_neighbour(lab: Lab) -> None:
    flood = """def forge(stream, ident, parent):
    many = [[*ident, *kernel.session.serialize(kernel.session.msg('other', {}, parent=parent))] for n in range(5000)]
    for frames in many: getattr(stream, 'socket', stream).send_multipart(frames)
    time.sleep(60)"""

    async def work() -> list[Answer]:
        async with lab.session() as attacker, lab.session() as neighbour:
            await attacker.run(cells(f"{FORGE}\n{flood}"))
            await neighbour.run(cells("def f(): return 1"))
            attack = asyncio.ensure_future(attacker.probe(Probe(entry="forged"), timeout_seconds=3.0))
            answers = [await neighbour.probe(Probe(entry="f"), timeout_seconds=2.0)]
            while not attack.done():
                answers.append(await neighbour.probe(Probe(entry="f"), timeout_seconds=2.0))
            return [await attack, *answers]

    attacked, *answers = lab.do(work())
    assert isinstance(attacked, TimedOut)
    assert all(isinstance(answer, Returned) for answer in answers)


def test_limits_are_those_of_the_grader_and_not_of_the_probe(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"memory_bytes": 1024**3})
    seen = lab.run("def f(x): return 'x' * (60 * 1024**2)", "def g(): return 1", probes=[Probe(entry="f", inputs={"x": 1}), "g"], limits=limits)

    assert isinstance(seen.answers[0], Malformed | Raised | Died)
    assert_answered(seen.answers[1])


def assert_answered(answer: Answer) -> None:
    assert isinstance(answer, Returned), answer
