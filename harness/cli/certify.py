"""`authconform certify`: make a signed bundle of a run that conforms."""

from __future__ import annotations

import os
from pathlib import Path

import click

from harness.certificate import archive, bundle, keys
from harness.certificate.claims import missing_suites, obstacles
from harness.cli.run_folder import run_file
from harness.errors import InputError, Mistake, mistake
from harness.inputs import shipped_suites
from harness.report.record import parsed


@click.command("certify")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--key", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The private key."
)
@click.option(
    "--out", required=True, metavar="FILE", type=click.Path(path_type=Path), help="The bundle, a zip."
)
def command(run: Path, key: Path, out: Path) -> int:
    """Sign a run as evidence that the API conforms.

    RUN is a run folder or its run.jsonl. It must be whole: every suite that comes with authconform asked,
    nothing inconclusive, nothing left out, nothing accepted by a baseline, and every MUST met. Its bundle
    holds the run, its report, the public key and the signed statement; authconform verify tells what it
    claims.
    """
    file = run_file(run)
    data = _read(file)
    found = parsed(data, file)
    if reasons := [*obstacles(found), *missing_suites(found, shipped_suites())]:
        told = (Mistake(None, reason) for reason in reasons)
        raise InputError([Mistake(None, f"{file} gets no certificate"), *told])
    signer = keys.read(key)
    made = bundle.made(data, found, signer)
    if len(made) > archive.LARGEST:
        raise mistake(f"the bundle would be larger than {archive.LARGEST >> 20} MiB")
    _write(out, made)
    click.echo(f"certificate: {out}, signed by {signer.public.fingerprint}")
    return 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise mistake(f"{file} cannot be read: {error.strerror}") from None


def _write(out: Path, data: bytes) -> None:
    """Write the whole bundle or nothing of it."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        os.replace(draft, out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise mistake(f"{out} cannot be written: {error.strerror}") from None
