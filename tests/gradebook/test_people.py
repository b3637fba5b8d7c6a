"""Rosters of any LMS, and whose submission is whose."""

from pathlib import Path

import pytest

from grader.errors import SettingsError
from grader.gradebook.book import Gradebook
from grader.gradebook.records import RosterChange
from tests.gradebook.results import result


def imported(gradebook: Gradebook, tmp_path: Path, text: str) -> RosterChange:
    """Import a roster with this text."""
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode())
    return gradebook.import_roster(path, author="jo")


def known(gradebook: Gradebook) -> list[tuple[str, str, str, str]]:
    """Return what the gradebook knows of everybody."""
    return [(one.name, one.lms_id, one.email, one.section) for one in gradebook.students()]


@pytest.mark.parametrize(
    "text",
    [
        "name,id,email,section\nAda Lovelace,17,ada@x.org,A\n",
        "\ufeffName;ID;E-mail;Section\r\nAda  Lovelace;17;ada@x.org;A\r\n\r\n",
        "Section\tE-Mail Address\tStudent ID\tFull Name\nA\tada@x.org\t17\t Ada Lovelace \n",
        'First name,Last name,ID number,Email address,Groups\n"Ada",Lovelace,17,ada@x.org,A\n',
        "Student,ID,SIS User ID,Email,Section,HW 1 (12)\n    Points Possible,,,,,20\nAda Lovelace,17,9,ada@x.org,A,3\n",
        "姓名,学号,邮箱,班级\nAda Lovelace,17,ada@x.org,A\n",
    ],
    ids=["plain", "excel", "tabs", "moodle", "canvas", "chinese"],
)
def test_a_roster_is_read_whatever_its_columns_are_called(gradebook: Gradebook, tmp_path: Path, text: str) -> None:
    assert imported(gradebook, tmp_path, text) == RosterChange(added=1, changed=0, unchanged=0)

    assert known(gradebook) == [("Ada Lovelace", "17", "ada@x.org", "A")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("id,email\n17,ada@x.org\n", "no column is called name"),
        ("name,id\n,17\n", "line 2: there is no name"),
        ("name,id\nAda,17\nBob,17\n", "lines 2 and 3 have the same id '17'"),
        ("name,email\nAda,a@x.org\nBob,A@x.org\n", "lines 2 and 3 have the same email"),
        ("name\nAda\nAda\n", "lines 2 and 3 have the same name"),
        ('name,id\n"Ada,17\n', "is no CSV file"),
    ],
)
def test_a_roster_that_does_not_fit_is_refused_as_a_whole(gradebook: Gradebook, tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        imported(gradebook, tmp_path, text)

    assert known(gradebook) == []


def test_a_roster_that_is_no_text_or_not_there_is_refused(gradebook: Gradebook, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_bytes(b"name\n\xff\xfe\xfa\n")

    with pytest.raises(SettingsError, match="not UTF-8"):
        gradebook.import_roster(tmp_path / "roster.csv", author="jo")
    with pytest.raises(SettingsError, match="No such file"):
        gradebook.import_roster(tmp_path / "roter.csv", author="jo")


def test_a_roster_that_is_read_again_changes_what_changed_and_keeps_what_it_leaves_out(gradebook: Gradebook, tmp_path: Path) -> None:
    imported(gradebook, tmp_path, "name,id,email,section\nAda,17,ada@x.org,A\nBob,18,bob@x.org,A\n")

    change = imported(gradebook, tmp_path, "name,id,section\nAda Lovelace,17,A\nBob,18,A\nCy,19,B\n")

    assert change == RosterChange(added=1, changed=1, unchanged=1)
    assert known(gradebook) == [("Ada Lovelace", "17", "ada@x.org", "A"), ("Bob", "18", "bob@x.org", "A"), ("Cy", "19", "", "B")]


@pytest.mark.parametrize("named", ["17", "ada@x.org", "ADA@x.org", "Ada Lovelace"])
@pytest.mark.parametrize("roster", ["before", "after"])
def test_a_submission_belongs_to_the_student_with_that_name_id_or_address(gradebook: Gradebook, tmp_path: Path, named: str, roster: str) -> None:
    if roster == "after":
        gradebook.record(result(named))
    imported(gradebook, tmp_path, "name,id,email\nAda Lovelace,17,ada@x.org\nBob,18,bob@x.org\n")
    gradebook.record(result(named))

    (marked,) = gradebook.current()
    assert (marked.student.name, marked.student.lms_id) == ("Ada Lovelace", "17")
    assert len(gradebook.students()) == 2


def test_a_submission_is_given_to_neither_of_two_students_of_one_name(gradebook: Gradebook, tmp_path: Path) -> None:
    imported(gradebook, tmp_path, "name,id\nWei Wang,17\nWei Wang,18\n")

    gradebook.record(result("Wei Wang"))
    gradebook.record(result("18", digest="d2"))

    assert [(marked.student.key, marked.student.lms_id) for marked in gradebook.current()] == [("Wei Wang", ""), ("Wei Wang (18)", "18")]


def test_two_students_of_one_name_are_told_apart_by_the_id_of_their_platform(gradebook: Gradebook) -> None:
    for lms_id, score in (("17", 1.0), ("18", 2.0), ("17", 1.0)):
        gradebook.record(result("Wei Wang", {"one_hot": score}, lms_id=lms_id))

    assert [(marked.student.lms_id, marked.score, marked.attempts) for marked in gradebook.current()] == [("17", 1, 1), ("18", 2, 1)]
    found = gradebook.finished("Wei Wang", "02-rnn", digest="d1", bundle_version="v1", tier="namespaces", lms_id="18")
    assert found is not None
    assert found.score == 2
    with pytest.raises(SettingsError, match="'17' or '18'"):
        gradebook.mark("wei wang", "02-rnn")
    assert gradebook.mark("18", "02-rnn").score == 2


def test_nobody_takes_the_place_of_another_by_a_name_with_their_id(gradebook: Gradebook) -> None:
    for name, lms_id, score in (("Ada", "7", 1.0), ("Ada (8)", "9", 2.0), ("Ada", "8", 3.0)):
        gradebook.record(result(name, {"one_hot": score}, lms_id=lms_id))

    assert {marked.student.lms_id: marked.score for marked in gradebook.current()} == {"7": 1, "9": 2, "8": 3}
