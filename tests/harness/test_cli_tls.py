"""TLS on the command line: what `serve`, `doctor` and `run` write and say."""

from __future__ import annotations

import gc
import json
import os
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from certified import blocking, pem, server

from harness import shipped
from harness.background import Background
from harness.cli import main
from harness.cli.encryption import in_the_clear
from harness.cli.serve import write_target
from harness.model import Place, Tls, Where
from harness.positions import parse
from harness.targets import build, located, started
from reference_server.provider import provider

NO_HEADER = "bearer/presentation/missing-header"


@pytest.fixture(scope="module")
def secure() -> Iterator[Any]:
    """A right OriginChain over TLS."""
    background = Background("secure")
    running = background.run(provider.start("originchain", tls=True))
    yield running
    background.run(running.stop())
    background.close()


@pytest.fixture
def target(secure: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its target, as `serve --target-out` writes it."""
    monkeypatch.chdir(tmp_path)
    Path("staging").mkdir()
    path = Path("staging/target.yaml")
    write_target(secure.target, path)
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it prints."""
    with pytest.raises(SystemExit) as ended:
        main(list(map(str, arguments)))
    gc.enable()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out + out.err


def changed(path: Path, **keys: Any) -> Path:
    """A target beside `path` with other keys."""
    value = {**yaml.safe_load(path.read_text()), **keys}
    other = path.with_name("changed.yaml")
    other.write_text(yaml.safe_dump(value, sort_keys=False))
    return other


# --- the file --------------------------------------------------------------------------------------


def test_target_keys() -> None:
    head = "profile: originchain\nplaces: {own: {url: 'https://acme.example'}}\n"
    more = "tls: {ca: ca.pem, client-certificate: me.pem, client-key: /keys/me.key}\n"
    tls = build(parse(head + more, "t.yaml")).tls
    assert (tls.ca, tls.client_certificate, tls.client_key) == ("ca.pem", "me.pem", "/keys/me.key")
    assert (tls.verify, str(tls.where)) == (True, "t.yaml:3")
    # what a person wrote is relative to the file; the text of a certificate stays as it is
    there = located(tls, Path("staging"))
    assert (there.ca, there.client_certificate) == ("staging/ca.pem", "staging/me.pem")
    assert there.client_key == "/keys/me.key"
    assert located(Tls(ca=pem()), Path("staging")).ca == pem()
    assert build(parse(head, "t.yaml")).tls == Tls(where=Where("t.yaml", 1))


# A target that was served refers to its authority by a relative path; the file is for everybody to read.
def test_written_target(secure: Any, target: Path) -> None:
    written = yaml.safe_load(target.read_text())
    assert written["tls"] == {"ca": "target.ca.pem"}
    authority = target.with_name("target.ca.pem")
    assert authority.read_text() == secure.target["tls"]["ca"]
    assert stat.S_IMODE(authority.stat().st_mode) == 0o644
    assert stat.S_IMODE(target.with_name("target.secrets").stat().st_mode) == 0o600


# --- run -------------------------------------------------------------------------------------------


def test_run_over_tls(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = said(capsys, "run", NO_HEADER, "--target", target, "--out", "out")
    assert code == 0, told
    assert "verified" not in told.lower()
    lines = [json.loads(line) for line in Path("out/run.jsonl").read_text().splitlines()]
    assert lines[0]["insecure"] is False
    exchange = lines[1]["exchanges"][0]
    assert exchange["response"]["tls"] == "TLSv1.3"
    assert " --cacert staging/target.ca.pem https://acme.originchain.test:" in exchange["request"]["curl"]


# What does not fit is told before anything is asked, with the line, and the run says nothing of conformance.
def test_run_with_another_authority(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = changed(target, tls={"ca": pem("Another")})
    code, told = said(capsys, "run", NO_HEADER, "--target", other)
    told = " ".join(told.split())
    assert code == 3
    assert (
        "staging/changed.yaml:" in told and "is not trusted: unable to get local issuer certificate" in told
    )
    assert "Give the certificate of its authority: tls: {ca: FILE} in the target." in told


def test_run_with_a_file_that_is_not_there(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = changed(target, tls={"ca": "none.pem"})
    code, told = said(capsys, "run", NO_HEADER, "--target", other)
    assert code == 2
    assert "the file 'staging/none.pem' of tls.ca cannot be read: No such file or directory." in told


# Certificates go unverified only where file and command line agree, and then everybody is told.
def test_insecure(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trusting = changed(target, tls={"verify": False})
    line = next(
        number for number, text in enumerate(trusting.read_text().splitlines(), 1) if text.startswith("tls:")
    )
    refused = (
        f"authconform: staging/changed.yaml:{line}: the target has certificates not verified, which the "
        "command line has to agree to. Trust its authority instead: tls: {ca: FILE}; or give --insecure.\n"
    )
    assert said(capsys, "run", NO_HEADER, "--target", trusting) == (2, refused)
    assert said(capsys, "doctor", "--target", trusting) == (2, refused)
    assert said(capsys, "run", NO_HEADER, "--target", target, "--insecure") == (
        2,
        "authconform: --insecure is given, and the target has certificates verified. "
        "Write tls: {verify: false} in the target if you mean it, or leave --insecure out.\n",
    )
    assert said(capsys, "lint", trusting)[0] == 0

    code, told = said(capsys, "run", NO_HEADER, "--target", trusting, "--insecure", "--out", "out")
    assert code == 0, told
    assert "authconform: --insecure: NO CERTIFICATE IS VERIFIED. Anybody on the way can answer" in told
    assert "NO CERTIFICATE WAS VERIFIED (--insecure): anybody on the way could have answered" in told
    assert json.loads(Path("out/run.jsonl").read_text().partition("\n")[0])["insecure"] is True
    assert "none was verified (--insecure)" in Path("out/index.html").read_text()
    code, told = said(capsys, "report", "out/run.jsonl", "--summary")
    assert "NO CERTIFICATE WAS VERIFIED" in told

    code, told = said(capsys, "doctor", "--target", trusting, "--insecure")
    assert "  warn certificate of own, other, trial and 3 more (TLSv1.3): not verified, so that " in told


# Plain pytest says it as loudly, before the first case and even where it is quiet.
def test_insecure_in_pytest(target: Path) -> None:
    trusting = changed(target, tls={"verify": False})
    suite = shipped.folder("suites") / "bearer" / "presentation.suite.yaml"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, suite, "-k", "missing-header and protected",
         f"--authconform-target={trusting}", "--authconform-insecure"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    before, _, after = ran.stdout.partition("[100%]")
    assert "authconform: --insecure: NO CERTIFICATE IS VERIFIED. Anybody on the way can answer" in before
    assert "NO CERTIFICATE WAS VERIFIED (--insecure)" in after


# --- doctor ----------------------------------------------------------------------------------------


# One certificate for all places is told once.
def test_doctor(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = said(capsys, "doctor", "--target", target)
    assert code == 0, told
    lines = [line for line in told.splitlines() if "certificate" in line]
    assert len(lines) == 1
    assert lines[0].startswith("  yes  certificate of own, other, trial and 3 more (TLSv1.3): ")
    names = "for acme.originchain.test, app.originchain.test, doomed.originchain.test and 3 more"
    assert lines[0].endswith(f"; {names}, issued by authconform, thrown away")


def looked_at(tls: ssl.SSLContext, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What doctor says of a server that has such a certificate, beyond what is missing."""
    with blocking(tls) as port:
        places = {"own": {"url": f"https://acme.example.test:{port}", "tenant": "acme"}}
        value = {"profile": "originchain", "places": places, "tls": {"ca": pem()}}
        Path("target.yaml").write_text(
            yaml.safe_dump({**value, "resolve": {"acme.example.test": "127.0.0.1"}})
        )
        _, told = said(capsys, "doctor", "--target", "target.yaml")
    return [line for line in told.splitlines() if line[:7] in ("  yes  ", "  warn ", "  no   ")]


# A certificate that ends soon is warned of, one that has ended is no use.
def test_doctor_and_the_end_of_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for days, begins in ((14.5, "  yes  "), (13.5, "  warn "), (1.5, "  warn ")):
        _, line = looked_at(server("acme.example.test", days=days), capsys)
        left = "1 day" if days < 2 else f"{int(days)} days"
        assert line.startswith(f"{begins}certificate of own (TLSv1.3): {left} left, until 20")
        assert line.endswith("; for acme.example.test, issued by Our own")
    (line,) = looked_at(server("acme.example.test", days=-1), capsys)
    assert line.startswith("  no   place own: target.yaml:") and "is expired. Have it renewed" in line


# Credentials that would go over a network in the clear are warned of; what stays on this machine does not.
@pytest.mark.parametrize(
    ("url", "resolve", "warned"),
    [
        ("http://acme.example", {}, True),
        ("http://acme.example", {"ACME.example": "192.0.2.1:80"}, True),
        ("http://acme.example", {"acme.example": "127.0.0.1:8080"}, False),
        ("http://acme.example", {"acme.example": "[::1]:8080"}, False),
        ("http://acme.example", {"acme.example": "::1"}, False),
        ("http://localhost:8080", {}, False),
        ("http://acme.localhost:8080", {}, False),
        ("http://127.0.0.9:8080", {}, False),
        ("http://[::1]:8080", {}, False),
        ("http://[2001:db8::1]:8080", {}, True),
        ("https://acme.example", {}, False),
    ],
)
def test_in_the_clear(url: str, resolve: dict[str, str], warned: bool) -> None:
    head = f"profile: originchain\nplaces: {{own: {{url: '{url}'}}}}\nresolve: {json.dumps(resolve)}\n"
    described = build(parse(head, "t.yaml"))
    place = Place("own", url, {}, Where("t.yaml", 2))
    expected = (
        "  warn place own: t.yaml:2: without TLS anybody on the way can read token, spare. "
        "Write https:// in its url."
    )
    assert in_the_clear(place, described, ["token", "spare"]) == (expected if warned else None)
    assert in_the_clear(place, described, []) is None


# A bundled server is trusted by what it says itself: `run --profile` needs nothing more.
def test_started(secure: Any) -> None:
    bundled = build(parse("profile: originchain\nplaces: {own: {url: 'http://x.test'}}\n", "t.yaml"))
    assert started(bundled, secure.target).tls.ca == secure.target["tls"]["ca"]
    assert urlsplit(started(bundled, secure.target).places["own"].url).scheme == "https"
