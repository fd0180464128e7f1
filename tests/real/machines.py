"""Install a server that others wrote, start it on the loopback interface, and end it."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CACHE = HERE / ".cache"
START = 60.0
"""Seconds that a server has to answer its first request."""
FAREWELL = 10.0
"""Seconds that it has to end when it is told to."""
_UV = {"PYTHONPATH": str(ROOT / ".boot"), "UV_PYTHON_DOWNLOADS": "never"}


class NotThere(Exception):
    """The server cannot be installed or started here; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server: the folder of its name has how it is started, its profile, target and baseline.

    It comes from the Python packages of `requirements.txt` in that folder, or from the Debian package
    `debian`, a name and a version.
    """

    name: str
    port: int
    version: str
    what: str
    """How it authenticates, in a few words."""
    debian: tuple[str, str] | None = None

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def installed(self) -> Path:
        return CACHE / self.name

    @property
    def is_installed(self) -> bool:
        mark = self.installed / ".ready"
        return mark.exists() and mark.read_text() == self.digest

    @property
    def digest(self) -> str:
        """What it was installed from."""
        if self.debian:
            return "=".join(self.debian)
        return sha256((self.folder / "requirements.txt").read_bytes()).hexdigest()


SERVERS = (
    Server("pypiserver", 18101, "2.4.2", "Basic, htpasswd"),
    Server("jupyter", 18102, "2.21.1", "a token: scheme of its own, Bearer, query"),
    Server("devpi", 18103, "6.20.3", "log-in, a token as password or in a field of its own"),
    Server("drf", 18104, "3.18.3", "Token scheme, Basic, session with CSRF"),
    Server("flask-jwt", 18105, "4.7.4", "issued JWT, refresh, revocation"),
    Server("influxdb", 18108, "1.6.7", "JWT made by the client, Basic", ("influxdb", "1.6.7~rc0-1+b13")),
)


def install(server: Server) -> None:
    """Install it below the cache folder, unless it is there. NotThere says what the installer said."""
    if server.is_installed:
        return
    server.installed.mkdir(parents=True, exist_ok=True)
    if server.debian:
        _unpack(*server.debian, server.installed)
    else:
        uv = [sys.executable, "-m", "uv"]
        python = str(server.installed / "bin" / "python")
        _do([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(server.installed)])
        _do([*uv, "pip", "sync", "-q", "--python", python, str(server.folder / "requirements.txt")])
    (server.installed / ".ready").write_text(server.digest)


def _unpack(package: str, version: str, folder: Path) -> None:
    """The files of a Debian package, which need nothing beside them; nothing is installed in the system."""
    with tempfile.TemporaryDirectory() as download:
        _do(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", f"{package}={version}"], download)
        for each in Path(download).glob("*.deb"):
            _do(["dpkg", "-x", str(each), str(folder)])


def _do(words: list[str], folder: str | None = None, environment: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **_UV} if environment is None else dict(environment),
            capture_output=True,
            text=True,
            timeout=900,
        )
    except OSError as error:
        raise NotThere(f"{words[0]} cannot be started: {error.strerror}") from None
    if done.returncode:
        raise NotThere(f"{' '.join(words[:4])} … ended with {done.returncode}: {done.stderr.strip()[-400:]}")


@contextmanager
def running(server: Server) -> Iterator[Mapping[str, str]]:
    """Start it with fresh secrets; the environment that holds them. It is ended on the way out.

    NotThere where its port is taken, or where it does not answer in time.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", server.port)) == 0:
            raise NotThere(f"something listens on port {server.port} already")
    with tempfile.TemporaryDirectory(prefix=f"real-{server.name}-") as state:
        environment = {
            **os.environ,
            **_fresh_secrets(),
            "HERE": str(server.folder),
            "INSTALLED": str(server.installed),
            "STATE": state,
            "PORT": str(server.port),
        }
        log = Path(state) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-eu", str(server.folder / "start.sh")],
                cwd=state,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_for(server, process, log)
            if (server.folder / "prepare.sh").exists():
                _do(["bash", "-eu", str(server.folder / "prepare.sh")], state, environment)
            yield environment
        finally:
            _end(process)


def _fresh_secrets() -> dict[str, str]:
    """Secrets that nobody else has, for whatever a server needs of them."""

    def person(name: str) -> str:
        return f"{name}:{secrets.token_urlsafe(18)}"

    return {
        "REAL_BASIC": person("ada"),
        "REAL_OTHER_BASIC": person("grace"),
        "REAL_TOKEN": secrets.token_hex(24),
        "REAL_SIGNING_KEY": secrets.token_hex(32),
    }


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        finally:
            connection.close()
    said = log.read_text("utf-8", "replace").strip()[-2000:]
    what = "did not answer in time" if process.poll() is None else "ended at once"
    raise NotThere(f"{server.name} {what}:\n{said}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server with everything that it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(FAREWELL)
            return
