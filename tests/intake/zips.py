"""Archives as learning platforms, students and attackers make them."""

import io
import stat
import zipfile
from pathlib import Path


def member(name: str, *, mode: int = 0, when: tuple[int, int, int, int, int, int] = (2024, 10, 2, 12, 0, 0)) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(date_time=when)
    # set afterwards: the constructor cuts at NUL
    info.filename = info.orig_filename = name
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def archive(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """Write an archive; a member may be named or described in full."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name if isinstance(name, zipfile.ZipInfo) else member(name), data)
    return path


def link(name: str) -> zipfile.ZipInfo:
    return member(name, mode=stat.S_IFLNK | 0o777)


def encrypted(data: bytes) -> bytes:
    """Return an archive whose members say that they are encrypted."""
    broken = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = broken.find(signature)
        while place >= 0:
            broken[place + offset] |= 1
            place = broken.find(signature, place + 4)
    return bytes(broken)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.writestr(name if isinstance(name, zipfile.ZipInfo) else member(name), data)
    return buffer.getvalue()
