"""`authconform verify`: whether a bundle is as it was signed, by whom, and what it claims."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from harness import __version__, profiles, shipped
from harness.certificate import keys
from harness.certificate.bundle import Verified, verified
from harness.certificate.claims import claimed, listed
from harness.errors import InputError, escaped
from harness.inputs import TARGET_FILE, Choice, Inputs, shipped_suites
from harness.report.record import Run

_WIDTH = 16
_COLUMNS = 100


@click.command("verify")
@click.argument("bundle", metavar="BUNDLE.zip", type=click.Path(path_type=Path))
@click.option(
    "--key",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The public key of whoever must have signed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else.")
def command(bundle: Path, key: Path | None, as_json: bool) -> int:
    """Tell whether a bundle is as it was signed, and what it claims.

    Nothing is asked of any network. Without --key anybody may have signed it: it is then said to be intact,
    and by which key.

    Exit codes: 0 valid or intact, 1 altered, 2 there is no bundle.
    """
    found = verified(bundle, keys.read_public(key) if key else None)
    verdict = "altered" if found.altered else "valid" if key else "intact"
    about = [*_compared(found.run)] if found.run and not found.altered else []
    if as_json:
        claims = claimed(found.run) if found.run and not found.altered else None
        told = {"verdict": verdict, "signer": found.signer, "altered": found.altered}
        click.echo(json.dumps(told | {"claims": claims, "compared": about}))
    else:
        for line in _told(verdict, found, about):
            click.echo(escaped(line))
    return 1 if found.altered else 0


def _told(verdict: str, found: Verified, about: list[str]) -> Iterator[str]:
    if verdict == "altered":
        yield "altered: this is no evidence of anything"
        yield from (f"  {sentence}" for sentence in found.altered)
        return
    if verdict == "valid":
        yield f"valid: signed by {found.signer}"
    else:
        yield f"intact, signer not checked: signed by {found.signer}; give --key to know whose that is"
    assert found.run is not None
    for heading, value in (claimed(found.run) | {"compared": about}).items():
        if isinstance(value, str):
            yield f"  {heading:<{_WIDTH}}{value}"
        else:
            for number, line in enumerate(value):
                yield from _wrapped("" if number else heading, line)


def _wrapped(heading: str, text: str) -> list[str]:
    """One of several lines of a claim, broken at spaces where it is long; addresses are kept whole."""
    first, rest = f"  {heading:<{_WIDTH}}", " " * (_WIDTH + 2)
    wrapped = textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [first.rstrip()]


def _compared(run: Run) -> Iterator[str]:
    """What the claims rest on, held against what comes with this authconform."""
    read, own = run.start.suites, shipped_suites()
    other = [id for id in own if read.get(id) != own[id]]
    more = [id for id in read if id not in own]
    if other or more:
        differ = "; ".join(
            part
            for part in (
                f"other or not asked: {listed(other)}" if other else "",
                f"besides: {listed(more)}" if more else "",
            )
            if part
        )
        yield f"the suites are not those of this authconform, {__version__}: {differ}"
    else:
        yield f"the suites are those of this authconform, {__version__}"
    same = _profile_digest(run.start.profile) == run.start.profile_digest
    yield f"the profile is {'that' if same else 'none'} of this authconform"


def _profile_digest(name: str) -> str | None:
    """The digest of the profile called so that comes with this authconform."""
    folder = shipped.folder("specs")
    if name not in profiles.names(folder) or not (folder / name / TARGET_FILE).is_file():
        return None
    try:
        return Inputs(Choice(profile=name)).profile_digest()
    except InputError:
        return None
