"""Archives as learning platforms, students and attackers make them."""

import io
import stat
import struct
import zipfile
import zlib
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


def entry(
    name: str, *, crc: int = 0, packed: int = 0, unpacked: int = 0, offset: int = 0, method: int = 8, extra: bytes = b"", flags: int = 0
) -> tuple[bytes, bytes]:
    """Return a member's header and what the list of members says of it, as they are told."""
    about = struct.pack("<HHHHHLLLHH", 20, flags, method, 0, 33, crc, packed, unpacked, len(name), len(extra))
    listed = struct.pack("<4sH", b"PK\1\2", 20) + about + struct.pack("<HHHLL", 0, 0, 0, 0, offset)
    return b"PK\3\4" + about + name.encode() + extra, listed + name.encode() + extra


def assembled(body: bytes, *listed: bytes) -> bytes:
    """Return an archive of bytes and a list of members, whatever they say."""
    size = sum(map(len, listed))
    return body + b"".join(listed) + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, len(listed), len(listed), size, len(body), 0)


def nested_bomb(*names: str, size: int) -> bytes:
    """Return an archive of which each member is all that follow it, quoted in a block of DEFLATE that is stored as it is (D. Fifield, "A better zip bomb", 2019)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, unpacked = packer.compress(bytes(size)) + packer.flush(), bytes(size)
    members: list[tuple[str, int, int, int]] = []
    header = b""
    for name in reversed(names):
        packed = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + header + packed if header else packed
        unpacked = header + unpacked
        members.append((name, zlib.crc32(unpacked), len(packed), len(unpacked)))
        header, _ = entry(name, crc=zlib.crc32(unpacked), packed=len(packed), unpacked=len(unpacked))
    body = header + packed
    listed = [entry(name, crc=crc, packed=inside, unpacked=large, offset=len(body) - inside - 30 - len(name))[1] for name, crc, inside, large in members]
    return assembled(body, *listed)
