"""The languages of the pages: catalogues of translated sentences, passed to whatever puts something into words."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["en", "zh"]

ENGLISH = NullTranslations()
"""Gives every sentence back as it stands in the code."""

_CATALOGUES = {"zh": "zh_CN"}
_TAGS: dict[Language, str] = {"en": "en", "zh": "zh-Hans"}


def later(message: str) -> str:
    """Mark a sentence for the catalogues that is translated where it is used."""
    return message


@cache
def translations(language: Language) -> NullTranslations:
    """Return the catalogue of a language, compiled from its .po file."""
    if language not in _CATALOGUES:
        return ENGLISH
    source = files("grader.reports") / "locale" / _CATALOGUES[language] / "LC_MESSAGES" / "grader.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=_CATALOGUES[language], abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)


def tag(language: Language) -> str:
    """Return what HTML calls the language."""
    return _TAGS[language]
