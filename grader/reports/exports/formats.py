"""The names of the formats, light enough for `grader --help`."""

from enum import StrEnum


class Format(StrEnum):
    """What marks can be exported as."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    CANVAS = "canvas"
    MOODLE = "moodle"
    MOODLE_FEEDBACK = "moodle-feedback"
    NBGRADER = "nbgrader"
    JUNIT = "junit"
    GRADESCOPE = "gradescope"
    GITHUB = "github"
    GITHUB_SUMMARY = "github-summary"
    CLASSROOM = "classroom"
    CHECK50 = "check50"
