"""Near-identical code by winnowing: fingerprints of token streams that do not mind names, layout and comments.

The method is that of Moss: S. Schleimer, D. Wilkerson and A. Aiken, "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003.
What many hand in says nothing about any two of them: a fingerprint in more than a few submissions is left out, as Moss does.
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from keyword import iskeyword

import numpy as np

GRAM = 20
"""Tokens in a fingerprint: what two submissions share below that is never seen."""

WINDOW = 12
"""Of every so many fingerprints in a row at least one is kept."""

LEAST_SHARED = 15
"""Fingerprints that two submissions share, of those that few have, before they are named: about 100 tokens, or a dozen lines."""

LEAST_SHARE = 0.6
"""Part of the shorter one's own fingerprints that the other one has too."""

_MOST_IN_COMMON = 10
_TOKEN = re.compile(
    r"(?P<skipped>\#[^\n]*|\s+)"
    # a string that does not end is one all the same: to look for its end from every quote in it would take hours
    r"|(?P<text>[a-zA-Z]{0,2}(?:'''(?:.|\n)*?(?:'''|\Z)|\"\"\"(?:.|\n)*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*+'?|\"(?:\\.|[^\"\\\n])*+\"?))"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<attribute>\.\s*[^\W\d]\w*)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>.)"
)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two submissions whose code is alike; `share` is the part of the shorter one that the longer one has too, from 0 to 1."""

    first: str
    second: str
    share: float


def fingerprints(source: str) -> frozenset[int]:
    """Return the fingerprints of one cell: none where it is shorter than one of them."""
    tokens = list(_tokens(source))
    grams = [zlib.crc32("\n".join(tokens[start : start + GRAM]).encode(errors="replace")) for start in range(len(tokens) - GRAM + 1)]
    return frozenset(min(grams[start : start + WINDOW]) for start in range(max(1, len(grams) - WINDOW + 1)) if grams)


def alike(prints: Mapping[str, Collection[int]]) -> list[Pair]:
    """Return the pairs of submissions, by name, that share much which few others have; the most alike first."""
    found_by = {name: np.fromiter(found, dtype=np.uint32, count=len(found)) for name, found in prints.items()}
    known, number_with = np.unique(np.concatenate([np.empty(0, dtype=np.uint32), *found_by.values()]), return_counts=True)
    most = max(2, min(_MOST_IN_COMMON, len(prints) // 5))
    own: dict[str, int] = {}
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for name, found in found_by.items():
        number = number_with[np.searchsorted(known, found)]
        own[name] = int(np.count_nonzero(number <= most))
        with_few = found[(number > 1) & (number <= most)]
        if len(with_few) >= LEAST_SHARED:
            for one in with_few.tolist():
                holders[one].append(name)
    shared = Counter(pair for names in holders.values() for pair in combinations(names, 2))
    pairs = [Pair(first=first, second=second, share=count / min(own[first], own[second])) for (first, second), count in shared.items() if count >= LEAST_SHARED]
    return sorted((pair for pair in pairs if pair.share >= LEAST_SHARE), key=lambda pair: (-pair.share, pair.first, pair.second))


def _tokens(source: str) -> Iterator[str]:
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup
        if kind in {"text", "number"}:
            yield kind
        elif kind == "name":
            yield match[0] if iskeyword(match[0]) else "name"
        elif kind != "skipped":
            yield match[0]
