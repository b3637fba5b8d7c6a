import base64
from typing import Any

import pytest

from grader.reports.outputs import MOST_IMAGE_CHARACTERS, MOST_OUTPUTS, blocks
from tests.reports import samples


def stream(text: object) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def display(**data: object) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {name.replace("_", "/"): value for name, value in data.items()}, "metadata": {}}


def jpeg_header(width: int, height: int) -> str:
    frame = b"\xff\xc2\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2)
    return base64.b64encode(b"\xff\xd8\xff\xe0\x00\x04ab" + frame + b"\x03\x01").decode()


def png_header(width: int, height: int) -> str:
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4) + height.to_bytes(4)).decode()


def test_text_comes_without_colours_and_redrawn_lines_in_their_last_state() -> None:
    [block] = blocks([stream(["10%\r", "\x1b[32m100%\x1b[0m\n", "done\n"])])

    assert block.text == "100%\ndone"


def test_a_flood_of_text_is_cut_with_a_note() -> None:
    [block] = blocks([stream("x" * 1_000_000)])

    assert len(block.text) < 20_100
    assert block.text.endswith("(980,000 more characters are not shown)")


def test_a_flood_of_outputs_is_cut_with_a_note() -> None:
    shown = blocks([stream(f"line {number}") for number in range(1000)])

    assert len(shown) == MOST_OUTPUTS + 1
    assert shown[-1].text == f"… ({1000 - MOST_OUTPUTS} more outputs are not shown)"


def test_pictures_come_as_they_are_when_they_are_pictures() -> None:
    jpeg = jpeg_header(640, 480)

    picture, photo = blocks([display(image_png=samples.png() + "\n"), display(image_jpeg=jpeg)])

    assert picture.image == f"data:image/png;base64,{samples.png()}"
    assert photo.image == f"data:image/jpeg;base64,{jpeg}"


def test_the_pictures_of_a_cell_are_no_larger_together_than_one_may_be() -> None:
    shown = blocks([display(image_png=png_header(4000, 3000)), display(image_png=png_header(3000, 2000)), display(image_png=png_header(2000, 1000))])

    assert [bool(block.image) for block in shown] == [True, False, True]


@pytest.mark.parametrize(
    "encoded",
    [
        "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+",
        "not base64 at all",
        '" onerror="alert(1)',
        "",
        None,
        42,
        png_header(100_000, 100_000),
        png_header(0, 5),
    ],
    ids=["svg", "prose", "attribute", "empty", "nothing", "number", "bomb", "no width"],
)
def test_what_only_claims_to_be_a_picture_is_not_shown(encoded: object) -> None:
    [block] = blocks([display(image_png=encoded)])

    assert block.image == ""
    assert block.text == "(a picture that cannot be shown)"


def two_jpeg_headers(disguise: bytes, size: int) -> str:
    """Return a JPEG whose true frame stands behind a marker without a length; who takes what follows for one skips to a small frame."""
    true, small = b"\xff\xc0\x00\x0b\x08" + size.to_bytes(2) * 2 + b"\x01\x01\x11\x00", b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"
    skipped = 2 + int.from_bytes((disguise + true)[2:4])
    return base64.b64encode(b"\xff\xd8" + (disguise + true).ljust(skipped, b"\0") + small).decode()


@pytest.mark.parametrize(
    "encoded",
    [
        "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+",
        jpeg_header(65_500, 65_500),
        jpeg_header(640, 0),
        "/9j/4AAQ",
        two_jpeg_headers(b"\xff", 65_500),
        two_jpeg_headers(b"\xff\x01", 65_500),
        two_jpeg_headers(b"\xff\xd0", 65_500),
    ],
    ids=["svg", "bomb", "no height", "no frame", "behind a filler", "behind a marker of nothing", "behind a restart"],
)
def test_what_only_claims_to_be_a_photo_is_not_shown(encoded: str) -> None:
    [block] = blocks([display(image_jpeg=encoded)])

    assert block.image == ""


def test_a_picture_that_is_too_large_is_not_shown() -> None:
    [block] = blocks([display(image_png=samples.png() + "A" * MOST_IMAGE_CHARACTERS)])

    assert block.image == ""
    assert "too large to show" in block.text


def test_svg_is_never_shown() -> None:
    [block] = blocks([display(**{"image_svg+xml": "<svg onload=alert(1)>", "text_plain": "a plot"})])

    assert block.text == "a plot"


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        (
            "<table border=1 style='position:fixed'><tr><td onclick=x() colspan=9999 title=x>1</td></tr></table>",
            "<table><tbody><tr><td>1</td></tr></tbody></table>",
        ),
        ("<script>x()</script><style>*{display:none}</style><svg><script>x()</script></svg>kept", "kept"),
        ("<a href='javascript:x()'>text</a><img src=https://evil.example/x.png>", "text"),
        ("<b>bold</b> <i>unclosed", "<b>bold</b> <i>unclosed</i>"),
        ("</div></main></body><h1>100 of 100 points</h1>", "100 of 100 points"),
        ("gnp&#x202e;.exe", "gnp[U+202E].exe"),
    ],
    ids=["attributes", "dropped", "links", "unclosed", "breaking out", "entity"],
)
def test_html_keeps_only_plain_structure(html: str, clean: str) -> None:
    [block] = blocks([display(text_html=html)])

    assert block.html == clean


@pytest.mark.parametrize(
    "output",
    [
        {},
        {"output_type": "stream"},
        {"output_type": "error", "traceback": 7},
        {"output_type": "display_data", "data": []},
        {"output_type": "display_data", "data": {}},
        stream(None),
        stream([1, {}]),
    ],
)
def test_malformed_outputs_are_left_out(output: dict[str, Any]) -> None:
    assert blocks([output]) == []
