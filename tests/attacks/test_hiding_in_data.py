"""Answers that are built by hand to break what reads them: each is malformed, and the next answer is read all the same."""

import pytest

from grader.execution.answers import Answer, Died, Malformed, Probe, Raised, Returned, TimedOut
from tests.execution.lab import LIMITS, Lab

pytestmark = pytest.mark.kernel

FORGE = """
import json, struct
import torch
from ipykernel.kernelapp import IPKernelApp
kernel = IPKernelApp.instance().kernel
truthful = kernel.shell_handlers['grader_probe_request']
content = {'kind': 'returned', 'forbidden': [], 'seconds': 0.0}

def reply(stream, ident, parent, content, buffers):
    kernel.session.send(stream, 'grader_probe_reply', content, parent, ident=ident, buffers=buffers)

def tensors(header, data=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data

def handle(stream, ident, parent):
    if parent['content']['entry'] == 'honest':
        return truthful(stream, ident, parent)
    forge(stream, ident, parent)

kernel.shell_handlers['grader_probe_request'] = handle
def honest_entry(): return 1
"""

FORGERIES = {
    "no buffers": "reply(stream, ident, parent, content, [])",
    "three buffers": "reply(stream, ident, parent, content, [b'1', b'', b''])",
    "no JSON": "reply(stream, ident, parent, content, [b'\\x80\\x04pickle', b''])",
    "a pickle in the place of tensors": "import pickle\nreply(stream, ident, parent, content, [b'[1, {}]', pickle.dumps(print)])",
    "NaN and infinities in JSON": "reply(stream, ident, parent, content, [b'[NaN, {}]', b''])",
    "a number beyond every float": "reply(stream, ident, parent, content, [b'[1e999, {}]', b''])",
    "an integer of 5,000 digits": "reply(stream, ident, parent, content, [b'[' + b'9' * 5000 + b', {}]', b''])",
    "brackets nested 100,000 deep": "reply(stream, ident, parent, content, [b'[' * 100_000 + b']' * 100_000, b''])",
    "duplicate keys": "reply(stream, ident, parent, content, [b'{\"a\": 1, \"a\": 2}', b''])",
    "40 MB of JSON": "reply(stream, ident, parent, content, [b'[' + b'1,' * 20_000_000 + b'1]', b''])",
    "a header of 50 MB": "reply(stream, ident, parent, content, [b'[1, {}]', tensors(b' ' * 50_000_000 + b'{}')])",
    "a header that claims 2**60 bytes": "reply(stream, ident, parent, content, [b'[1, {}]', struct.pack('<Q', 2**60) + b'{}'])",
    "200,000 tensors": (
        "reply(stream, ident, parent, content, [b'[1, {}]', tensors({str(i): {'dtype': 'F32', 'shape': [0], 'data_offsets': [0, 0]} for i in range(200_000)})])"
    ),
    "a shape of [0, 2**62]": "reply(stream, ident, parent, content, [b'[1, {}]', tensors({'t0': {'dtype': 'F32', 'shape': [0, 2**62], 'data_offsets': [0, 0]}})])",
    "a tensor's name that leads out of the folder": (
        "reply(stream, ident, parent, content, [b'[1, {}]', tensors({'../../<script>': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}}, b'0000')])"
    ),
    "overlapping tensors": (
        "reply(stream, ident, parent, content, [b'[1, {}]', "
        "tensors({n: {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]} for n in ('t0', 't1')}, b'0000')])"
    ),
    "90 MB of nothing": "reply(stream, ident, parent, content, [b'[1, {}]', bytes(90_000_000)])",
    "an unknown kind": "reply(stream, ident, parent, {'kind': 'passed', 'score': 10}, [b'[1, {}]', b''])",
    "a kind that is no text": "reply(stream, ident, parent, {'kind': ['returned']}, [b'[1, {}]', b''])",
    "seconds that are not finite": "reply(stream, ident, parent, {**content, 'seconds': 1e308 * 10}, [b'[1, {}]', b''])",
    "a million forbidden names": "reply(stream, ident, parent, {**content, 'forbidden': ['x'] * 1_000_000}, [b'[1, {}]', b''])",
    "a traceback of a million frames": (
        "f = {'function': 'f', 'line': 1, 'text': '', 'cell_digest': ''}\n    reply(stream, ident, parent, {'kind': 'raised', 'frames': [f] * 300_000}, [])"
    ),
    "a message of 10 MB": "reply(stream, ident, parent, {'kind': 'raised', 'types': ['E'], 'message': 'x' * 10_000_000}, [])",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_hand_made_answer_is_no_answer(forgery: str, lab: Lab) -> None:
    source = f"{FORGE}\ndef forge(stream, ident, parent):\n    {FORGERIES[forgery]}"
    lines = source.replace("\nreply(", "\n    reply(")

    seen = lab.run(lines, "honest = honest_entry", probes=["forged", "honest"], call=6.0)

    assert isinstance(seen.answers[0], Malformed | Died | TimedOut), seen.answers[0]
    assert_answered(seen.answers[1])


@pytest.mark.parametrize(
    "source",
    [
        "stream.send_multipart([b'junk'] * 50)\n    truthful(stream, ident, parent)",
        "for i in range(200): stream.send_multipart([*ident, b'<IDS|MSG>', b'0' * 64, b'{}', b'{}', b'{}', b'{}'])\n    truthful(stream, ident, parent)",
        "kernel.session.key = b'another key'\n    truthful(stream, ident, parent)",
        "for i in range(300): reply(stream, ident, {'header': {'msg_id': 'x'}, 'content': {}}, content, [b'1', b''])\n    truthful(stream, ident, parent)",
        "kernel.session.send(stream, 'shutdown_reply', {'status': 'ok'}, parent, ident=ident)\n    truthful(stream, ident, parent)",
    ],
    ids=["no message at all", "forged signatures", "another key", "answers to somebody else", "another type of message"],
)
def test_junk_on_the_connection_harms_nobody_but_its_sender(source: str, lab: Lab) -> None:
    seen = lab.run(f"{FORGE}\ndef forge(stream, ident, parent):\n    {source}", "forged = 5", "honest = honest_entry", probes=["forged"], call=3.0)
    neighbour = lab.run("def f(): return 1", probes=["f"])

    assert not isinstance(seen.answers[0], Raised)
    assert_answered(neighbour.answers[0])


def test_a_flood_of_kernel_messages_does_not_reach_the_outputs(lab: Lab) -> None:
    flood = """
        from ipykernel.kernelapp import IPKernelApp
        kernel = IPKernelApp.instance().kernel
        parent = kernel.get_parent('shell')
        for kind in ('error', 'stream', 'display_data', 'execute_result', 'update_display_data', 'comm_open', 'clear_output', 'unknown'):
            kernel.session.send(kernel.iopub_socket, kind, {'name': 5}, parent)
    """
    seen = lab.run("x = 1", flood, "def f(): return 2", probes=["f"])

    assert seen.statuses[0] == "ok"
    assert_answered(seen.answers[0])


def test_limits_are_those_of_the_grader_and_not_of_the_probe(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"memory_bytes": 1024**3})
    seen = lab.run("def f(x): return 'x' * (60 * 1024**2)", "def g(): return 1", probes=[Probe(entry="f", inputs={"x": 1}), "g"], limits=limits)

    assert isinstance(seen.answers[0], Malformed | Raised | Died)
    assert_answered(seen.answers[1])


def assert_answered(answer: Answer) -> None:
    assert isinstance(answer, Returned), answer
