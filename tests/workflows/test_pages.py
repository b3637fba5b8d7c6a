from pathlib import Path

import pytest

from grader.reports.language import Language
from grader.workflows.pages import Pages
from tests.reports import samples
from tests.reports.page import Page


def write(out: Path, lang: Language) -> Pages:
    pages = Pages(out, lang=lang)
    pages.add(samples.halfway(), "ada")
    pages.add(samples.perfect(), "grace")
    pages.finish({("rnn-scratch", "Ada Lovelace"): [0.2]})
    return pages


@pytest.mark.parametrize(("lang", "tag", "words"), [("en", "en", "The class as a whole"), ("zh", "zh-Hans", "整个班级")])
def test_all_pages_are_written_in_one_language_and_lead_to_each_other(tmp_path: Path, lang: Language, tag: str, words: str) -> None:
    pages = write(tmp_path / "out", lang)

    index = Page(pages.index.read_text(encoding="utf-8"))
    links = {link.attributes["href"] for link in index.all("a")} - {"#main"}
    assert links == {"class.html", "ada/feedback.html", "grace/feedback.html"}
    assert words in index.text
    for link in links:
        assert Page((tmp_path / "out" / link).read_text(encoding="utf-8")).first("html").attributes["lang"] == tag


def test_earlier_attempts_are_in_the_class_report(tmp_path: Path) -> None:
    write(tmp_path, "en")

    assert "Attempt 1: 60 %, 2 students, Attempt 2: 36 %, 1 student" in Page((tmp_path / "class.html").read_text(encoding="utf-8")).text


def test_what_is_kept_of_a_result_has_no_cases(tmp_path: Path) -> None:
    pages = write(tmp_path, "en")

    assert all(not question.cases and not question.code for row in pages.rows for question in row.result.questions)


def test_a_result_that_cannot_be_shown_costs_no_other_its_page_and_no_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trips(source: str) -> str:
        raise LookupError(source)

    trouble = samples.halfway().model_copy(update={"student": "eve"})
    pages = Pages(tmp_path, lang="en")
    with monkeypatch.context() as patched:
        patched.setattr("grader.reports.views.code", trips)
        pages.add(trouble, "eve")
    pages.add(samples.halfway(), "ada")
    pages.finish()

    eve, ada = (Page((tmp_path / name / "feedback.html").read_text(encoding="utf-8")).text for name in ("eve", "ada"))
    assert "The marks count, but grader tripped over what else this page would show" in eve
    assert "grader tripped" not in ada
    marks = [(row.result.student, row.result.score) for row in pages.rows]
    assert marks == [("eve", trouble.score), ("Ada Lovelace", trouble.score)]
    index = Page(pages.index.read_text(encoding="utf-8"))
    assert {link.attributes["href"] for link in index.all("a")} >= {"eve/feedback.html", "ada/feedback.html"}
