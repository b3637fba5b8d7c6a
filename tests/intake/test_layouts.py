"""Finding submissions in whatever layout they came."""

import os
from pathlib import Path

import pytest
from hypothesis import given as given_examples, settings, strategies as st

from grader.errors import IntakeError, SettingsError
from grader.intake.identity import clean_name
from grader.intake.layouts import Found, find_submissions
from grader.intake.read import read_notebook
from grader.intake.recognise import recognise
from grader.intake.submission import read_submission
from tests.intake.handed_in import code, given, markdown, notebook

PRISTINE = {
    "01-sequences": (
        given("c-01", "# Sequences"),
        given("q-vocab", "#| question: vocab\nclass vocab: ..."),
        given("q-one_hot", "#| question: one_hot\ndef one_hot(): ..."),
    ),
    "02-rnn": (
        given("c-01", "# Recurrent networks"),
        given("q-rnn_step", "#| question: rnn_step\ndef rnn_step(): ..."),
        given("q-softmax", "#| question: softmax\ndef softmax(): ..."),
    ),
}
ENTRIES: dict[str, dict[str, str]] = {"01-sequences": {}, "02-rnn": {}}
RNN = notebook(code("#| question: rnn_step\ndef rnn_step(): pass"))
SEQUENCES = notebook(code("#| question: one_hot\ndef one_hot(): pass"))


def lay(root: Path, *names: str, data: bytes = RNN) -> None:
    """Write a notebook at each path; a later one is newer."""
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (number, number))


def found(*paths: Path, student: str | None = None, assignment: str | None = None) -> list[Found]:
    return list(find_submissions(paths, pristine=PRISTINE, scratch=Path(os.devnull), student=student, assignment=assignment))


def who(*paths: Path, student: str | None = None, assignment: str | None = None) -> list[tuple[str, str | None]]:
    return [(one.student, one.assignment) for one in found(*paths, student=student, assignment=assignment)]


@pytest.mark.parametrize(
    "name",
    [
        "ada__02-rnn.ipynb",
        "ada_02-rnn.ipynb",
        "02-rnn_ada.ipynb",
        "02-rnn__ada.ipynb",
        "ada_02-RNN.IPYNB",
        "ada_02-rnn (1).ipynb",
        "ada_02-rnn-Copy1.ipynb",
        "ada.ipynb",
        "ada__my solution.ipynb",
        "ada/02-rnn.ipynb",
        "ada/02-rnn - Copy.ipynb",
        "ada/homework final.ipynb",
        "ada/ada_02-rnn.ipynb",
        "ada/02-rnn/02-rnn.ipynb",
        "ada/02-rnn/problem1.ipynb",
        "ada/homework/02-rnn.ipynb",
        "ada/homework/final.ipynb",
        "02-rnn/ada.ipynb",
        "02-rnn/ada/final.ipynb",
        "02-rnn/ada_02-rnn.ipynb",
        "submitted/ada/02-rnn/problem1.ipynb",
    ],
)
def test_student_and_assignment_are_told_from_the_place(tmp_path: Path, name: str) -> None:
    lay(tmp_path, name)

    assert who(tmp_path) == [("ada", "02-rnn")]
    assert found(tmp_path)[0].path == tmp_path / name


@pytest.mark.parametrize("name", ["ada/02-rnn.ipynb", "ada/02-rnn/02-rnn.ipynb", "any/ada.ipynb", "any/ada__02-rnn.ipynb"])
def test_a_single_notebook_is_found(tmp_path: Path, name: str) -> None:
    lay(tmp_path, name)

    assert who(tmp_path / name) == [("ada", "02-rnn")]


def test_the_folder_of_one_student_is_found(tmp_path: Path) -> None:
    lay(tmp_path / "ada", "01-sequences.ipynb", "02-rnn/02-rnn.ipynb")

    assert who(tmp_path / "ada") == [("ada", "01-sequences"), ("ada", "02-rnn")]


def test_the_folder_of_one_student_s_assignment_is_found(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn/02-rnn.ipynb")

    assert who(tmp_path / "ada" / "02-rnn") == [("ada", "02-rnn")]


def test_student_and_assignment_may_be_given(tmp_path: Path) -> None:
    lay(tmp_path, "x.ipynb", data=notebook(code("x = 1")))

    assert who(tmp_path / "x.ipynb", student="ada", assignment="02-rnn") == [("ada", "02-rnn")]


@pytest.mark.parametrize(
    "names",
    [
        ["ada/02-rnn.ipynb", "bob/02-rnn.ipynb"],
        ["ada__02-rnn.ipynb", "bob__02-rnn.ipynb"],
        ["ada.ipynb", "bob.ipynb"],
        ["02-rnn/ada/final.ipynb", "02-rnn/bob/final.ipynb"],
        ["ada_12_34_02-rnn.ipynb", "bob_13_35_02-rnn.ipynb"],
        ["02-rnn.ipynb", "bob/02-rnn.ipynb"],
    ],
)
def test_nobody_is_given_the_notebooks_of_others(tmp_path: Path, names: list[str]) -> None:
    lay(tmp_path / "class", *names)

    with pytest.raises(SettingsError, match=r"--student would give Ada L\. the notebooks of 2 students by their places \(.*bob"):
        found(tmp_path / "class", student="Ada L.")


def test_nobody_is_given_another_assignment_of_others(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb")
    lay(tmp_path, "bob/01-sequences.ipynb", data=SEQUENCES)

    with pytest.raises(SettingsError, match=r"2 students by their places \(ada, bob\)"):
        found(tmp_path, student="Ada L.")
    assert who(tmp_path, student="Ada L.", assignment="02-rnn") == [("Ada L.", "02-rnn")]


def test_of_many_to_whom_notebooks_belong_a_few_are_named(tmp_path: Path) -> None:
    lay(tmp_path, *(f"s{number:02}/02-rnn.ipynb" for number in range(40)))

    with pytest.raises(SettingsError, match=r"of 40 students by their places \(s00, s01, s02, \.\.\.\)"):
        found(tmp_path, student="Ada L.")


def test_one_student_s_notebooks_are_theirs_whatever_they_are_called(tmp_path: Path) -> None:
    lay(tmp_path, "homework 2.ipynb", "homework 2 (1).ipynb")
    lay(tmp_path, "homework 1.ipynb", data=SEQUENCES)
    lay(tmp_path, "tried/something.ipynb", data=notebook(code("x = 1")))

    graded = [(one.student, one.assignment, one.path.name) for one in found(tmp_path, student="Ada L.") if not one.problem]

    assert graded == [("Ada L.", "01-sequences", "homework 1.ipynb"), ("Ada L.", "02-rnn", "homework 2 (1).ipynb")]


def test_names_with_underscores_are_kept_whole(tmp_path: Path) -> None:
    lay(tmp_path, "ada_lovelace_02-rnn.ipynb", "02-rnn_grace_hopper.ipynb", "alan_turing.ipynb")

    assert who(tmp_path) == [("ada_lovelace", "02-rnn"), ("alan_turing", "02-rnn"), ("grace_hopper", "02-rnn")]


def test_the_longest_assignment_name_is_meant(tmp_path: Path) -> None:
    lay(tmp_path, "ada_deep_rnn.ipynb")

    named = find_submissions([tmp_path], pristine={"rnn": (), "deep_rnn": ()}, scratch=Path(os.devnull))

    assert [(one.student, one.assignment) for one in named] == [("ada", "deep_rnn")]


def test_only_the_asked_assignment_is_found(tmp_path: Path) -> None:
    lay(tmp_path, "ada/01-sequences.ipynb", "ada/02-rnn.ipynb", "bob/01-sequences.ipynb")
    lay(tmp_path, "bob/final.ipynb", data=SEQUENCES)

    assert who(tmp_path, assignment="02-rnn") == [("ada", "02-rnn")]


def test_what_jupyter_and_macos_leave_behind_is_no_submission(tmp_path: Path) -> None:
    lay(
        tmp_path,
        "ada/02-rnn.ipynb",
        "ada/.ipynb_checkpoints/02-rnn-checkpoint.ipynb",
        "__MACOSX/ada/02-rnn.ipynb",
        "ada/._02-rnn.ipynb",
        ".git/x.ipynb",
        "bob/.hidden",
    )

    assert who(tmp_path) == [("ada", "02-rnn")]


def test_of_two_files_the_newest_counts_and_the_other_is_reported_before_it(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb", "ada/02-rnn (1).ipynb", "ada/renamed.ipynb")

    oldest, older, newest = found(tmp_path)

    assert (oldest.path.name, older.path.name, newest.path.name) == ("02-rnn (1).ipynb", "02-rnn.ipynb", "renamed.ipynb")
    assert newest.problem == ""
    assert newest.notes == ("Another file was set aside: 02-rnn.ipynb.", "Another file was set aside: 02-rnn (1).ipynb.")
    assert older.problem == "set aside: renamed.ipynb of the same student for 02-rnn is newer"
    with pytest.raises(IntakeError, match="is newer"):
        read_submission(older, pristine=PRISTINE, entries=ENTRIES)


def test_a_newer_notebook_about_something_else_does_not_push_the_real_one_aside(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb")
    lay(tmp_path, "ada/older.ipynb", "ada/scratch.ipynb", data=notebook(code("plot(3)")))

    *others, graded = found(tmp_path, assignment="02-rnn")

    assert graded.path.name == "02-rnn.ipynb"
    assert [one.problem for one in others] == ["set aside: it has nothing in common with 02-rnn, and 02-rnn.ipynb of the same student has"] * 2


def test_the_same_file_is_found_once(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb")

    assert len(found(tmp_path, tmp_path / "ada", tmp_path / "ada" / "02-rnn.ipynb")) == 1


@pytest.mark.parametrize("name", ["ada/02-rnn.ipynb", "ada__02-rnn.ipynb", "ada/more"])
def test_a_link_that_leads_out_is_reported_and_not_read(tmp_path: Path, name: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    lay(outside, "02-rnn.ipynb")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(outside if name.endswith("more") else outside / "02-rnn.ipynb")
    lay(root, "bob/02-rnn.ipynb")

    linked = found(root)[0]

    assert linked.student == "ada"
    with pytest.raises(IntakeError, match="leads out of the folder"):
        read_submission(linked, pristine=PRISTINE, entries=ENTRIES)


def test_a_link_that_is_named_itself_is_not_followed_out_of_its_folder(tmp_path: Path) -> None:
    lay(tmp_path, "solutions/02-rnn.ipynb", "repository/notes.txt")
    (tmp_path / "repository" / "02-rnn.ipynb").symlink_to(tmp_path / "solutions" / "02-rnn.ipynb")

    [linked] = found(tmp_path / "repository" / "02-rnn.ipynb")

    assert linked.problem == "this is a link that leads out of the folder: hand in the file itself"


def test_a_link_to_a_neighbour_s_notebook_is_reported(tmp_path: Path) -> None:
    lay(tmp_path, "bob/02-rnn.ipynb", "ada/notes.txt")
    (tmp_path / "ada" / "02-rnn.ipynb").symlink_to(tmp_path / "bob" / "02-rnn.ipynb")

    assert [(one.student, bool(one.problem)) for one in found(tmp_path)] == [("ada", True), ("bob", False)]


def test_a_link_within_the_student_s_folder_is_followed(tmp_path: Path) -> None:
    lay(tmp_path, "ada/versions/3.txt")
    (tmp_path / "ada" / "02-rnn.ipynb").symlink_to(Path("versions") / "3.txt")

    assert [one.problem for one in found(tmp_path)] == [""]


@pytest.mark.parametrize("target", ["nowhere.ipynb", "02-rnn.ipynb"])
def test_a_broken_or_circular_link_is_reported(tmp_path: Path, target: str) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "02-rnn.ipynb").symlink_to(tmp_path / "ada" / target)

    assert [one.problem for one in found(tmp_path)] == ["this is a link that leads nowhere: hand in the file itself"]


def test_a_folder_of_submissions_that_is_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    lay(tmp_path, "solutions/02-rnn.ipynb", "repository/other/02-rnn.ipynb")
    (tmp_path / "repository" / "submitted").symlink_to(tmp_path / "solutions")

    problems = {one.path.parent.name: one.problem for one in found(tmp_path / "repository", student="ada")}

    assert problems == {"repository": "this is a link that leads out of the folder: hand in the file itself", "other": ""}


def test_the_folder_of_reports_among_submissions_is_nobody_s(tmp_path: Path) -> None:
    lay(tmp_path, "class/ada/02-rnn.ipynb", "class/reports/02-rnn--ada/feedback.html")
    (tmp_path / "linked").symlink_to(tmp_path / "class" / "reports")

    founds = find_submissions([tmp_path / "class"], pristine=PRISTINE, scratch=Path(os.devnull), reports=tmp_path / "linked")

    assert [one.student for one in founds] == ["ada"]


def test_a_folder_that_is_named_by_a_link_is_followed(tmp_path: Path) -> None:
    lay(tmp_path, "real/ada/02-rnn.ipynb")
    (tmp_path / "linked").symlink_to(tmp_path / "real")

    assert who(tmp_path / "linked") == [("ada", "02-rnn")]
    assert who(tmp_path / "linked" / "ada") == [("ada", "02-rnn")]


@pytest.mark.parametrize("name", ["ada/02-rnn.ipynb", "ada/versions/2.ipynb"])
def test_a_link_in_the_place_of_a_file_that_was_found_is_not_followed(tmp_path: Path, name: str) -> None:
    lay(tmp_path, "solutions/02-rnn.ipynb", name)
    if "versions" in name:
        (tmp_path / "ada" / "02-rnn.ipynb").symlink_to(tmp_path / name)
    one = next(one for one in found(tmp_path / "ada") if not one.problem)

    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(tmp_path / "solutions" / "02-rnn.ipynb")

    with pytest.raises(IntakeError, match="cannot be opened"):
        read_submission(one, pristine=PRISTINE, entries=ENTRIES)


def test_a_student_who_handed_in_no_notebook_is_reported(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb", "bob.b/02-rnn.py", "bob.b/deep/data.csv", "bob.b/.DS_Store")
    (tmp_path / "empty").mkdir()

    assert [(one.student, one.problem) for one in found(tmp_path)] == [("ada", ""), ("bob.b", "no notebook was handed in; found instead: 02-rnn.py, deep")]


def test_folders_beside_a_flat_list_of_notebooks_are_no_students(tmp_path: Path) -> None:
    lay(tmp_path, "ada__02-rnn.ipynb", "data/text.csv")

    assert who(tmp_path) == [("ada", "02-rnn")]


def test_a_notebook_of_no_known_assignment_is_reported(tmp_path: Path) -> None:
    lay(tmp_path, "ada/final.ipynb", data=notebook(code("x = 1")))

    (unknown,) = found(tmp_path)

    assert unknown.assignment is None
    assert unknown.problem == "it is not clear which assignment this is: name the file after one of 01-sequences, 02-rnn"


def test_a_damaged_file_does_not_stop_the_others(tmp_path: Path) -> None:
    lay(tmp_path, "ada/final.ipynb", "bob/02-rnn.ipynb", data=b"{")
    lay(tmp_path, "eve/02-rnn.ipynb")

    reasons = []
    for one in found(tmp_path):
        try:
            submission = read_submission(one, pristine=PRISTINE, entries=ENTRIES)
        except IntakeError as error:
            reasons.append((one.student, one.assignment, "cut off" in error.reason))
        else:
            assert submission.student == "eve"

    assert reasons == [("ada", None, True), ("bob", "02-rnn", True)]


def test_a_path_that_does_not_exist_is_answered_with_one_that_does(tmp_path: Path) -> None:
    (tmp_path / "submissions").mkdir()

    with pytest.raises(SettingsError, match=r"submisions does not exist; did you mean submissions\?"):
        found(tmp_path / "submisions")


def test_a_path_that_resembles_nothing_is_answered_with_what_fits(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist; what fits is a notebook, a folder of notebooks"):
        found(tmp_path / "nowhere" / "at all")


def test_a_folder_without_notebooks_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no notebook found in"):
        found(tmp_path)


def test_a_folder_without_the_asked_assignment_is_a_settings_error(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb")

    with pytest.raises(SettingsError, match="no notebook for 01-sequences found in"):
        found(tmp_path, assignment="01-sequences")


def test_a_file_that_is_no_notebook_is_a_settings_error(tmp_path: Path) -> None:
    lay(tmp_path, "ada.py")

    with pytest.raises(SettingsError, match=r"ada\.py is no notebook"):
        found(tmp_path / "ada.py")


def test_an_unknown_assignment_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no assignment '03'; known are: 01-sequences, 02-rnn"):
        found(tmp_path, assignment="03")


def test_a_found_notebook_becomes_a_submission(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb", "ada/final.ipynb")

    submission = read_submission(found(tmp_path)[-1], pristine=PRISTINE, entries=ENTRIES)

    assert (submission.student, submission.assignment, submission.path) == ("ada", "02-rnn", str(tmp_path / "ada" / "final.ipynb"))
    assert submission.answers == {"rnn_step": "#| question: rnn_step\ndef rnn_step(): pass"}
    assert submission.notes == ("Another file was set aside: 02-rnn.ipynb.",)
    assert len(submission.digest) == 64


def test_the_notebook_of_another_assignment_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, "ada/02-rnn.ipynb", data=SEQUENCES)

    with pytest.raises(IntakeError, match="this is the notebook of 01-sequences, handed in as 02-rnn"):
        read_submission(found(tmp_path)[0], pristine=PRISTINE, entries=ENTRIES)


@pytest.mark.parametrize(
    ("data", "assignment"),
    [
        (RNN, "02-rnn"),
        (notebook(code("def rnn_step(): ...")), "02-rnn"),
        (notebook(code("x", id="q-vocab")), "01-sequences"),
        (notebook(code("x", grader={"question": "softmax"})), "02-rnn"),
        (notebook(code("def rnn_step(): ..."), code("class vocab: ..."), code("def softmax(): ...")), "02-rnn"),
        (notebook(code("def rnn_step(): ..."), code("class vocab: ...")), None),
        (notebook(markdown("# Sequences"), code("def rnn_step(): ..."), code("class vocab: ...")), "01-sequences"),
        (notebook(markdown("# Recurrent networks")), "02-rnn"),
        (notebook(code("x = 1")), None),
        (notebook(), None),
    ],
)
def test_an_assignment_is_recognised_by_what_it_has_in_common(data: bytes, assignment: str | None) -> None:
    assert recognise(read_notebook(data, path="a.ipynb"), PRISTINE) == assignment


def test_a_notebook_about_something_else_is_not_the_only_assignment_there_is() -> None:
    assert recognise(read_notebook(notebook(code("x = 1")), path="a.ipynb"), {"02-rnn": PRISTINE["02-rnn"]}) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada  Lovelace ", "Ada Lovelace"),
        ("Zoe\u200b\u0308", "Zo\u00eb"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("ada\u202egnp.exe", "adagnp.exe"),
        ("a\x00d\x1b[31ma\u200b\u2028\ufeff", "ad[31ma"),
        ("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"),
        ("x" * 150, "x" * 100),
        ("\u202e", ""),
    ],
)
def test_a_name_is_normal_visible_and_short(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_a_name_of_which_nothing_is_left_is_called_unnamed(tmp_path: Path) -> None:
    lay(tmp_path, "\u202e/02-rnn.ipynb")

    assert who(tmp_path) == [("unnamed", "02-rnn")]


@settings(deadline=None)
@given_examples(st.text())
def test_cleaning_a_name_twice_changes_nothing(text: str) -> None:
    assert clean_name(clean_name(text)) == clean_name(text)
