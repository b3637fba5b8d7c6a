"""Bundles on disk."""

import asyncio
from pathlib import Path

import pytest

from grader.errors import MalformedValueError
from grader.grading.bundle import Bundle
from grader.grading.store import cached_bundle, load, save
from tests.fakes import FakeKernels
from tests.grading.assignments import grade_now, marked, pristine, submission_of, write_assignment


def cached(folder: Path, kernels: FakeKernels, cache: Path) -> Bundle:
    return asyncio.run(cached_bundle(folder, kernels.open, pristine=pristine(), cache=cache))


def test_a_stored_bundle_grades_as_the_built_one(bundle: Bundle, tmp_path: Path) -> None:
    save(bundle, tmp_path / "deep" / "small.bundle")
    stored = load(tmp_path / "deep" / "small.bundle")
    submission = submission_of({"scale": marked("def scale(X, factor):\n    return X * factor", "scale")})

    first, second = [grade_now(one, submission).model_dump(exclude={"questions": {"__all__": {"cases": {"__all__": {"seconds"}}}}}) for one in (bundle, stored)]

    assert first == second
    assert (stored.name, stored.version, stored.limits, stored.pristine) == (bundle.name, bundle.version, bundle.limits, bundle.pristine)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["small.bundle"]


def test_storing_twice_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    save(bundle, tmp_path / "one")
    save(load(tmp_path / "one"), tmp_path / "two")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]\n", b"not a bundle"])
def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "x.bundle").write_bytes(damage)

    with pytest.raises(MalformedValueError):
        load(tmp_path / "x.bundle")


def test_a_changed_byte_is_found(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "x.bundle"
    save(bundle, path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)

    with pytest.raises(MalformedValueError, match="damaged"):
        load(path)


def test_the_cache_builds_once_and_again_when_something_changed(tmp_path: Path) -> None:
    folder, kernels, cache = write_assignment(tmp_path / "small"), FakeKernels(), tmp_path / "cache"

    first, second = cached(folder, kernels, cache), cached(folder, kernels, cache)
    (folder / "data.txt").write_text("new")
    third = cached(folder, kernels, cache)

    assert first.version == second.version != third.version
    assert len(kernels.sessions) == 2


def test_a_damaged_cache_file_is_built_anew(tmp_path: Path) -> None:
    folder, kernels, cache = write_assignment(tmp_path / "small"), FakeKernels(), tmp_path / "cache"
    cached(folder, kernels, cache)
    (file,) = cache.glob("*.bundle")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])

    cached(folder, kernels, cache)

    assert len(kernels.sessions) == 2
    assert file.read_bytes() == whole
