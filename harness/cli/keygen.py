"""`authconform keygen`: make the key that certificates are signed with."""

from __future__ import annotations

from pathlib import Path

import click

from harness.certificate import keys


@click.command("keygen")
@click.argument("name", metavar="NAME", type=click.Path(path_type=Path))
def command(name: Path) -> int:
    """Make a key: NAME to sign with, NAME.pub to verify with.

    NAME can be read by you alone, and has no password: keep it where your other secrets are. Hand NAME.pub,
    or its fingerprint, to those who are to verify, by a way that they trust.
    """
    public = keys.make(name)
    click.echo(f"private key: {name}\npublic key:  {name}.pub\nfingerprint: {public.fingerprint}")
    return 0
