"""`authconform serve`: the bundled server, to try things against."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from harness import providers
from harness.errors import TargetError, mistake
from harness.inputs import Choice, Inputs
from harness.model import PEM


@click.command("serve")
@click.option("--profile", metavar="NAME", required=True, help="Which API.")
@click.option("--fault", "faults", metavar="ID", multiple=True, help="Be wrong in this way; may be repeated.")
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=0,
    help="On 127.0.0.1; a free one where absent.",
)
@click.option(
    "--replicas",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Replicas behind the address.",
)
@click.option(
    "--cache-ttl",
    metavar="S",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds for which each replica keeps a token's standing.",
)
@click.option("--tls", is_flag=True, help="Over TLS, with certificates of an authority made for this alone.")
@click.option(
    "--target-out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a target for it, and beside it its secrets (mode 600) and its authority's certificate.",
)
def command(
    profile: str, faults: tuple[str, ...], target_out: Path | None, tls: bool, **settings: Any
) -> int:
    """Serve a bundled API on the loopback interface until interrupted."""
    inputs = Inputs(Choice(profile=profile))
    assert inputs.target.provider is not None
    provider = providers.load(inputs.target.provider, inputs.target.where)
    providers.check_faults(provider, profile, faults)
    lifecycle = inputs.written.value.get("lifecycle", {})
    if tls:  # an author's provider need not know of it
        settings["tls"] = True
    return asyncio.run(_serve(provider, profile, faults, settings, target_out, lifecycle))


async def _serve(
    provider: providers.Provider,
    profile: str,
    faults: tuple[str, ...],
    settings: Mapping[str, Any],
    target_out: Path | None,
    lifecycle: Mapping[str, Any],
) -> int:
    try:
        running = await provider.start(profile, faults, **settings)
    except OSError as error:
        raise TargetError(
            f"port {settings['port']} cannot be served: {error.strerror}", "Give another --port."
        ) from None
    try:
        for name, place in running.target["places"].items():
            click.echo(f"{name:<12}{place['url']}")
        if target_out:
            secrets = write_target({**running.target, "lifecycle": dict(lifecycle)}, target_out)
            click.echo(f"target       {target_out} (secrets in {secrets})")
        else:
            for given in running.target["credentials"].values():
                click.echo(f"export {given['env']}={given['value']}")
            if "tls" in running.target:
                click.echo("authority    --target-out FILE writes its certificate too")
        click.echo("serving until interrupted")
        await _interrupted()
    finally:
        await running.stop()
    return 0


def write_target(target: Mapping[str, Any], path: Path) -> Path:
    """Write what a provider started as a target file, its secrets to a file of mode 600 beside it.

    The certificate of its authority, where it speaks TLS, goes to a third. Returns the path of the secrets.
    InputError where one cannot be written.
    """
    secrets, authority = path.with_suffix(".secrets"), path.with_suffix(".ca.pem")
    credentials: dict[str, Any] = {}
    lines = []
    for name, settings in target["credentials"].items():
        reference = {key: value for key, value in settings.items() if key not in ("value", "env")}
        credentials[name] = {"file": secrets.name, "key": settings["env"], **reference}
        lines.append(f"{settings['env']}={settings['value']}\n")
    shareable = {**target, "credentials": credentials}
    certificate = str(target.get("tls", {}).get("ca", ""))
    if PEM in certificate:
        shareable["tls"] = {**target["tls"], "ca": authority.name}
    try:
        if PEM in certificate:
            authority.write_text(certificate, encoding="ascii")
            authority.chmod(0o644)
        draft = secrets.with_name(f".{secrets.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
        os.replace(draft, secrets)
        path.write_text(yaml.safe_dump(shareable, sort_keys=False), encoding="utf-8")
    except OSError as error:
        raise mistake(f"{path} cannot be written: {error.strerror}", None, "Check the folder.") from None
    return secrets


async def _interrupted() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
