"""Read baselines, the findings that are accepted for the time being, and write entries into them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

from harness import positions, shapes
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.model import Acceptance
from harness.positions import Document
from harness.report.accepting import named

HEAD = "# Findings that are accepted for the time being: authconform run --baseline\naccepted:\n"
_ITEM = re.compile(r"^( *)- ", re.MULTILINE)


def load(path: Path, requirements: Collection[str]) -> tuple[Acceptance, ...]:
    """The entries of the baseline in the file `path`. InputError has all its mistakes."""
    return _build(positions.read(path), requirements)


def add(path: Path, entries: Sequence[Acceptance], requirements: Collection[str]) -> tuple[Acceptance, ...]:
    """Write `entries` at the end of the baseline in the file `path`, which is made where there is none.

    Returns them with the places that they got. InputError where the file is wrong already, accepts one of
    them already, or has its entries in a form that nothing can be added to.
    """
    shown = positions.display(path)
    before = load(path, requirements) if path.exists() else ()
    known = {(each.requirement, each.case): each.where for each in before}
    if again := [each for each in entries if (each.requirement, each.case) in known]:
        told = [
            Mistake(known[each.requirement, each.case], f"{named(each)} is accepted already")
            for each in again
        ]
        raise InputError(told)
    text = path.read_text("utf-8-sig") if path.exists() else HEAD
    found = _ITEM.search(text)
    if not before and path.exists():
        text = re.sub(r"^accepted:.*$", "accepted:", text, count=1, flags=re.MULTILINE)
    indent = found[1] if before and found else "  "
    text = text.rstrip("\n") + "\n" + "".join(_written(each, indent) for each in entries)
    try:
        after = _build(positions.parse(text, shown), requirements)
    except InputError:
        after = ()
    if after[: len(before)] != before or len(after) != len(before) + len(entries):
        hint = f"Write it yourself:\n{''.join(_written(each, indent) for each in entries)}"
        raise mistake(f"{shown}: nothing can be added to entries that are written so", None, hint)
    _replace(path, text)
    return after[len(before) :]


def _build(document: Document, requirements: Collection[str]) -> tuple[Acceptance, ...]:
    if mistakes := shapes.check(document, shapes.load_schema("baseline")):
        raise InputError(mistakes)
    entries: list[Acceptance] = []
    for number, entry in enumerate(document.value["accepted"]):
        where = document.where("accepted", number)
        try:
            expires = date.fromisoformat(entry["expires"])
        except ValueError:
            message = f"there is no day {quoted(entry['expires'])}"
            mistakes.append(Mistake(document.where("accepted", number, "expires"), message))
            continue
        requirement = entry.get("requirement")
        if requirement is not None and requirement not in requirements:
            message = f"unknown requirement {quoted(requirement)}"
            place = document.where("accepted", number, "requirement")
            mistakes.append(Mistake(place, message, did_you_mean(requirement, requirements)))
        accepted = Acceptance(
            requirement,
            entry.get("case"),
            entry["reason"],
            entry["owner"],
            entry.get("ticket"),
            expires,
            where,
        )
        for other in entries:
            if (other.requirement, other.case) == (accepted.requirement, accepted.case):
                mistakes.append(
                    Mistake(where, f"this is accepted already, by {other.where}", "Remove one of the two.")
                )
        entries.append(accepted)
    if mistakes:
        raise InputError(sorted(mistakes, key=lambda each: each.where.line if each.where else 0))
    return tuple(entries)


def _written(entry: Acceptance, indent: str) -> str:
    """An entry as YAML, its strings in double quotes: JSON's escapes are YAML's too."""
    values = {
        "requirement": entry.requirement,
        "case": entry.case,
        "reason": entry.reason,
        "owner": entry.owner,
        "ticket": entry.ticket,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value]
    lines.append(f"expires: {entry.expires}")
    return f"{indent}- " + f"\n{indent}  ".join(lines) + "\n"


def _replace(path: Path, text: str) -> None:
    """Write the whole file or nothing of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise mistake(f"{path} cannot be written: {error.strerror}") from None
