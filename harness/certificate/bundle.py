"""The bundle: a zip file with a run, its report, the signer's key and the signed statement about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.certificate import archive, envelope, keys, statement
from harness.certificate.archive import NoArchive
from harness.certificate.claims import obstacles
from harness.certificate.envelope import Envelope
from harness.certificate.keys import Key, PublicKey
from harness.errors import InputError, mistake
from harness.report import html
from harness.report.record import Run, parsed

RUN = "run.jsonl"
REPORT = "index.html"
SIGNER = "signer.pub"
CERTIFICATE = "certificate.intoto.json"
FILES = (RUN, REPORT, SIGNER, CERTIFICATE)
"""What a bundle holds, in this order."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a bundle came to.

    `altered` are sentences that say what is not as it was signed; `run` is None where it cannot even be read.
    `signer` is the fingerprint of the key that the bundle was signed with, and None where that is not known.
    """

    altered: tuple[str, ...]
    signer: str | None
    run: Run | None


def made(data: bytes, run: Run, key: Key) -> bytes:
    """The bundle of `run`, which was read from `data`: the same bytes each time."""
    files = {RUN: data, REPORT: html.render(run).encode(), SIGNER: key.public.pem()}
    sealed = envelope.seal(statement.written(run, files), key)
    return archive.pack(files | {CERTIFICATE: sealed.json()})


def verified(path: Path, key: PublicKey | None = None) -> Verified:
    """Whether the bundle in the file `path` is as it was signed, and by `key` where one is given.

    InputError where there is no bundle. It is looked at in memory only: nothing is unpacked.
    """
    data = _read(path)
    try:
        files = archive.unpack(data)
    except NoArchive as error:
        raise _no_bundle(path, str(error)) from None
    if CERTIFICATE not in files:
        raise _no_bundle(path, f"it holds no {CERTIFICATE}")
    others = {name: content for name, content in files.items() if name != CERTIFICATE}
    run = _run(others)
    sealed = envelope.opened(files[CERTIFICATE])
    if sealed is None:
        return Verified((_altered(CERTIFICATE),), None, run)
    signer = keys.parsed_public(others.get(SIGNER, b""))
    altered = [*_statement(sealed.payload, run, others)]
    by = next((each for each in (key, signer) if each and sealed.is_signed_by(each)), None)
    if by is None:
        if not any(each.startswith(SIGNER) for each in altered) or _is(signer, sealed):
            altered = [f"{CERTIFICATE} is not signed by the key in {SIGNER}"]  # so it blames nobody else
        return Verified(tuple(altered), None, run)
    if key is not None and by is not key:
        altered.append(f"it is signed by another key, {by.fingerprint}, not by {key.fingerprint}")
    if not altered and archive.pack({name: files[name] for name in FILES if name in files}) != data:
        altered.append("the zip file around the files is not as it was written")
    if run and not altered:
        altered += (f"the run in it gets no certificate: {each}" for each in obstacles(run))
    return Verified(tuple(altered), by.fingerprint, run)


def _statement(payload: bytes, run: Run | None, files: Mapping[str, bytes]) -> Iterator[str]:
    if run is None:
        yield _altered(RUN) if RUN in files else f"{RUN} is missing"
    else:
        yield from statement.mismatches(payload, run, files)


def _is(signer: PublicKey | None, sealed: Envelope) -> bool:
    """Whether the key is the one that the envelope names."""
    return signer is not None and signer.fingerprint == sealed.keyid


def _altered(name: str) -> str:
    return f"{name} is {statement.ALTERED}"


def _run(files: Mapping[str, bytes]) -> Run | None:
    try:
        return parsed(files.get(RUN, b""), Path(RUN))
    except InputError:
        return None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(archive.LARGEST + 1)
    except OSError as error:
        raise mistake(f"{path} cannot be read: {error.strerror}") from None


def _no_bundle(path: Path, why: str) -> InputError:
    return mistake(f"{path} is no bundle: {why}", None, "Give the file that authconform certify wrote.")
