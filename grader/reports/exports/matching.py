"""Which row of a learning platform's table belongs to which mark; where it is not certain, none does."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.reports.exports.marks import Mark
from grader.reports.safe_text import one_line

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class RowKeys:
    """What identifies the person of a row: numbers and logins (with e-mail addresses), and the name."""

    ids: Collection[str]
    name: str


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Which mark each row gets, by the row's number, and a sentence for each mark that gets none."""

    marks: Mapping[int, Mark]
    problems: tuple[str, ...]


def match_rows(rows: Sequence[RowKeys], marks: Iterable[Mark]) -> Matched:
    """Return the mark of each row: by what the learning platform calls the student, by e-mail address, or else by a name that only one row has.

    A student whom the platform named itself is never looked for by name, since two may have the same.
    """
    by_id = _index({_folded(one) for one in row.ids if one.strip()} for row in rows)
    by_name = _index(_names(row.name) for row in rows)
    claims: dict[int, list[Mark]] = {}
    problems: list[str] = []
    for mark in marks:
        found = _rows_of(mark, by_id, by_name)
        if len(found) == 1:
            claims.setdefault(found[0], []).append(mark)
        else:
            problems.append(f"{_who(mark)}: {f'{len(found)} rows fit' if found else 'no row fits'}, so none was filled.")
    for row, claimants in claims.items():
        if len(claimants) > 1:
            problems.append(f"{', '.join(map(_who, claimants))}: they fit the same row ({one_line(rows[row].name)}), so it was not filled.")
    return Matched(marks={row: claimants[0] for row, claimants in claims.items() if len(claimants) == 1}, problems=tuple(problems))


def _rows_of(mark: Mark, by_id: Mapping[str, list[int]], by_name: Mapping[str, list[int]]) -> list[int]:
    for key in filter(None, map(_folded, (mark.lms_id, mark.email, "" if mark.lms_id else mark.student))):
        if key in by_id:
            return by_id[key]
    if mark.lms_id:
        return []
    times = Counter(row for name in _names(mark.student) for row in by_name.get(name, ()))
    return list(times)


def _index(keys: Iterable[Collection[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, own in enumerate(keys):
        for key in own:
            found.setdefault(key, []).append(row)
    return found


def _names(name: str) -> set[str]:
    """Return a name in the forms under which platforms and folders know it: "Lovelace, Ada", "ada_lovelace" and "lovelaceada" meet."""
    return set(_forms(_WORD.findall(_folded(name))))


def _forms(words: Sequence[str]) -> Iterator[str]:
    if words:
        yield " ".join(sorted(words))
        yield "".join(words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _who(mark: Mark) -> str:
    return f"{one_line(mark.student)} ({one_line(mark.lms_id)})" if mark.lms_id else one_line(mark.student)
