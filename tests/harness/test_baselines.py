"""Baselines are read with every mistake at its line, and entries are written so that they are read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from harness import baselines
from harness.errors import InputError
from harness.model import Acceptance, Where

KNOWN = ("rfc6750/3-missing-refused", "rfc9110/11.1-scheme-case")
GOOD = """\
# of the gateway
accepted:
- requirement: rfc9110/11.1-scheme-case   # everywhere
  reason: The gateway matches the name as it is written
  owner: Ada
  expires: 2027-03-31
"""
ENTRY = Acceptance(
    requirement="rfc6750/3-missing-refused",
    case="bearer/presentation/missing-header[add]",
    reason='It says "later": # ü 😀 \\',
    owner="Grace",
    ticket="GW-12",
    expires=date(2027, 1, 2),
    where=Where("nowhere", 1),
)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("base.yaml")


def mistakes(text: str) -> list[str]:
    Path("base.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        baselines.load(Path("base.yaml"), KNOWN)
    return str(caught.value).splitlines()


# What is read is what was written, with the line at which the entry begins.
def test_a_baseline_is_read(file: Path) -> None:
    file.write_text(GOOD)

    assert baselines.load(file, KNOWN) == (
        Acceptance(
            "rfc9110/11.1-scheme-case", None, "The gateway matches the name as it is written", "Ada", None,
            date(2027, 3, 31), Where("base.yaml", 3),
        ),
    )  # fmt: skip


# Every mistake of the file is told at once.
def test_mistakes_are_told_with_their_lines() -> None:
    assert mistakes(
        "accepted:\n- {reason: x, owner: y, expires: soon}\n- {case: a, resaon: x, owner: ''}\n"
    ) == [
        "base.yaml:2: an accepted finding needs 'requirement' or 'case'",
        "base.yaml:2: 'expires' must be a date such as 2027-03-31, not 'soon'",
        "base.yaml:3: an accepted finding needs 'reason' and 'expires'",
        "base.yaml:3: unknown key 'resaon' in an accepted finding. Did you mean 'reason'?",
        "base.yaml:3: 'owner' must be a name, not ''",
    ]
    assert mistakes("accept: []\n") == [
        "base.yaml:1: the baseline needs 'accepted'",
        "base.yaml:1: unknown key 'accept' in the baseline. Did you mean 'accepted'?",
    ]


# Days that there are not, requirements that there are not, and what is accepted twice.
def test_mistakes_beyond_the_shape() -> None:
    entry = "- {{requirement: {}, reason: x, owner: y, expires: {}}}\n"
    one = entry.format("rfc9110/11.1-scheme-case", "2027-03-31")

    assert mistakes("accepted:\n" + entry.format("rfc9110/11.1-scheme-case", "2027-02-30")) == [
        "base.yaml:2: there is no day '2027-02-30'"
    ]
    assert mistakes("accepted:\n" + entry.format("rfc9110/11.1-scheme-cse", "2027-03-31")) == [
        "base.yaml:2: unknown requirement 'rfc9110/11.1-scheme-cse'. Did you mean 'rfc9110/11.1-scheme-case'?"
    ]
    assert mistakes("accepted:\n" + one + one) == [
        "base.yaml:3: this is accepted already, by base.yaml:2. Remove one of the two."
    ]


# An entry is written into a new file, or at the end of one that a person wrote, and whatever its texts hold
# is read again.
@pytest.mark.parametrize(
    ("before", "line"), [(None, 3), ("accepted: []\n", 2), (GOOD, 7), (GOOD.rstrip(), 7)]
)
def test_an_entry_is_written(file: Path, before: str | None, line: int) -> None:
    if before is not None:
        file.write_text(before)

    (written,) = baselines.add(file, [ENTRY], KNOWN)

    assert written == replace(ENTRY, where=Where("base.yaml", line))
    assert baselines.load(file, KNOWN)[-1] == written
    if before:
        assert file.read_text("utf-8").startswith(before.rstrip().removesuffix(" []"))


# What is accepted already is not written again; a file that is wrong is left as it is.
def test_what_cannot_be_added(file: Path) -> None:
    baselines.add(file, [ENTRY], KNOWN)
    before = file.read_text("utf-8")
    with pytest.raises(InputError) as caught:
        baselines.add(file, [ENTRY], KNOWN)
    assert str(caught.value) == (
        "base.yaml:3: rfc6750/3-missing-refused in bearer/presentation/missing-header[add] "
        "is accepted already"
    )
    assert file.read_text("utf-8") == before

    file.write_text("accepted: [{case: a, reason: x, owner: y, expires: 2027-03-31}]\n")
    with pytest.raises(InputError) as caught:
        baselines.add(file, [ENTRY], KNOWN)
    told = str(caught.value)
    assert told.startswith(
        "base.yaml: nothing can be added to entries that are written so. Write it yourself:\n"
    )
    assert '- requirement: "rfc6750/3-missing-refused"\n' in told
    assert file.read_text() == "accepted: [{case: a, reason: x, owner: y, expires: 2027-03-31}]\n"
