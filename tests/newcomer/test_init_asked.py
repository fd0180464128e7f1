"""`authconform init` without a document: a target for a known profile, or both files from answers."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest
from deployment import Told, loaded

from harness import profiles, shipped

# --- for a known profile ---------------------------------------------------------------------------


# Each profile with credentials: a good target, whose one credential lets a part be asked at once.
@pytest.mark.parametrize("profile", [n for n in profiles.names(shipped.folder("specs")) if n != "standard"])
def test_known_profile(told: Told, profile: str) -> None:
    code, said = told.of("init", "--profile", profile)
    assert code == 0, said
    inputs = loaded(told)
    (main,) = (each for each in inputs.target.credentials.values() if each.source == "env")
    text = Path("target.yaml").read_text()
    for name, kind in inputs.profile.credentials.items():
        assert f" {name}: " in text or "obtained-by" in kind.options
    for name in inputs.profile.places:
        assert f" {name}: {{url: " in text
    # with every # taken away it is a good target too
    whole = re.sub(r"(?m)^( *)# (?=( *[a-z-]+: ({|[0-9]|http)|addresses:|origins:))", r"\1", text)
    Path("target.yaml").write_text(whole.replace('"…"', "data of own"))
    assert set(loaded(told).target.places) == set(inputs.profile.places)


# What most scenarios need comes first, each with their number.
def test_worth(told: Told) -> None:
    told.of("init", "--profile", "originchain")
    text = Path("target.yaml").read_text()
    counts = [int(found) for found in re.findall(r"}   # (\d+) scenario", text)]
    places, credentials = counts[:6], counts[6:]
    assert places == sorted(places, reverse=True) and places[0] > 50
    assert credentials == sorted(credentials, reverse=True) and credentials[0] > 50


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--profile", "orginchain"), "unknown profile 'orginchain'. Did you mean 'originchain'?"),
        (("--profile", "kid-jwt", "--openapi", "x"), "--openapi does not go with --profile: leave one of"),
        ((), "init asks its questions in a terminal, and this is none. Give --openapi FILE-OR-URL, or"),
    ],
)  # fmt: skip
def test_what_to_give_instead(told: Told, arguments: tuple[str, ...], sentence: str) -> None:
    code, said = told.of("init", *arguments)
    assert code == 2 and sentence in said, said


# --- asked -----------------------------------------------------------------------------------------


def typed(*lines: str) -> tuple[int, str]:
    """What a person at a terminal sees who enters these lines, and the exit code."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from harness.cli import main; main()", "init"]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    seen = b""
    try:
        while select.select([ours], [], [], 30)[0]:
            if not (piece := os.read(ours, 4096)):
                break
            seen += piece
    except OSError:  # the terminal is gone with the process
        pass
    finally:
        os.close(ours)
    return process.wait(30), seen.decode().replace("\r\n", "\n")


# Enter everywhere makes good files; the answers given make those of an API with a key behind a word.
def test_asked(told: Told) -> None:
    code, seen = typed(*[""] * 8)
    assert code == 0, seen
    assert "Enter takes what stands in brackets. Never enter a secret." in seen
    assert "Where is it? Its base URL [http://127.0.0.1:8000]: " in seen
    inputs = loaded(told)
    assert (inputs.profile.name, inputs.target.credentials["token"].reference) == ("mine", "MINE_TOKEN")

    for name in ("profile.yaml", "target.yaml"):
        Path(name).unlink()
    code, seen = typed(
        "ftp://x", "https://api.shop.example/v2/", "The Shop", "production", "api-key, magic",
        "api-key,basic", "X-Shop", "Key", "shop_", "sk_live: my secret", "SHOP_KEY", "", "orders",
        "/orders?limit=1", "denied", "403",
    )  # fmt: skip
    assert code == 0, seen
    assert "Error: that is no http or https URL, such as https://api.example.com/v1." in seen
    assert "Error: write one or several of bearer, api-key, basic, jwt." in seen
    assert "Error: that is no name of a variable. Never enter the secret itself." in seen
    assert "Error: a path begins with / and has no spaces, such as /v1/account." in seen
    inputs = loaded(told)
    key = inputs.profile.credentials["key"]
    assert (key.prefix, key.options) == (("shop_",), {"field": "X-Shop", "scheme": "Key"})
    assert inputs.profile.operations["protected"].path == "/orders?limit=1"
    assert "Error: that is no status of a refusal, such as 401, 403, 404 or 302." in seen
    statuses = [each for each in inputs.profile.refusals["default"] if each.check == "status"]
    assert [each.args for each in statuses] == [{"is": 403}]
    # what was answered is not asked again
    written = Path("profile.yaml").read_text()
    assert "begin alike" not in written and "every refusal" not in written
    assert (inputs.target.environment, inputs.target.places["own"].url) == (
        "production",
        "https://api.shop.example/v2",
    )
    assert [each.reference for each in inputs.target.credentials.values()] == ["SHOP_KEY", "THE_SHOP_BASIC"]


# Who breaks off has written nothing.
def test_broken_off() -> None:
    code, _ = typed("http://127.0.0.1:9", "\x04")
    assert code == 3 and not Path("profile.yaml").exists()
