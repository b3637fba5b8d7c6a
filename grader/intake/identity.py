"""Names of students, as they come from folders and files."""

import unicodedata

MAX_NAME_CHARACTERS = 100
_JOINERS = "\u200c\u200d"  # invisible, and part of correct Persian and Sinhala


def clean_name(text: str) -> str:
    """Return a name that is safe to show: NFC, no control or direction characters, single spaces, at most 100 characters.

    Empty when nothing is left.
    """
    visible = "".join(character for character in text if character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    return " ".join(unicodedata.normalize("NFC", visible).split())[:MAX_NAME_CHARACTERS].strip()
