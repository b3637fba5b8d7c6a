"""What Canvas, Moodle and Gradescope let instructors download, as a folder and as a zip."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from grader.errors import IntakeError
from grader.intake.layouts import Found, find_submissions
from grader.intake.submission import read_submission
from tests.intake.handed_in import code, given, notebook
from tests.intake.zips import archive

PRISTINE = {
    "01-sequences": (given("c-01", "# Sequences"), given("q-one_hot", "#| question: one_hot\ndef one_hot(): ...")),
    "02-rnn": (given("c-01", "# Recurrent networks"), given("q-rnn_step", "#| question: rnn_step\ndef rnn_step(): ...")),
}
RNN = notebook(code("#| question: rnn_step\ndef rnn_step(): pass"))
SEQUENCES = notebook(code("#| question: one_hot\ndef one_hot(): pass"))
OTHER = notebook(code("x = 1"))

METADATA = """---
submission_4711:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0012'
    :email: ada@example.edu
  :created_at: 2024-10-02 14:05:00.000000000 Z
  :score: 3.0
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_4712:
  :submitters:
  - :name: 王小明
    :sid:
    :email: wang@example.edu
  - :name: "<img src=x onerror=alert(1)>"
    :sid: ''
    :email: img@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2024-10-02 14:05:00.000000000 Z
submission_4713:
  :submitters:
  - :name: Eve
    :sid: '13'
    :email: eve@example.edu
"""


def lay(root: Path, files: dict[str, bytes], *, zipped: bool) -> Path:
    """Lay files out in a folder, or zip them."""
    if zipped:
        root.parent.mkdir(parents=True, exist_ok=True)
        return archive(root.with_name(f"{root.name}.zip"), *files.items())
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def found(*paths: Path, scratch: Path, assignment: str | None = None) -> list[Found]:
    return list(find_submissions(paths, pristine=PRISTINE, scratch=scratch, assignment=assignment))


def who(founds: list[Found]) -> list[tuple[str, str, str | None, str]]:
    return [(one.student, one.lms_id, one.assignment, one.problem) for one in founds]


both_ways = pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])


@both_ways
def test_canvas_says_who_handed_in(tmp_path: Path, zipped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    files = {
        "lovelaceada_1234_98765_02-rnn.ipynb": RNN,
        "hoppergrace_LATE_77_98766_final_12_34_version.ipynb": RNN,
        "王小明_78_98767_bob__02-rnn-1.ipynb": RNN,
        "turingalan_79_98768_homework.zip": b"PK",
        "turingalan_79_98769_notes.txt": b"",
    }
    founds = found(lay(tmp_path / "submissions", files, zipped=zipped), scratch=tmp_path / "scratch")

    assert who(founds) == [
        ("hoppergrace", "77", "02-rnn", ""),
        ("lovelaceada", "1234", "02-rnn", ""),
        ("turingalan", "79", None, "no notebook was handed in; found instead: homework.zip, notes.txt"),
        ("王小明", "78", "02-rnn", ""),
    ]
    assert (founds[0].late, founds[0].notes) == (True, ("It was handed in late, says the learning platform.",))
    assert (founds[1].late, founds[1].notes) == (False, ())


@both_ways
def test_who_hands_in_an_older_assignment_beside_the_others_newer_one_is_not_in_time_by_it(tmp_path: Path, zipped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Canvas says of each file whether that was late for the assignment that it is a download of."""
    files = {f"student{number}_{number}_9876{number}_02-rnn.ipynb": RNN for number in range(3)}
    several = {f"eve_13_9877{number}_01-sequences-{number}.ipynb": SEQUENCES for number in range(4)}
    founds = found(lay(tmp_path / "submissions", {**files, **several, "eve_13_98780_02-rnn.ipynb": RNN}, zipped=zipped), scratch=tmp_path / "scratch")

    assert {one.late for one in founds if one.assignment == "01-sequences"} == {None}
    assert {one.late for one in founds if one.assignment == "02-rnn"} == {False}


@both_ways
def test_of_a_download_of_two_notebooks_the_platform_is_believed_for_both(tmp_path: Path, zipped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    files = {f"student{number}_{number}_9876{number}_02-rnn.ipynb": RNN for number in range(4)}
    files |= {f"student{number}_{number}_9877{number}_01-sequences.ipynb": SEQUENCES for number in range(2)}
    files |= {f"other{number}_2{number}_9878{number}_homework.zip": b"PK" for number in range(20)}

    founds = found(lay(tmp_path / "submissions", files, zipped=zipped), scratch=tmp_path / "scratch")

    assert {one.late for one in founds if one.assignment} == {False}


@both_ways
def test_moodle_says_who_handed_in(tmp_path: Path, zipped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    files = {
        "Ada Lovelace_4711_assignsubmission_file_/02-rnn.ipynb": RNN,
        "Ada Lovelace_4711_assignsubmission_onlinetext_/onlinetext.html": b"<p>done",
        "王小明_4712_assignsubmission_file/work/final.ipynb": RNN,
        "Eve Eavesdropper_4713_assignsubmission_file_/Bob_1_assignsubmission_file_/ada.ipynb": RNN,
        "Fred_4714_assignsubmission_onlinetext_/onlinetext.html": b"<p>sorry",
    }
    founds = found(lay(tmp_path / "Course-02-1234", files, zipped=zipped), scratch=tmp_path / "scratch")

    assert who(founds) == [
        ("Ada Lovelace", "4711", "02-rnn", ""),
        ("Eve Eavesdropper", "4713", "02-rnn", ""),
        ("Fred", "4714", None, "no notebook was handed in; found instead: onlinetext.html"),
        ("王小明", "4712", "02-rnn", ""),
    ]


def test_moodle_without_folders_is_read_too(tmp_path: Path) -> None:
    lay(tmp_path, {"Ada Lovelace_4711_assignsubmission_file_ada_final.ipynb": RNN, "Bob_4712_assignsubmission_file_02-rnn.ipynb": OTHER}, zipped=False)

    assert who(found(tmp_path, scratch=tmp_path / "scratch")) == [("Ada Lovelace", "4711", "02-rnn", ""), ("Bob", "4712", "02-rnn", "")]


@both_ways
@pytest.mark.parametrize("wrapper", ["", "assignment_99_export/"])
def test_gradescope_says_who_handed_in(tmp_path: Path, zipped: bool, wrapper: str) -> None:  # noqa: FBT001 - a parameter of the test
    files = {
        f"{wrapper}submission_metadata.yml": METADATA.encode(),
        f"{wrapper}submission_4711/02-rnn.ipynb": RNN,
        f"{wrapper}submission_4712/work/ada.ipynb": RNN,
        f"{wrapper}submission_4713/readme.md": b"",
    }
    path = lay(tmp_path / "export", files, zipped=zipped)
    founds = found(path if zipped or not wrapper else path / wrapper, scratch=tmp_path / "scratch")

    assert who(founds) == [
        ("Ada Lovelace", "0012", "02-rnn", ""),
        ("Eve", "13", None, "no notebook was handed in; found instead: readme.md"),
        ("王小明 & <img src=x onerror=alert(1)>", "wang@example.edu", "02-rnn", ""),
    ]
    assert [(one.late, one.at) for one in founds] == [
        (None, datetime(2024, 10, 2, 14, 5, tzinfo=UTC)),
        (None, None),
        (None, datetime(2024, 10, 2, 14, 5, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    "people",
    [
        {"1": ["Ada"], "2": ["Ada"], "3": ["Ada (1)"]},
        {"1": ["Ada"], "2": ["Ada"], "3": ["Ada (1)"], "4": ["Ada (1) (1)"]},
        {"1": ["Ada " + "x" * 60, "Bob", "y" * 60], "2": ["Ada " + "x" * 60 + " & Bob", "y" * 60]},
    ],
    ids=["a third name", "a fourth name", "a group's names"],
)
def test_nobody_takes_the_place_of_others_by_a_name(tmp_path: Path, people: dict[str, list[str]]) -> None:
    written = {f"submission_{number}": [{":name": name, ":sid": number} for name in names] for number, names in people.items()}
    metadata = yaml.safe_dump({folder: {":submitters": submitters} for folder, submitters in written.items()})
    lay(tmp_path, {"submission_metadata.yml": metadata.encode(), **{f"{folder}/02-rnn.ipynb": RNN for folder in written}}, zipped=False)
    told = found(tmp_path, scratch=tmp_path / "scratch")

    assert {one.lms_id: one.problem for one in told} == dict.fromkeys(people, "")
    assert len({one.student for one in told}) == len(people)


@pytest.mark.parametrize(
    "metadata",
    [
        b"\xff\xfe broken",
        b"- a list",
        b"submission_1: {unclosed",
        b"[" * 100_000,
        b"a: &a [x, x]\nb: &b [*a, *a]\n- broken",
        b"{? {a: b} : c}",
        b"",
    ],
)
def test_a_list_of_submissions_that_cannot_be_read_is_said_so(tmp_path: Path, metadata: bytes) -> None:
    lay(tmp_path, {"submission_metadata.yml": metadata, "submission_1/02-rnn.ipynb": RNN}, zipped=False)

    with pytest.raises(IntakeError, match="export it again"):
        found(tmp_path, scratch=tmp_path / "scratch")


def test_names_in_a_list_of_submissions_that_unfold_without_end_are_left_folded(tmp_path: Path) -> None:
    levels = "\n".join(f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, 30))
    metadata = f"x0: &x0 [lol, lol]\n{levels}\nsubmission_1:\n  :submitters:\n  - :name: *x29\n    :sid: '7'\n    <<: *x29\n"
    lay(tmp_path, {"submission_metadata.yml": metadata.encode(), "submission_1/02-rnn.ipynb": RNN}, zipped=False)

    assert who(found(tmp_path, scratch=tmp_path / "scratch")) == [("unnamed", "7", "02-rnn", "")]


def test_a_list_of_submissions_names_nothing_outside_its_folder(tmp_path: Path) -> None:
    lay(tmp_path, {"outside/secret.txt": b"", "export/submission_1/02-rnn.ipynb": RNN}, zipped=False)
    people = "\n".join(
        f"{folder}:\n  :submitters:\n  - :name: Eve\n    :sid: '{number}'" for number, folder in enumerate(["../outside", tmp_path / "outside", "gone"])
    )
    (tmp_path / "export" / "submission_metadata.yml").write_text(people)

    assert who(found(tmp_path / "export", scratch=tmp_path / "scratch")) == [("submission_1", "", "02-rnn", "")]


def test_a_pipe_in_the_place_of_gradescope_s_list_is_not_waited_for(tmp_path: Path) -> None:
    lay(tmp_path, {"export/submission_1/02-rnn.ipynb": RNN}, zipped=False)
    os.mkfifo(tmp_path / "export" / "submission_metadata.yml")

    with pytest.raises(IntakeError, match="no ordinary file"):
        found(tmp_path / "export", scratch=tmp_path / "scratch")


def test_two_students_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    first = lay(tmp_path / "first", {"wangwei_1_10_02-rnn.ipynb": RNN, "adalovelace_3_11_02-rnn.ipynb": RNN}, zipped=False)
    second = lay(tmp_path / "second", {"wangwei_2_12_02-rnn.ipynb": RNN}, zipped=True)

    assert who(found(first, second, scratch=tmp_path / "scratch")) == [
        ("adalovelace", "3", "02-rnn", ""),
        ("wangwei (1)", "1", "02-rnn", ""),
        ("wangwei (2)", "2", "02-rnn", ""),
    ]


def test_a_student_cannot_hand_in_as_somebody_else(tmp_path: Path) -> None:
    files = {
        "eve_66_1_bob_67_2_02-rnn.ipynb": notebook(code("#| question: rnn_step\n"), code("student = 'bob'")),
        "bob_67_2_02-rnn.ipynb": RNN,
    }
    founds = found(lay(tmp_path / "all", files, zipped=True), scratch=tmp_path / "scratch")

    assert [(one.student, one.lms_id) for one in founds] == [("bob", "67"), ("eve", "66")]


def test_the_newest_of_several_files_counts_and_they_are_the_same_student_s(tmp_path: Path) -> None:
    files = {"ada_1_10_02-rnn.ipynb": RNN, "ada_LATE_1_11_02-rnn-1.ipynb": RNN}
    founds = found(lay(tmp_path / "all", files, zipped=True), scratch=tmp_path / "scratch")

    assert [bool(one.problem) for one in founds] == [True, False]
    assert founds[1].notes[0] == "It was handed in late, says the learning platform."
    assert "Another file was set aside" in founds[1].notes[1]


def test_the_assignment_may_be_told_by_the_name_of_the_download(tmp_path: Path) -> None:
    path = lay(tmp_path / "02-rnn", {"ada_1_10_final.ipynb": OTHER}, zipped=True)

    assert who(found(path, scratch=tmp_path / "scratch")) == [("ada", "1", "02-rnn", "")]


@pytest.mark.parametrize(("assignment", "file"), [("02-rnn", "02-rnn.ipynb"), ("02-rnn", "02-rnn-1.ipynb"), ("hw-1", "hw-1.ipynb"), ("hw-1", "hw-1-2.ipynb")])
def test_a_file_that_canvas_numbered_is_still_named_after_its_assignment(tmp_path: Path, assignment: str, file: str) -> None:
    lay(tmp_path, {f"ada_1_10_{file}": OTHER}, zipped=False)
    pristine = {"01-sequences": PRISTINE["01-sequences"], assignment: PRISTINE["02-rnn"]}

    (one,) = find_submissions([tmp_path], pristine=pristine, scratch=tmp_path / "scratch")

    assert (one.student, one.assignment) == ("ada", assignment)


def test_a_file_beside_them_that_canvas_did_not_name_is_nobody_s_download(tmp_path: Path) -> None:
    lay(tmp_path, {"ada_1_10_02-rnn.ipynb": RNN, "mine.ipynb": RNN}, zipped=False)

    assert [(one.student, one.lms_id) for one in found(tmp_path, scratch=tmp_path / "scratch")] == [("ada_1_10", ""), ("mine", "")]


@pytest.mark.parametrize(
    ("name", "files", "students"),
    [
        ("class", ["ada/02-rnn.ipynb", "bob/02-rnn.ipynb"], ["ada", "bob"]),
        ("class", ["submissions/ada/02-rnn.ipynb", "submissions/bob/final.ipynb"], ["ada", "bob"]),
        ("class", ["class/ada__02-rnn.ipynb", "class/bob__02-rnn.ipynb"], ["ada", "bob"]),
        ("class", ["submitted/ada/02-rnn/problem1.ipynb", "gradebook.db"], ["ada"]),
        ("class", ["ada/02-rnn/02-rnn.ipynb"], ["ada"]),
        ("homework", ["ada/final.ipynb"], ["ada"]),
        ("ada", ["02-rnn.ipynb"], ["ada"]),
        ("02-rnn", ["ada.ipynb", "bob.ipynb"], ["ada", "bob"]),
    ],
)
def test_an_archive_may_have_any_layout_that_a_folder_may_have(tmp_path: Path, name: str, files: list[str], students: list[str]) -> None:
    path = lay(tmp_path / name, dict.fromkeys(files, RNN), zipped=True)

    founds = found(path, scratch=tmp_path / "scratch")

    assert [(one.student, one.assignment, one.problem) for one in founds] == [(student, "02-rnn", "") for student in students]


def test_a_report_names_the_place_in_the_archive_and_not_where_it_was_unpacked(tmp_path: Path) -> None:
    path = lay(tmp_path / "all", {"ada_1_10_02-rnn.ipynb": RNN, "bob_2_11_02-rnn.ipynb": b"{"}, zipped=True)
    ada, bob = found(path, scratch=tmp_path / "scratch")

    submission = read_submission(ada, pristine=PRISTINE, entries={"02-rnn": {}})
    with pytest.raises(IntakeError) as told:
        read_submission(bob, pristine=PRISTINE, entries={"02-rnn": {}})

    assert submission.path == f"{path}/ada_1_10_02-rnn.ipynb"
    assert told.value.path == f"{path}/bob_2_11_02-rnn.ipynb"


def test_one_student_s_bomb_costs_nobody_else_a_mark(tmp_path: Path) -> None:
    path = lay(tmp_path / "all", {"ada_1_10_02-rnn.ipynb": RNN, "eve_2_11_02-rnn.ipynb": b" " * 19_000_000}, zipped=True)

    ada, eve = found(path, scratch=tmp_path / "scratch")

    assert (ada.problem, eve.student) == ("", "eve")
    assert "500 times its size" in eve.problem


def test_two_archives_of_one_name_do_not_meet(tmp_path: Path) -> None:
    first = lay(tmp_path / "monday" / "all", {"ada_1_10_02-rnn.ipynb": RNN}, zipped=True)
    second = lay(tmp_path / "tuesday" / "all", {"ada_1_10_01-sequences.ipynb": SEQUENCES}, zipped=True)

    assert [one.assignment for one in found(first, second, scratch=tmp_path / "scratch")] == ["01-sequences", "02-rnn"]
