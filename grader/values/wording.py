"""Values in the words that students read."""

import reprlib

from grader.values.tree import Foreign, TensorLeaf, Value

_NOUNS = {bool: "a bool", int: "an int", float: "a float", str: "a string", list: "a list", tuple: "a tuple", dict: "a dict"}
_KINDS = {"tensor": "tensor", "array": "NumPy array", "scalar": "NumPy scalar"}
_DIGITS = (4, 6, 9, 12, 17)
_shortener = reprlib.Repr()
_shortener.maxstring = 60


def describe(value: Value) -> str:
    """Return what kind of thing a value is: "a float", "a 0-dim tensor", "a generator"."""
    if value is None:
        return "None"
    if isinstance(value, TensorLeaf):
        noun = _KINDS[value.kind]
        return f"a 0-dim {noun}" if value.kind != "scalar" and not value.data.dim() else f"a {noun}"
    if isinstance(value, Foreign):
        name = value.type_name.removeprefix("__main__.")
        return f"{'an' if name[:1].lower() in {*'aeiou'} else 'a'} {name}"
    return _NOUNS[type(value)]


def short(value: object) -> str:
    """Return a string or a key as Python writes it, with its middle left out where it is long."""
    return _shortener.repr(value)


def both(expected: complex, got: complex) -> tuple[str, str]:
    """Return two numbers with four digits, or as many more as it takes to tell them apart."""
    for digits in _DIGITS:
        words, words_got = _digits(expected, digits), _digits(got, digits)
        if words != words_got:
            return words, words_got
    return _digits(expected, _DIGITS[0]), _digits(got, _DIGITS[0])


def _digits(value: complex, digits: int) -> str:
    return short(value) if isinstance(value, int) else f"{value:#.{digits}g}"
