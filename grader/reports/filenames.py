"""Names of report files, made of names that students and file systems chose."""

import hashlib
import re
import unicodedata

_MOST_BYTES = 60
_DIGITS = 20
_UNSAFE = re.compile(r"[^\w.-]+")
_RUNS = re.compile(r"[.-]{2,}")


def report_name(student: str, assignment: str) -> str:
    """Return a file name without extension that is safe on every file system and differs for every (student, assignment).

    It reads `assignment--student`. Where a name had to be changed (capitals too: some file systems do not tell them apart),
    `--` and twenty digits of a digest follow, which nobody can seek a name for; no name that went unchanged can end like this.
    """
    parts = [_safe(assignment), _safe(student)]
    if parts == [assignment, student]:
        return "--".join(parts)
    digest = hashlib.sha256(repr((student, assignment)).encode("utf-8", "surrogatepass")).hexdigest()
    return "--".join([*parts, digest[:_DIGITS]])


def _safe(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    short = _UNSAFE.sub("-", folded).encode()[:_MOST_BYTES].decode(errors="ignore")
    return _RUNS.sub("-", short).strip("-._") or "unnamed"
