"""Strings that try to become markup, commands, paths or something that cannot be seen."""

from typing import Any

from grader.results import SubmissionResult, Verdict

ATTACKS = {
    "script": "<script>window.pwned = 1</script>",
    "image": "<img src=x onerror=window.pwned=1>",
    "svg": "\"'><svg onload=window.pwned=1><style>*{display:none}</style>",
    "attribute": "' onmouseover='window.pwned=1' x='",
    "closing": "</style></title></textarea></pre></table><iframe src=https://evil.example/></iframe>",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}",
    "markdown": "`<img src=x onerror=window.pwned=1>` [x](javascript:window.pwned=1) ![x](https://evil.example/x.png)",
    "path": "../../etc/passwd",
    "formula": "=cmd|' /C calc'!A0",
    "rich": "[red]not red[/red] [link=https://evil.example]x[/link]",
    "invisible": "王小明 🎓 \u202egnp.exe\u2066 \u200b\ufeff a\x00b\x07\x1b[31mred\x1b[0m\x1b]8;;https://evil.example\x07link\x9b2J \ud800 \u2028 end",
}

_FIXED = {*Verdict, "public", "hidden", "edge", "known mistake", "generic", "ok", "value", "shape", "stream", "display_data", "execute_result"}
_FREE_KEYS = {"inputs", "environment", "timings"}


def spoil(result: SubmissionResult, attack: str) -> SubmissionResult:
    """Return the result with the attack in every string that is not one of a fixed few, free keys of dictionaries included."""
    return SubmissionResult.model_validate(_spoil(result.model_dump(), attack))


def _spoil(value: Any, attack: str, field: str = "") -> Any:  # noqa: ANN401 - walks over any record
    if isinstance(value, dict):
        free = field in _FREE_KEYS
        return {f"{name} {attack}" if free else name: _spoil(item, attack, "" if free else name) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_spoil(item, attack) for item in value]
    return f"{value} {attack}" if isinstance(value, str) and value not in _FIXED else value
