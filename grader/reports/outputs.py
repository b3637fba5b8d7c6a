"""What a notebook's cell printed and drew, reduced to what is safe on a page."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Any

import nh3
from markupsafe import Markup

from grader.reports.language import ENGLISH
from grader.reports.safe_text import capped, plain, visible

MOST_OUTPUTS = 12
MOST_IMAGE_CHARACTERS = 400_000
_MOST_PIXELS = 16_000_000
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_MARKER = 0xFF  # JPEG, ITU T.81, table B.1
_WITHOUT_LENGTH = {0x00, 0x01, *range(0xD0, 0xDA), _MARKER}
_BEGINS_FRAME = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_TAGS = {
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
}
# A parser of HTML repeats open emphasis in each new paragraph: of twenty kilobytes, told apart by attributes, it makes twenty megabytes.
_ATTRIBUTES = re.compile(r"<([a-z][^\s/>]*+)[^>]*+>", re.IGNORECASE)
_MOST_MARKUP = 200_000
_DROPPED_WITH_CONTENT = {"iframe", "math", "noscript", "object", "script", "style", "svg", "template", "textarea", "title"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One output: `text`, or `image` as a data URI, or sanitised `html`."""

    text: str = ""
    image: str = ""
    html: Markup | None = None


def blocks(outputs: Iterable[Mapping[str, Any]], tr: NullTranslations = ENGLISH) -> list[Block]:
    """Return the outputs of one cell, in order; what is malformed, too large or of another kind is left out or named."""
    given = list(outputs)
    pixels = _Pixels()
    shown = [block for output in given[:MOST_OUTPUTS] if (block := _block(output, pixels, tr)) is not None]
    if len(given) > MOST_OUTPUTS:
        shown.append(Block(text=tr.gettext("… ({count} more outputs are not shown)").format(count=len(given) - MOST_OUTPUTS)))
    return shown


class _Pixels:
    """How many pixels a cell's pictures may have yet: a few bytes can unpack to more than a browser has memory for."""

    def __init__(self) -> None:
        self._left = _MOST_PIXELS

    def take(self, width: int, height: int) -> bool:
        """Return whether there is a picture of that size, and room for it, which it then takes."""
        fits = 0 < width * height <= self._left
        self._left -= width * height if fits else 0
        return fits


def _block(output: Mapping[str, Any], pixels: _Pixels, tr: NullTranslations) -> Block | None:
    kind = output.get("output_type")
    if kind == "stream":
        return _text_block(output.get("text"))
    if kind == "error":
        traceback = output.get("traceback")
        return _text_block("\n".join(map(_text, traceback)) if isinstance(traceback, list | tuple) else None)
    data = output.get("data")
    return _rich_block(data, pixels, tr) if isinstance(data, Mapping) else None


def _rich_block(data: Mapping[str, Any], pixels: _Pixels, tr: NullTranslations) -> Block | None:
    for kind in _SIGNATURES:
        if kind in data:
            return _image_block(kind, _text(data[kind]), pixels, tr)
    if "text/html" in data and len(html := _sanitised(_text(data["text/html"]))) <= _MOST_MARKUP:
        return Block(html=html)
    return _text_block(data.get("text/plain"))


def _text_block(text: object) -> Block | None:
    shown = capped(plain(_text(text)).rstrip())
    return Block(text=shown) if shown else None


def _image_block(kind: str, encoded: str, pixels: _Pixels, tr: NullTranslations) -> Block:
    if len(encoded) > MOST_IMAGE_CHARACTERS:
        return Block(text=tr.gettext("(a picture of {size} kB is too large to show here)").format(size=len(encoded) // 1000))
    try:
        picture = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        picture = b""
    width, height = _png_size(picture) if kind == "image/png" else _jpeg_size(picture)
    if not picture.startswith(_SIGNATURES[kind]) or not pixels.take(width, height):
        return Block(text=tr.gettext("(a picture that cannot be shown)"))
    return Block(image=f"data:{kind};base64,{base64.b64encode(picture).decode()}")


def _png_size(png: bytes) -> tuple[int, int]:
    """Return the width and height that a picture claims."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Return the same, which stands in the first segment that begins a frame; 0 where there is none."""
    place = 2
    while place + 9 <= len(jpeg) and jpeg[place] == _MARKER and jpeg[place + 1] not in _WITHOUT_LENGTH:
        if jpeg[place + 1] in _BEGINS_FRAME:
            return int.from_bytes(jpeg[place + 7 : place + 9]), int.from_bytes(jpeg[place + 5 : place + 7])
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    return 0, 0


def _sanitised(html: str) -> Markup:
    tagged, end, rest = visible(capped(html)).rpartition(">")
    clean = nh3.clean(
        _ATTRIBUTES.sub(r"<\1>", tagged + end) + rest,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes={"*": set()},
        url_schemes=set(),
        link_rel=None,
    )
    # Once more: entities have become characters.
    return Markup(visible(clean))  # noqa: S704 - nh3 lets through the tags above without any attribute


def _text(value: object) -> str:
    """Return nbformat's multi-line text, which is a string or a list of strings; anything else is no text."""
    if isinstance(value, list | tuple):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
