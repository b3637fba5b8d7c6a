# ruff: noqa: RUF001 - Chinese has its own punctuation
import re
from functools import cache
from pathlib import Path

import pytest

import grader
from grader.errors import IntakeError
from grader.intake.read import read_notebook
from grader.reports.class_report import render_class
from grader.reports.class_row import class_row
from grader.reports.graders_words import SAID, sentence, translated
from grader.reports.html import IndexRow, render_index, render_submission
from grader.reports.language import Language, translations
from grader.results import QuestionResult, SubmissionResult
from tests.reports import samples
from tests.reports.catalogue import LOCALE, forms, gather, load
from tests.reports.classroom import classroom
from tests.reports.page import Page

ZH = translations("zh")
RESULTS = {"halfway": samples.halfway(), "perfect": samples.perfect(), "unreadable": samples.unreadable(), "ours": samples.ours()}


def render_all(language: Language) -> dict[str, str]:
    rows = [IndexRow(result=result, href=f"{name}.html") for name, result in RESULTS.items()]
    class_rows = [class_row(result, href="page.html") for result in [*RESULTS.values(), *classroom(40)]]
    pages = {name: render_submission(result, language=language) for name, result in RESULTS.items()}
    return pages | {"index": render_index(rows, class_report="class.html", language=language), "class": render_class(class_rows, language=language)}


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*/LC_MESSAGES/grader.po")), ids=lambda path: path.parent.parent.name)
def test_a_catalogue_has_every_sentence_and_nothing_else(path: Path) -> None:
    catalogue, wanted = load(path), gather()

    untranslated = [message.id for message in catalogue if message.id and (message.fuzzy or not all(forms(message.string)))]
    assert untranslated == []
    assert {message.id for message in catalogue} ^ {message.id for message in wanted} == set(), "run: python -m tests.reports.catalogue"


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*/LC_MESSAGES/grader.po")), ids=lambda path: path.parent.parent.name)
def test_a_translation_fills_in_what_its_sentence_does(path: Path) -> None:
    for message in load(path):
        wanted, said = forms(message.id)[-1], forms(message.string)[-1]
        if message.id:
            assert sorted(set(re.findall(r"%\(\w+\)s|\{\w+\}", said))) == sorted(set(re.findall(r"%\(\w+\)s|\{\w+\}", wanted)))


@pytest.mark.parametrize("name", render_all("zh"))
def test_a_page_in_chinese_says_nothing_of_ours_in_english(name: str) -> None:
    page = Page(render_all("zh")[name])
    english = [part for message in gather() for part in re.split(r"%\(\w+\)s|\{\w+\}|<[^>]+>|%%", forms(message.id)[-1]) if len(part.split()) > 3]

    assert page.first("html").attributes["lang"] == "zh-Hans"
    assert [part for part in english if part.strip() in page.text] == []


def test_an_english_page_has_no_chinese() -> None:
    assert not any(re.search(r"[\u4e00-\u9fff]", source) for source in render_all("en").values())


def test_what_the_author_and_the_student_wrote_stays_as_it_is() -> None:
    page = Page(render_all("zh")["halfway"])

    assert "Recurrent networks from scratch" in page.text
    assert "Look at what joins X and H: is every parameter of the layer in use?" in page.text
    assert "One step of a recurrent layer with a hidden state" in page.text
    assert "name 'grad_clipping' is not defined" in page.text


def test_verdicts_and_points_are_said_in_chinese() -> None:
    page = Page(render_all("zh")["halfway"])

    assert page.first("p", css="total").text == "13.2 / 37 分"
    assert all(words in page.text for words in ("正确", "还不对", "部分正确", "超时", "未作答", "rnn_step 若正确，这题就是对的"))


@pytest.mark.parametrize(
    ("said", "translation"),
    [
        ("expected shape (5, 2, 7), got (2, 5, 7): transposed?", "形状应为 (5, 2, 7)，得到 (2, 5, 7)：是不是转置了？"),
        (
            "element [0, 1]: expected 0.5, got -0.5; 3 of 4 elements differ, largest error 1",
            "元素 [0, 1]：应为 0.5，得到 -0.5；共 4 个元素，其中 3 个不同，最大误差 1",
        ),
        ("expected a 0-dim tensor, got a float", "应为 0 维张量，得到 浮点数"),
        ("A hidden case: the values differ", "某个隐藏用例：数值不同"),
        ("Your result is the transpose of the right one.", "你的结果是正确结果的转置。"),
        ("Something nobody has foreseen.", "Something nobody has foreseen."),
        ("expected {one}, got {other}", "应为 {one}，得到 {other}"),
    ],
)
def test_what_grading_says_is_translated(said: str, translation: str) -> None:
    assert sentence(said, ZH) == translation


UNREADABLE = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"%PDF-",
    b"",
    b"\0\0\0\0\0",
    b"<html>",
    b"import torch",
    b"hello",
    b'{"cells": [',
    b"{]}",
]


@pytest.mark.parametrize("data", UNREADABLE, ids=repr)
def test_a_file_that_is_no_notebook_is_explained_in_chinese(data: bytes) -> None:
    with pytest.raises(IntakeError) as refused:
        read_notebook(data, path="ada.ipynb")

    assert re.search(r"[\u4e00-\u9fff]", sentence(refused.value.reason, ZH))


def test_why_a_file_could_not_be_read_is_said_in_chinese_on_every_page() -> None:
    result = samples.unreadable().model_copy(update={"message": "this is a PDF, not a notebook: hand in the .ipynb file itself"})
    pages = [
        render_submission(result, language="zh"),
        render_index([IndexRow(result=result, href="x.html")], language="zh"),
        render_class([class_row(result, href="x.html")], language="zh"),
    ]

    assert all("这是 PDF，不是 notebook：请提交 .ipynb 文件本身" in page for page in pages)


def test_a_students_long_words_are_not_searched() -> None:
    long = "expected " + ", got ".join("x" * 200)

    assert sentence(long, ZH) == long


@pytest.mark.parametrize("said", [said for said in SAID if len(said.split()) > 4])
def test_what_is_translated_is_what_grading_says(said: str) -> None:
    parts = [part.split() for part in re.split(r"\{\w+\}", said)]
    threes = [" ".join(words[start : start + 3]) for words in parts for start in range(max(1, len(words) - 2)) if words]

    assert any(three in grading_source() for three in threes)


@cache
def grading_source() -> str:
    folders = [Path(grader.__file__).parent / name for name in ("grading", "values", "intake", "execution", "gradebook")]
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))


def test_an_exceptions_own_words_are_left_alone_though_they_look_like_ours() -> None:
    raising = samples.raising_softmax()
    case = raising.cases[0].model_copy(update={"message": "RuntimeError", "error_type": "RuntimeError"})
    result = with_question(raising.model_copy(update={"cases": (case,), "message": ""}))

    assert translated(result, ZH).questions[0].cases[0].message == "RuntimeError"


def with_question(question: QuestionResult) -> SubmissionResult:
    return samples.perfect().model_copy(update={"questions": (question,)})
