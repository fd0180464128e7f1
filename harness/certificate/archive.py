"""A zip file in one form only: files as they are, one after the other, always in the same bytes.

Files are stored and not compressed, so that the bytes depend on no library's version, nothing can unfold to
more than is there, and every program that unpacks the file sees what was verified.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

LARGEST = 1 << 28
"""Bytes of an archive; a run of 5,000 cases needs a tenth."""

MOST = 16
"""Files in an archive."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_FIRST_DAY = (1 << 5) | 1
"""The first of January 1980, midnight: a zip file has no date before."""
_MADE_BY = (3 << 8) | _VERSION
"""Unix, so that the mode below is one."""
_MODE = 0o100644 << 16


class NoArchive(ValueError):
    """Not such a zip file; the message goes on from "it is no bundle: "."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of `files`, by their ASCII names."""
    local, central = bytearray(), bytearray()
    for name, data in files.items():
        path = name.encode("ascii")
        about = (0, 0, 0, _FIRST_DAY, zlib.crc32(data), len(data), len(data), len(path), 0)
        offset = len(local)
        local += _LOCAL.pack(b"PK\3\4", _VERSION, *about) + path + data
        central += _CENTRAL.pack(b"PK\1\2", _MADE_BY, _VERSION, *about, 0, 0, 0, _MODE, offset) + path
    count = len(files)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(central), len(local), 0)
    return bytes(local + central + end)


def unpack(data: bytes) -> Mapping[str, bytes]:
    """The files in an archive, by the headers before them. Nothing is written anywhere.

    NoArchive where these cannot be followed to the end of the last file, or are not of the one form. Whether
    the rest is as it was written, `pack` tells.
    """
    if len(data) > LARGEST:
        raise NoArchive(f"it is larger than {LARGEST >> 20} MiB")
    if data[:4] != b"PK\3\4":
        raise NoArchive("it is no zip file, or an empty one")
    files: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\3\4":
        if at + _LOCAL.size > len(data):
            raise NoArchive("it is cut off")
        _, _, flags, method, _, _, _, packed, size, name_length, extra = _LOCAL.unpack_from(data, at)
        if method or flags or extra or packed != size:
            raise NoArchive("its files are compressed, encrypted or otherwise not as authconform stores them")
        start = at + _LOCAL.size + name_length
        at = start + size
        if at > len(data):
            raise NoArchive("it is cut off")
        name = data[start - name_length : start].decode("ascii", "backslashreplace")
        if len(files) == MOST:
            raise NoArchive(f"it holds more than {MOST} files")
        if name in files:
            raise NoArchive(f"it holds two files {name!r}")
        files[name] = data[start:at]
    if data[at : at + 4] != b"PK\1\2":
        raise NoArchive("it is cut off")
    return files
