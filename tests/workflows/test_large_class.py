from pathlib import Path

from grader.workflows.pages import Pages
from tests.reports.samples import halfway


def test_what_many_students_have_in_common_is_kept_once(tmp_path: Path) -> None:
    pages = Pages(tmp_path, lang="en")
    for number in range(3):
        pages.add(type(halfway()).model_validate_json(halfway().model_dump_json()).model_copy(update={"student": f"student {number}"}), str(number))

    first, *others = [row.result.questions for row in pages.rows]

    assert all(not question.cases and not question.code for question in first)
    assert all(one is other for questions in others for one, other in zip(first, questions, strict=True))
