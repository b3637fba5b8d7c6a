from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from grader.authoring.load import draw_cases, load_assignment
from grader.authoring.source import source_of
from grader.errors import AuthorError

QUESTIONS = '''\
import torch
from torch import nn

from grader.authoring import Assignment, Case, Failure

assignment = Assignment(title="Steps")


def run_twice(entry, X, scale):
    return entry(entry(X, scale), scale)


@assignment.question("double", points=2)
def double(draw):
    """Twice a tensor."""
    yield Case("one row", public=True, X=draw.normal(1, 4), scale=2)
    yield Case("three rows", X=draw.normal(3, 4), scale=2, may_mutate=["X"])
    yield Case("twice", edge=True, driver=run_twice, X=draw.normal(3, 4), scale=2)


@double.mistake("D01", hint="Your result is the same for every scale.", where="Where does the scale come in?")
def forgets_the_scale(X, scale):
    return X


@assignment.question("half", points=1, depends_on=["double"], forbids=["torch.div"])
def half(draw):
    """Half a tensor."""
    yield Case("one row", public=True, X=draw.normal(1, 4))
'''

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(old: str = "", new: str = "") -> Path:
        assert old in QUESTIONS
        folder = tmp_path / "steps"
        folder.mkdir(exist_ok=True)
        (folder / "questions.py").write_text(QUESTIONS.replace(old, new, 1) if old else QUESTIONS)
        return folder

    return write


def test_an_assignment_is_read_with_its_questions_in_order(write: Write) -> None:
    assignment = load_assignment(write())

    assert assignment.title == "Steps"
    assert [question.name for question in assignment.questions] == ["double", "half"]
    assert assignment.questions[0].title == "Twice a tensor."
    assert [mistake.name for mistake in assignment.questions[0].mistakes] == ["forgets the scale"]


def test_cases_are_the_same_at_every_draw(write: Write) -> None:
    folder = write()

    first = draw_cases("steps", load_assignment(folder).questions[0])
    second = draw_cases("steps", load_assignment(folder).questions[0])

    assert [case.name for case in first] == ["one row", "three rows", "twice"]
    assert all(torch.equal(one.inputs["X"], other.inputs["X"]) for one, other in zip(first, second, strict=True))


def test_another_assignment_draws_other_inputs_for_the_same_question(write: Write) -> None:
    question = load_assignment(write()).questions[0]

    assert not torch.equal(draw_cases("steps", question)[0].inputs["X"], draw_cases("other", question)[0].inputs["X"])


def test_a_changed_file_is_read_anew(write: Write) -> None:
    load_assignment(write())

    assert load_assignment(write('title="Steps"', 'title="Walks"')).title == "Walks"


def test_the_source_of_mistakes_and_drivers_can_be_read_after_loading(write: Write) -> None:
    question = load_assignment(write()).questions[0]
    driver = draw_cases("steps", question)[2].driver

    assert driver is not None
    assert source_of(driver) == "def run_twice(entry, X, scale):\n    return entry(entry(X, scale), scale)\n"
    assert source_of(question.mistakes[0].implementation) == "def forgets_the_scale(X, scale):\n    return X\n"


def test_a_package_has_one_file_a_question(tmp_path: Path) -> None:
    package = tmp_path / "steps" / "questions"
    package.mkdir(parents=True)
    head, question = QUESTIONS.split("def run_twice", 1)
    (package / "__init__.py").write_text(f"{head}\nfrom . import double\n")
    (package / "double.py").write_text(
        f"import torch\nfrom grader.authoring import Case\nfrom . import assignment\n\ndef run_twice{question}".replace("return X\n", "return nothing\n", 1)
    )

    with pytest.raises(AuthorError, match="D01 uses nothing") as caught:
        load_assignment(tmp_path / "steps")
    (package / "double.py").write_text((package / "double.py").read_text().replace("return nothing", "return torch.clone(X)"))

    assert caught.value.file == str(package / "double.py")
    assert [question.name for question in load_assignment(tmp_path / "steps").questions] == ["double", "half"]


def test_two_assignments_with_equal_names_of_functions_do_not_meet(write: Write, tmp_path: Path) -> None:
    first = load_assignment(write())
    other = tmp_path / "other"
    other.mkdir()
    (other / "questions.py").write_text(QUESTIONS.replace("return X", "return -X"))
    second = load_assignment(other)

    assert source_of(first.questions[0].mistakes[0].implementation) != source_of(second.questions[0].mistakes[0].implementation)


def test_a_syntax_error_names_file_and_line(write: Write) -> None:
    folder = write("return X\n", "return X +\n")

    with pytest.raises(AuthorError, match="SyntaxError") as caught:
        load_assignment(folder)

    assert caught.value.file == f"{folder / 'questions.py'}:23"


def test_an_exception_in_the_file_names_the_authors_own_line(write: Write) -> None:
    folder = write("import torch\n", "import torch\ntorch.zeros(2) @ torch.zeros(3)\n")

    with pytest.raises(AuthorError, match="RuntimeError") as caught:
        load_assignment(folder)

    assert caught.value.file == f"{folder / 'questions.py'}:2"


def test_an_exception_while_drawing_names_question_and_line(write: Write) -> None:
    folder = write("X=draw.normal(1, 4))\n", "X=draw.normal(1, 4) @ draw.normal(1, 4))\n")

    with pytest.raises(AuthorError, match="question half: drawing its cases raised RuntimeError") as caught:
        load_assignment(folder)

    assert caught.value.file.endswith("questions.py:29")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="there is no such file"):
        load_assignment(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title="Steps"', 'title=" "', "the assignment has no title"),
        ("assignment = Assignment", "homework = Assignment", "name 'assignment' is not defined"),
        ('@assignment.question("half", ', '@assignment.question("double", ', "question double: the name is there twice"),
        ('@assignment.question("half", ', '@assignment.question("../half", ', "the name is not made of letters"),
        ('"half", points=1', '"half", entry="half it", points=1', "the entry 'half it' is no Python name"),
        ("points=1", "points=0", "question half: points is 0"),
        ("points=1", "points=float('nan')", "points is nan"),
        ('    """Half a tensor."""\n', "", "question half: it has no docstring"),
        ('depends_on=["double"]', 'depends_on=["dubble"]', "depends_on names 'dubble', which is no question"),
        ('depends_on=["double"]', 'depends_on=["half"]', "depends_on names 'half', which does not come before it"),
        ('forbids=["torch.div"]', 'forbids="torch.div"', "forbids has 't', which is no dotted name"),
        ('forbids=["torch.div"]', 'forbids=["torch.div()"]', "which is no dotted name"),
        ('"D01"', '" "', "has an empty id"),
        ('hint="Your result is the same for every scale."', 'hint=""', "the mistake D01 lacks a hint or a where"),
        ('where="Where does the scale come in?"', 'where="  "', "the mistake D01 lacks a hint or a where"),
        ('@double.mistake("D01"', '@double.mistake("D01", same_as="D07"', "the same as 'D07', which is no earlier mistake"),
        ('@double.mistake("D01"', '@double.mistake("D01", credit=1', "the mistake D01 has credit=1"),
        ('@assignment.question("half"', "double.mistake('D01', hint='a', where='b')(forgets_the_scale)\n\n\n@assignment.question('half'", "D01 is there twice"),
        ("return X\n", "return double_it(X)\n", "the mistake D01 uses double_it from outside itself"),
        ('Case("one row", public=True, X=draw.normal(1, 4), scale=2)', 'Case("one row", X=draw.normal(1, 4), scale=2)', "it has no public case"),
        ('Case("three rows"', 'Case("one row"', "case 'one row': the name is there twice"),
        ('Case("three rows"', 'Case(" "', "a case has an empty name"),
        ('Case("three rows"', 'Case("three rows", public=True, edge=True', "case 'three rows': it is public and edge"),
        ('Case("three rows"', 'Case("three rows", points=3', "its cases have 3 points, more than its 2"),
        ("public=True, X=draw.normal(1, 4))", "public=True, points=0.5, X=draw.normal(1, 4))", "no case earns the rest"),
        ('may_mutate=["X"]', 'may_mutate=["Y"]', "may_mutate names ['Y']"),
        ('may_mutate=["X"]', 'allow=["anything"]', "allow has anything"),
        ('may_mutate=["X"]', "tolerance=-1", "tolerance is -1"),
        ('may_mutate=["X"]', "extra=[1, {'net': nn.Linear(1, 1)}]", "the input extra[1]['net'] is a torch.nn.modules.linear.Linear"),
        ("X=draw.normal(3, 4), scale=2, may", "X=torch.rand(3, 4), scale=2, may", "its inputs differ when they are drawn again"),
        ("driver=run_twice", "driver=lambda entry, X, scale: 1", "a lambda stands where a function is needed"),
        ("driver=run_twice", "driver=nn.Linear", "the driver is a type"),
        ("return entry(entry(X, scale), scale)", "return assignment", "the driver run_twice uses assignment from outside itself"),
        ("driver=run_twice", "driver=run_twice, Z=1", "run_twice cannot be called with entry, Z, X, scale: got an unexpected keyword"),
        ("def run_twice", "@torch.no_grad()\ndef run_twice", "the driver run_twice is decorated"),
        ("driver=run_twice", "check=run_twice, Z=1", "run_twice cannot be called with got, Z, X, scale"),
        ("driver=run_twice", "private={'label': 1}", "it has private values or retries, and no check"),
        ("driver=run_twice", "retries=2", "it has private values or retries, and no check"),
        ("driver=run_twice", "retries=1", "retries is 1"),
        ("driver=run_twice", "check=run_twice, private={'scale': 1}", "an input is private as well"),
        ("driver=run_twice", "check=run_twice, private={'label': 1}", "run_twice cannot be called with got, X, scale, label"),
        ("driver=run_twice", "check=run_twice, private={'label': nn.ReLU()}", "the private value label is a torch.nn.modules.activation.ReLU"),
        ("driver=run_twice", "check=run_twice, private={'label': torch.rand(2)}", "its private values differ when they are drawn again"),
        ("X=draw.normal(1, 4), scale=2)", "check=run_twice, retries=2, X=draw.normal(1, 4), scale=2)", "it is public and has private values or retries"),
        ('    yield Case("one row", public=True, X=draw.normal(1, 4))\n', "    yield 3\n", "it yields a int where a Case is needed"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_told(write: Write, old: str, new: str, told: str) -> None:
    folder = write(old, new)

    with pytest.raises(AuthorError) as caught:
        load_assignment(folder)

    assert told in str(caught.value)
    assert "questions.py" in caught.value.file
    assert caught.value.remedy


def test_a_check_may_return_a_failure(write: Write) -> None:
    check = "def judge(got, X, scale):\n    return None if math.isfinite(scale) else Failure(message='no')\n\n\n"
    folder = write("def run_twice", f"{check}def run_twice")
    path = folder / "questions.py"
    path.write_text(path.read_text().replace("driver=run_twice", "check=judge"))

    assert draw_cases("steps", load_assignment(folder).questions[0])[2].check is not None
