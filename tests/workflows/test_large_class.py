import asyncio
import tracemalloc
from pathlib import Path

from grader.reports.class_report import class_parts
from grader.reports.class_row import class_row
from grader.reports.html import IndexRow, index_parts
from grader.reports.outline import Outlines
from grader.reports.stages import Stages
from grader.workflows.pages import Pages
from grader.workflows.run_request import RunSummary
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


def test_the_end_of_a_run_takes_no_memory_for_each_result() -> None:
    results = (Outlines().of(halfway()),) * 1000
    summary = RunSummary(results=results, files=(Path("result.json"),) * 1000, kept=0, index=Path("index.html"), stages=Stages())

    async def run() -> RunSummary:
        return summary

    tracemalloc.start()
    asyncio.run(run())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 500_000
