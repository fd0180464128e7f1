"""Requirements are read from `<specification>/requirements.yaml`, all of them or none."""

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.model import Requirement, Where
from harness.specs import beside, load

BEARER = """\
specification: rfc6750
title: "OAuth 2.0: Bearer Token Usage"
url: https://www.rfc-editor.org/rfc/rfc6750
requirements:
  3-missing-refused:
    level: MUST
    basis: rfc
    says: A request without a token is refused.
    sources: ["RFC 6750 section 3"]
    catalogue: [haf-missing-credentials-denied]
  5.3-logging:
    level: SHOULD
    basis: practice
    says: A token is not written to logs.
    not_tested: The logs of a target cannot be seen from outside.
    resolution: Read as the token and any part of it.
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of specifications in the current directory."""
    folder = tmp_path / "specs"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    return folder


def write(specs: Path, name: str, text: str) -> None:
    (specs / name).mkdir()
    (specs / name / "requirements.yaml").write_text(text)


# A requirement's id is its specification and its key; it knows where it was written.
def test_requirements_are_read_with_their_places(specs: Path) -> None:
    write(specs, "rfc6750", BEARER)
    requirements = load(specs)
    assert list(requirements) == ["rfc6750/3-missing-refused", "rfc6750/5.3-logging"]
    assert requirements["rfc6750/3-missing-refused"] == Requirement(
        id="rfc6750/3-missing-refused",
        level="MUST",
        basis="rfc",
        says="A request without a token is refused.",
        sources=("RFC 6750 section 3",),
        catalogue=("haf-missing-credentials-denied",),
        not_tested=None,
        resolution=None,
        where=Where("specs/rfc6750/requirements.yaml", 5),
    )
    untested = requirements["rfc6750/5.3-logging"]
    assert untested.not_tested == "The logs of a target cannot be seen from outside."
    assert untested.resolution == "Read as the token and any part of it."
    assert untested.sources == untested.catalogue == ()


# Files are read in the order of their names; folders without requirements do not matter.
def test_all_specifications_of_a_folder(specs: Path) -> None:
    write(specs, "rfc6750", BEARER)
    write(specs, "acme", BEARER.replace("rfc6750", "acme"))
    (specs / "schemas").mkdir()
    (specs / "README.md").write_text("Specifications.\n")
    assert [each.split("/")[0] for each in load(specs)] == ["acme", "acme", "rfc6750", "rfc6750"]


# The mistakes of all files are told at once, whatever their sort.
def test_mistakes_of_all_files_at_once(specs: Path) -> None:
    write(specs, "a", BEARER.replace("rfc6750", "a").replace("MUST", "MSUT").replace("says: A r", "say: A r"))
    write(specs, "b", BEARER.replace("rfc6750", "b") + "  3-missing-refused: {}\n")
    write(specs, "c", BEARER)
    with pytest.raises(InputError) as raised:
        load(specs)
    assert str(raised.value).splitlines() == [
        "specs/a/requirements.yaml:5: a requirement needs 'says'",
        "specs/a/requirements.yaml:6: 'MSUT' is not one of MUST, SHOULD, MAY. Did you mean 'MUST'?",
        "specs/a/requirements.yaml:8: unknown key 'say' in a requirement. Did you mean 'says'?",
        "specs/b/requirements.yaml:17: duplicate key '3-missing-refused', first written on line 5. "
        "Remove one of the two.",
        "specs/c/requirements.yaml:1: the specification 'rfc6750' lies in the folder 'c'. "
        "Give both the same name.",
    ]


# A folder that is not there is a mistake, not an empty set of requirements.
def test_missing_folder(specs: Path) -> None:
    with pytest.raises(InputError) as raised:
        load(specs / "none")
    assert str(raised.value) == (
        "specs/none: there is no such folder. It must hold <specification>/requirements.yaml."
    )


# An author's own statements lie beside his profile, under a name that none of the shipped ones has.
def test_own_requirements(specs: Path, tmp_path: Path) -> None:
    write(specs, "rfc6750", BEARER)
    own = tmp_path / "mine" / "requirements.yaml"
    own.parent.mkdir()
    own.write_text(BEARER.replace("specification: rfc6750", "specification: members"))
    profile = own.parent / "profile.yaml"
    assert beside(profile, specs) == own
    assert beside(specs / "rfc6750" / "profile.yaml", specs) is None
    assert beside(tmp_path / "profile.yaml", specs) is None
    assert {"members/5.3-logging", "rfc6750/5.3-logging"} <= set(load(specs, own))
    own.write_text(BEARER)
    with pytest.raises(InputError) as raised:
        load(specs, own)
    assert str(raised.value) == (
        "mine/requirements.yaml:1: the specification 'rfc6750' comes with authconform. "
        "Give yours another name."
    )


# An author may say why a requirement matters and what mends it, for the report.
def test_advice_is_read(specs: Path) -> None:
    write(specs, "rfc6750", BEARER + "    why: Logs are read by many.\n    fix: Filter the field.\n")
    found = load(specs)

    assert (found["rfc6750/5.3-logging"].why, found["rfc6750/5.3-logging"].fix) == (
        *("Logs are read by many.", "Filter the field."),
    )
    assert found["rfc6750/3-missing-refused"].why is None
