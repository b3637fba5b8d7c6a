"""Zip archives: what is unpacked, what is refused, and what nobody gets out of them."""

import os
import struct
import tempfile
import time
import tracemalloc
import warnings
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from grader.errors import IntakeError
from grader.intake import archives
from grader.intake.archives import unpack
from grader.intake.folders import notebooks_below
from tests.intake.zips import archive, assembled, encrypted, entry, link, member, nested_bomb, zipped

NOTEBOOK = b'{"nbformat": 4}'


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(path: Path, scratch: Path) -> str:
    with pytest.raises(IntakeError) as told:
        unpack(path, scratch)
    assert told.value.path == str(path)
    return told.value.reason


def the_problem(path: Path, scratch: Path) -> str:
    """Return the problem of the one member that has one, whose file has to be empty, while `fine.ipynb` is unpacked."""
    unpacked = unpack(path, scratch)
    ((file, problem),) = unpacked.problems.items()
    assert file.read_bytes() == b""
    assert (unpacked.root / "fine.ipynb").read_bytes() == NOTEBOOK
    return problem


def test_notebooks_are_unpacked_and_of_other_files_the_names_are_kept(tmp_path: Path) -> None:
    path = archive(tmp_path / "class.zip", ("ada/02-rnn.ipynb", NOTEBOOK), ("ada/data.csv", b"1,2"), ("王小明 🎓.IPYNB", NOTEBOOK))

    unpacked = unpack(path, tmp_path / "scratch")

    assert unpacked.root == tmp_path / "scratch" / "class"
    assert files_below(unpacked.root) == {"ada/02-rnn.ipynb": NOTEBOOK, "ada/data.csv": b"", "王小明 🎓.IPYNB": NOTEBOOK}
    assert unpacked.problems == {}


def test_a_file_keeps_its_time_so_that_the_newest_of_two_is_known(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", (member("new.ipynb"), NOTEBOOK), (member("old.ipynb", when=(2023, 1, 1, 0, 0, 0)), NOTEBOOK))

    root = unpack(path, tmp_path / "scratch").root

    assert (root / "old.ipynb").stat().st_mtime < (root / "new.ipynb").stat().st_mtime


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
def test_a_file_has_the_time_that_unzip_gives_it(zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who handed in at five to twelve is not late, and who did so five hours later is."""
    path = archive(tmp_path / "a.zip", (member("a.ipynb", when=(2024, 10, 2, 23, 55, 0)), NOTEBOOK))

    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        time.tzset()
        modified = (unpack(path, tmp_path / "scratch").root / "a.ipynb").stat().st_mtime
    time.tzset()

    assert datetime.fromtimestamp(modified, ZoneInfo(zone)).isoformat()[:16] == "2024-10-02T23:55"


def test_what_macos_and_jupyter_leave_behind_is_not_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("__MACOSX/._a.ipynb", b""), ("ada/.ipynb_checkpoints/a.ipynb", b""), (".git/config", b""), ("ada/a.ipynb", NOTEBOOK))

    assert files_below(unpack(path, tmp_path / "scratch").root) == {"ada/a.ipynb": NOTEBOOK}


def test_names_in_utf8_are_read_also_where_the_archive_does_not_say_so(tmp_path: Path) -> None:
    data = zipped(("王小明.ipynb", NOTEBOOK))
    path = tmp_path / "a.zip"
    path.write_bytes(data.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00"))

    assert list(files_below(unpack(path, tmp_path / "scratch").root)) == ["王小明.ipynb"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "ada/../../x.ipynb", "/etc/cron.d/x.ipynb", "C:\\x.ipynb", "c:x.ipynb", "a/..", "//x.ipynb"],
)
def test_a_name_that_leads_out_refuses_the_archive(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", (name, NOTEBOOK))

    assert "leads out of the archive" in refused(path, tmp_path / "scratch")
    assert files_below(tmp_path / "scratch") == {}


@pytest.mark.parametrize("name", ["eve\\..\\..\\x.ipynb", "\\\\server\\x.ipynb", "eve/a\\..\\x.ipynb", "eve/a\\x.ipynb"])
def test_backslashes_that_lead_out_or_stand_beside_slashes_are_part_of_a_name(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), (name, b"eve's"))

    unpacked = unpack(path, tmp_path / "scratch")

    assert unpacked.problems == {}
    assert sorted(files_below(unpacked.root).values()) == [b"eve's", NOTEBOOK]
    assert not any("\\" in name for name in files_below(tmp_path))


@pytest.mark.parametrize("names", [("eve/x", "eve/x\\y.ipynb"), ("eve/x/y.ipynb", "eve/x\\y.ipynb"), ("eve/x.ipynb", "eve/\\x.ipynb")])
def test_nobody_gives_two_files_the_same_name_by_a_backslash(tmp_path: Path, names: tuple[str, str]) -> None:
    path = archive(tmp_path / "a.zip", ("ada/fine.ipynb", NOTEBOOK), *((name, NOTEBOOK) for name in names))

    assert len(files_below(unpack(path, tmp_path / "scratch").root)) == 3


def test_backslashes_between_folders_are_those_of_a_program_for_windows(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("ada\\02\\a.ipynb", NOTEBOOK))

    assert files_below(unpack(path, tmp_path / "scratch").root) == {"ada/02/a.ipynb": NOTEBOOK}


def test_two_members_of_the_same_name_refuse_the_archive(tmp_path: Path) -> None:
    with warnings.catch_warnings(action="ignore"):
        path = archive(tmp_path / "a.zip", ("ada.ipynb", NOTEBOOK), ("ada.ipynb", b"other"))

    assert "two of its members have the same name" in refused(path, tmp_path / "scratch")


def test_a_file_in_the_place_of_another_refuses_the_archive(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("a.ipynb", NOTEBOOK), ("./a.ipynb", NOTEBOOK))

    assert "same name" in refused(path, tmp_path / "scratch")


@pytest.mark.parametrize("name", ["a.ipynb", "Ü" * 130 + ".ipynb"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_file_that_a_student_called_like_a_folder_of_theirs_costs_the_others_nothing(tmp_path: Path, name: str, order: int) -> None:
    path = archive(tmp_path / "a.zip", ("ada/a.ipynb", NOTEBOOK), *[(f"eve/{name}", b"file"), (f"eve/{name}/b.ipynb", b"in the folder")][::order])

    files = files_below(unpack(path, tmp_path / "scratch").root)

    assert files["ada/a.ipynb"] == NOTEBOOK
    assert sorted(files.values()) == sorted([NOTEBOOK, b"file", b"in the folder"])
    assert all(file.endswith(".ipynb") for file in files)


def test_of_names_that_differ_in_capitals_only_the_first_is_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), ("Fine.ipynb", b"other"))

    assert the_problem(path, tmp_path / "scratch") == "another file differs from it only in capitals: 'fine.ipynb'"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), (link("x.ipynb"), b"/etc/passwd"))

    assert "link" in the_problem(path, tmp_path / "scratch")
    assert not any(file.is_symlink() for file in (tmp_path / "scratch").rglob("*"))


def test_a_link_to_a_folder_is_no_way_out(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", (link("ada"), b"/tmp"), ("ada/x.ipynb", NOTEBOOK))

    unpacked = unpack(path, tmp_path / "scratch")

    assert files_below(unpacked.root)["ada/x.ipynb"] == NOTEBOOK
    assert not any(file.is_symlink() for file in (tmp_path / "scratch").rglob("*"))
    assert "this is a link" in str(unpacked.problems.values())


def test_an_encrypted_notebook_is_the_problem_of_its_student(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(encrypted(zipped(("x.ipynb", NOTEBOOK))))

    assert list(unpack(path, tmp_path / "scratch").problems.values()) == ["it is encrypted: hand it in without a password"]


def test_a_name_with_control_characters_is_the_problem_of_its_student(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), ("eve\n\x1b[2J.ipynb", NOTEBOOK))

    assert "control characters" in the_problem(path, tmp_path / "scratch")
    assert not any("\x1b" in name or "\n" in name for name in files_below(tmp_path / "scratch"))


def test_a_notebook_too_deep_to_be_looked_for_is_found_as_the_problem_of_its_student(tmp_path: Path) -> None:
    deep = "ada/" + "/".join(map(str, range(11)))
    others = [f"{deep}/12/x.ipynb", f"{deep}/13/x.ipynb", f"{deep}/12/13/data.csv", "eve/" + "a/" * 30_000 + "y.ipynb"]
    path = archive(tmp_path / "a.zip", (f"{deep}/x.ipynb", NOTEBOOK), *((name, b"other") for name in others))

    unpacked = unpack(path, tmp_path / "scratch")

    found = [file.path for file in notebooks_below(unpacked.root)]
    assert [file for file in found if file not in unpacked.problems] == [unpacked.root / deep / "x.ipynb"]
    assert sorted((file.relative_to(unpacked.root).parts[0], file.name, problem) for file, problem in unpacked.problems.items()) == [
        (student, name, "it lies more than 12 folders deep: hand it in with fewer folders around it")
        for student, name in [("ada", "x.ipynb"), ("ada", "x.ipynb"), ("eve", "y.ipynb")]
    ]
    assert set(found) > unpacked.problems.keys()


def test_a_notebook_larger_than_any_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), ("x.ipynb", os.urandom(1001)))

    assert "larger than" in the_problem(path, tmp_path / "scratch")


def test_an_archive_that_lies_about_sizes_gets_no_further_than_one_that_does_not(tmp_path: Path) -> None:
    honest = zipped(("x.ipynb", b"\0" * 30_000_000))
    path = tmp_path / "a.zip"
    path.write_bytes(honest.replace(struct.pack("<L", 30_000_000), struct.pack("<L", 1_000)))

    unpacked = unpack(path, tmp_path / "scratch")

    assert files_below(unpacked.root) == {"x.ipynb": b""}
    assert "damaged" in unpacked.problems[unpacked.root / "x.ipynb"]


def test_a_bomb_is_the_problem_of_its_student_and_never_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("fine.ipynb", NOTEBOOK), ("x.ipynb", b"\0" * 19_000_000))

    assert the_problem(path, tmp_path / "scratch").startswith("it unpacks to more than 500 times its size")


def test_who_fills_an_archive_takes_no_room_from_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 5000)
    path = archive(tmp_path / "a.zip", *((f"{number}.ipynb", os.urandom(1000)) for number in range(10)), ("fine.ipynb", NOTEBOOK))

    unpacked = unpack(path, tmp_path / "scratch")

    assert (unpacked.root / "fine.ipynb").read_bytes() == NOTEBOOK
    assert sum(map(len, files_below(unpacked.root).values())) <= 5000
    assert len(unpacked.problems) == 6
    assert all("it is one of the largest" in problem for problem in unpacked.problems.values())


def test_members_that_lie_in_one_another_refuse_the_archive(tmp_path: Path) -> None:
    data = nested_bomb(*(f"{number}.ipynb" for number in range(500)), size=100_000)
    (tmp_path / "a.zip").write_bytes(data)

    assert len(data) < 60_000
    assert refused(tmp_path / "a.zip", tmp_path / "scratch") == "its members lie in one another, as '498.ipynb' does: no program writes such an archive"
    assert files_below(tmp_path / "scratch") == {}


def test_members_that_are_the_same_bytes_refuse_the_archive(tmp_path: Path) -> None:
    header, listed = entry("a.ipynb", packed=0, method=0)
    (tmp_path / "a.zip").write_bytes(assembled(header, listed, entry("b.ipynb", packed=0, method=0)[1]))

    assert "lie in one another" in refused(tmp_path / "a.zip", tmp_path / "scratch")


@pytest.mark.parametrize("field", ["packed", "offset"])
@pytest.mark.parametrize("value", [2**31, 2**62, 2**64 - 1])
def test_a_member_that_claims_to_lie_beyond_its_archive_refuses_it(tmp_path: Path, field: str, value: int) -> None:
    header, _ = entry("a.ipynb", packed=5, unpacked=5, method=0)
    claims = {"packed": 5, "offset": 0, field: 0xFFFFFFFF}
    _, listed = entry("a.ipynb", unpacked=5, method=0, extra=struct.pack("<HHQ", 1, 8, value), **claims)
    (tmp_path / "a.zip").write_bytes(assembled(header + b"abcde", listed))

    assert refused(tmp_path / "a.zip", tmp_path / "scratch")
    assert files_below(tmp_path / "scratch") == {}


def test_a_member_that_claims_to_unpack_to_exabytes_is_the_problem_of_its_student(tmp_path: Path) -> None:
    header, _ = entry("a.ipynb", packed=5, unpacked=5, method=0)
    _, listed = entry("a.ipynb", packed=5, unpacked=0xFFFFFFFF, method=0, extra=struct.pack("<HHQ", 1, 8, 2**62))
    (tmp_path / "a.zip").write_bytes(assembled(header + b"abcde", listed))

    assert "larger than" in next(iter(unpack(tmp_path / "a.zip", tmp_path / "scratch").problems.values()))


@pytest.mark.parametrize(
    ("method", "flags", "said"), [(9, 0, "unusual way"), (93, 0, "unusual way"), (0, 0x41, "encrypted"), (0, 0x20, "damaged"), (0, 0x40, "damaged")]
)
def test_what_programs_write_and_nobody_here_reads_is_the_problem_of_its_student(tmp_path: Path, method: int, flags: int, said: str) -> None:
    header, listed = entry("a.ipynb", packed=5, unpacked=5, method=method, flags=flags)
    (tmp_path / "a.zip").write_bytes(assembled(header + b"abcde", listed))

    assert said in next(iter(unpack(tmp_path / "a.zip", tmp_path / "scratch").problems.values()))


def test_too_many_members_refuse_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    path = archive(tmp_path / "a.zip", *((f"{number}.ipynb", b"") for number in range(11)))

    assert refused(path, tmp_path / "scratch") == "it has 11 members; at most 10 are read"


def test_a_list_of_members_too_long_to_load_is_not_loaded(tmp_path: Path) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0) + b"name"
    listing = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(listing), 0, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(listing + end)

    tracemalloc.start()
    try:
        reason = refused(path, tmp_path / "scratch")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert reason == "its list of members is larger than 8 MB"
    assert peak < 30_000_000


def test_a_zip_in_a_zip_stays_closed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("ada/homework.zip", zipped(("x.ipynb", NOTEBOOK))), ("ada/x.ipynb", zipped(("x.ipynb", NOTEBOOK))))

    found = files_below(unpack(path, tmp_path / "scratch").root)

    assert found["ada/homework.zip"] == b""
    assert list(found) == ["ada/homework.zip", "ada/x.ipynb"]


def test_a_notebook_that_is_damaged_in_the_archive_is_the_problem_of_its_student(tmp_path: Path) -> None:
    data = zipped(("x.ipynb", b"abcdefgh" * 10), ("fine.ipynb", NOTEBOOK))
    path = tmp_path / "a.zip"
    path.write_bytes(data[:45] + bytes([data[45] ^ 0xFF]) + data[46:])

    assert "damaged" in the_problem(path, tmp_path / "scratch")


def test_a_name_too_long_for_a_file_system_is_cut_and_stays_different(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("王" * 300 + "1.ipynb", b"1"), ("王" * 300 + "2.ipynb", b"2"))

    names = list(files_below(unpack(path, tmp_path / "scratch").root))

    assert len(set(names)) == 2
    assert all(name.endswith(".ipynb") and len(name.encode()) <= 240 for name in names)


def test_nobody_has_the_archive_refused_by_two_names_that_were_sought_to_be_cut_to_the_same(tmp_path: Path) -> None:
    """Their SHA-256 begin with the same twelve digits; they were found in a minute."""
    sought = [f"Eve_13_assignsubmission_file/{'Ü' * 118}{number}.txt" for number in (17371180, 27750761)]
    path = archive(tmp_path / "a.zip", ("Ada_1_assignsubmission_file/a.ipynb", NOTEBOOK), *((name, b"") for name in sought))

    assert len(files_below(unpack(path, tmp_path / "scratch").root)) == 3


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100, zipped(("a.ipynb", NOTEBOOK))[:-30]])
def test_what_is_no_zip_is_said_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)

    assert "no zip archive that can be read" in refused(tmp_path / "a.zip", tmp_path / "scratch")


def test_a_name_that_is_not_the_utf8_that_it_is_said_to_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("ada.ipynb", NOTEBOOK), ("é.ipynb", NOTEBOOK)).replace("é".encode(), b"\xe9\xe9"))

    assert "the name b'\\xe9\\xe9.ipynb' of a member is not UTF-8" in refused(tmp_path / "a.zip", tmp_path / "scratch")


def bounded(data: bytes) -> None:
    """Unpack bytes: only an IntakeError may come out, and nothing may be written elsewhere or beyond the limits."""
    with tempfile.TemporaryDirectory() as folder:
        path, scratch = Path(folder) / "a.zip", Path(folder) / "scratch"
        path.write_bytes(data)
        try:
            unpacked = unpack(path, scratch)
        except IntakeError as error:
            assert error.reason  # noqa: PT017 - either way is fine
        else:
            assert unpacked.root.is_dir()
        assert {entry.name for entry in Path(folder).iterdir()} <= {"a.zip", "scratch"}
        assert sum(len(found) for found in files_below(scratch).values()) < 10_000_000


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_with_a_reason(data: bytes) -> None:
    bounded(data)
    bounded(b"PK\x03\x04" + data + b"PK\x05\x06" + data[:18])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_damaged_archive_is_refused_or_unpacked_within_bounds(data: st.DataObject) -> None:
    whole = bytearray(zipped(("ada/02-rnn.ipynb", b"x" * 500), ("b.txt", b"y"), ("王.ipynb", NOTEBOOK)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    bounded(bytes(whole[: data.draw(st.integers(len(whole) // 2, len(whole)))]) if data.draw(st.booleans()) else bytes(whole))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=30).filter(lambda name: not name.endswith("/")), st.binary(max_size=50)), max_size=5))
def test_members_of_any_name_stay_in_their_folder(members: list[tuple[str, bytes]]) -> None:
    with warnings.catch_warnings(action="ignore"):
        try:
            data = zipped(*((f"{name}.ipynb", content) for name, content in members))
        except (UnicodeEncodeError, zipfile.LargeZipFile):
            return
    bounded(data)


def test_a_name_like_one_that_was_cut_is_another_file_s(tmp_path: Path) -> None:
    long = "漢" * 100 + ".ipynb"
    (cut,) = (file.name for file in unpack(archive(tmp_path / "a.zip", (long, NOTEBOOK)), tmp_path / "one").root.iterdir())

    path = archive(tmp_path / "b.zip", (f"eve/{long}", NOTEBOOK), (f"eve/{cut}", NOTEBOOK), ("fine.ipynb", NOTEBOOK))

    assert len(files_below(unpack(path, tmp_path / "two").root)) == 3
