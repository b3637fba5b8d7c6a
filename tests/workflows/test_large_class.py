from pathlib import Path

from grader.reports.class_report import class_parts
from grader.reports.class_row import class_row
from grader.reports.html import IndexRow, index_parts
from grader.workflows.pages import Pages
from tests.reports.classroom import classroom
from tests.reports.samples import halfway


def test_what_many_students_have_in_common_is_kept_once(tmp_path: Path) -> None:
    pages = Pages(tmp_path, lang="en")
    for number in range(3):
        pages.add(type(halfway()).model_validate_json(halfway().model_dump_json()).model_copy(update={"student": f"student {number}"}), str(number))

    first, *others = [row.result.questions for row in pages.rows]

    assert all(not question.cases and not question.code for question in first)
    assert all(one is other for questions in others for one, other in zip(first, questions, strict=True))


def test_no_part_of_a_page_of_all_students_grows_with_the_class() -> None:
    results = classroom(90)
    rows = [class_row(result, href="page.html") for result in results]
    index = [IndexRow(result=result, href="page.html") for result in results]

    for few, many in ((class_parts(rows[:30]), class_parts(rows)), (index_parts(index[:30]), index_parts(index))):
        assert max(map(len, many)) < 1.1 * max(map(len, few))
