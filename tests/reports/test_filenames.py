import re

import pytest
from hypothesis import given, strategies as st

from grader.reports.filenames import report_name

NAMES = st.one_of(st.text(max_size=80), st.text("aAbB-._~ /\\", max_size=8), st.just("ada--1a2b3c4d5e6f7a8b9c0d"))


def test_a_plain_name_stays_as_it_is() -> None:
    assert report_name("ada_lovelace", "rnn-scratch") == "rnn-scratch--ada_lovelace"
    assert report_name("王小明", "rnn-scratch") == "rnn-scratch--王小明"


def test_a_changed_name_stays_readable_and_gets_a_digest() -> None:
    assert re.fullmatch(r"rnn-scratch--ada-lovelace--[0-9a-f]{20}", report_name("Ada Lovelace", "rnn-scratch"))
    assert re.fullmatch(r"rnn-scratch--etc-passwd--[0-9a-f]{20}", report_name("../../etc/passwd", "rnn-scratch"))
    assert re.fullmatch(r"rnn-scratch--unnamed--[0-9a-f]{20}", report_name("🎓", "rnn-scratch"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ada", "a"), ("ada", "a")),
        (("b--c", "a"), ("c", "a--b")),
        (("c", "b"), ("b--c", "")),
        (("straße", "a"), ("strasse", "a")),
        (("e\u0301va", "a"), ("\u00e9va", "a")),
        (("x" * 200 + "1", "a"), ("x" * 200 + "2", "a")),
        (("\ud800", "a"), ("\ud801", "a")),
    ],
)
def test_names_that_look_alike_get_files_of_their_own(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert report_name(*one).casefold() != report_name(*other).casefold()


def test_nobody_can_choose_a_name_that_is_the_file_of_another() -> None:
    victim = report_name("Ada Lovelace", "rnn")

    assert report_name(victim.removeprefix("rnn--"), "rnn") != victim


@given(NAMES, NAMES)
def test_any_name_gives_a_file_name_that_every_system_takes(student: str, assignment: str) -> None:
    name = report_name(student, assignment)

    assert re.fullmatch(r"[\w.-]+", name)
    assert not name.startswith((".", "-"))
    assert ".." not in name
    assert len(f"{name}.html".encode()) <= 255


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_different_submissions_have_different_files(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (report_name(*one).casefold() == report_name(*other).casefold()) == (one == other)
