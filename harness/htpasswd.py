"""Two lifecycle verbs for Basic where its users stand in a file: add one to it, and remove one from it.

Apache, nginx and many small servers read such a file, and see when it has changed. A profile or a target
says `call: htpasswd-add` and `call: htpasswd-remove`; the place, or the verb's `defaults`, has as `htpasswd`
the path of the file, in which $NAME is an environment variable.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import threading
from pathlib import Path

_ALONE = threading.Lock()
"""Held while the file is changed: several cases may have users of their own made at the same time."""


def add(htpasswd: str, name: str | None = None) -> dict[str, str]:
    """A new user with a password of 192 random bits: its `id`, and `secret`, which is `user:password`.

    ValueError where `name`, which is taken for the user's where it is given, cannot stand in such a file or
    is there already.
    """
    user = name or f"authconform-{secrets.token_hex(6)}"
    if not user.isprintable() or ":" in user or user.startswith("#"):
        raise ValueError(
            f"{user!r} cannot be a user's name: it has a colon or a control character, or begins with #"
        )
    password = secrets.token_urlsafe(24)
    digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    with _ALONE:
        lines = _lines(htpasswd)
        if any(_user(line) == user for line in lines):
            raise ValueError(f"the user {user!r} is in the file already")
        # fast to verify and without salt, which 192 random bits do not need
        _write(htpasswd, [*lines, f"{user}:{{SHA}}{digest}"])
    return {"id": user, "secret": f"{user}:{password}"}


def remove(htpasswd: str, of_id: str) -> None:
    """Take the user `of_id` out of the file. LookupError where it is not in it."""
    with _ALONE:
        lines = _lines(htpasswd)
        kept = [line for line in lines if _user(line) != of_id]
        if kept == lines:
            raise LookupError(f"the user {of_id!r} is not in the file")
        _write(htpasswd, kept)


def _path(written: str) -> Path:
    return Path(os.path.expandvars(written)).resolve()  # what a symbolic link leads to is replaced


def _lines(htpasswd: str) -> list[str]:
    return _path(htpasswd).read_text("utf-8").splitlines()


def _write(htpasswd: str, lines: list[str]) -> None:
    """All at once: whoever reads meanwhile has the users of before or those of after."""
    path = _path(htpasswd)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        new.touch(mode=0o600)
        new.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        new.chmod(path.stat().st_mode & 0o777)  # whatever the umask: the server has to read it
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _user(line: str) -> str:
    return line.partition(":")[0]
