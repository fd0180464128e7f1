"""The tables of the documentation that the code and the schemas can tell: lines of Markdown, by name."""

from __future__ import annotations

import ast
import inspect
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from harness import positions, providers
from harness.changes import REQUEST_PARTS
from harness.checks import CHECKS
from harness.cli import cli, listing
from harness.credentials import MECHANISMS
from harness.refusals import REASONS
from harness.shapes import load_schema

ROOT = Path(__file__).parents[2]
Schema = Mapping[str, Any]


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; what would end a cell is escaped."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    drawn = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    drawn.insert(1, "|" + " --- |" * len(lines[0]))
    return "\n".join(drawn)


# --- README.md: what is covered ------------------------------------------------------------------


def specifications() -> str:
    """Each specification: its requirements by level, how many are looked at, and by how many scenarios."""
    rows = []
    for folder, found in sorted(_by_specification(listing.list_requirements(None)).items()):
        document = positions.read(ROOT / "specs" / folder / "requirements.yaml").value
        levels = [sum(each["level"] == level for each in found) for level in ("MUST", "SHOULD", "MAY")]
        name = f"[{folder}]({document['url']})" if "url" in document else folder
        rows.append([name, document["title"], *levels, *_looked_at(found)])
    heads = ["specification", "title", "MUST", "SHOULD", "MAY", "looked at", "scenarios"]
    return table(heads, rows)


def profiles() -> str:
    """Each profile with a bundled server: the statements of its own document, what is asked, the faults."""
    rows = []
    for row in listing.list_profiles(None):
        if row["bundled"]:
            name = row["id"]
            requirements = list(listing.list_requirements(name))
            statements = {
                source
                for each in requirements
                if each["id"].startswith(f"{name}/") and each["scenarios"]
                for source in each["sources"]
            }
            scenarios = len(list(listing.list_scenarios(name)))
            faults = list(listing.list_faults(name))
            looked_at = sum(bool(each["scenarios"]) for each in requirements)
            rows.append([f"`{name}`", len(statements), looked_at, scenarios, len(faults)])
    return table(["profile", "statements of its document", "requirements", "scenarios", "faults"], rows)


def _by_specification(requirements: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for each in requirements:
        found.setdefault(each["id"].partition("/")[0], []).append(each)
    return found


def _looked_at(requirements: list[Mapping[str, Any]]) -> tuple[str, int]:
    tested = [each for each in requirements if each["scenarios"]]
    scenarios = {name for each in tested for name in each["scenarios"]}
    return f"{len(tested)} of {len(requirements)}", len(scenarios)


def commands() -> str:
    """Each command with the first sentence of its help."""
    context = click.Context(cli)
    rows = []
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        rows.append([f"`{name}`", first_paragraph(command.help or "")])
    return table(["command", "what it does"], rows)


# --- harness/README.md: the layers ---------------------------------------------------------------


def layers() -> str:
    """The layers of the import contract, each module with the first sentence of its docstring."""
    rows = []
    for level, layer in enumerate(contract_layers(), start=1):
        for module in layer:
            rows.append([level, f"`{module}`", first_line(module_file(ROOT / "harness" / module))])
    return table(["layer", "module", "its one idea"], rows)


def contract_layers() -> list[list[str]]:
    """The modules of each layer of `harness`, the highest first, as pyproject.toml has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (downhill,) = (each for each in contracts if each["type"] == "layers")
    return [layer.replace(":", "|").replace(" ", "").split("|") for layer in downhill["layers"]]


def module_file(path: Path) -> Path:
    """The file of the module or package at `path` without suffix."""
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def first_line(file: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


# --- suites/README.md and specs/README.md: the languages -----------------------------------------


def keys(schema: str, *path: str) -> str:
    """The keys of a mapping that the schema describes at `path`: what each may be, and what it means."""
    whole = load_schema(schema)
    part: Schema = whole
    for step in path:
        part = _resolved(part[step], whole)
    required = part.get("required", ())
    rows = []
    for key, value in part["properties"].items():
        value = _resolved(value, whole)
        needed = " **required**" if key in required else ""
        rows.append([f"`{key}`{needed}", shape(value, whole), value.get("description", "")])
    return table(["key", "value", "meaning"], rows)


def shape(part: Schema, whole: Schema) -> str:
    """What a value may be, in a few words."""
    part = _resolved(part, whole)
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    if "oneOf" in part and "properties" not in part:
        return " or ".join(dict.fromkeys(shape(each, whole) for each in part["oneOf"]))
    if "x-pattern-says" in part:
        return str(part["x-pattern-says"])
    kind = part.get("type")
    if kind == "array":
        items = part.get("items", {})
        each = items if isinstance(items, list) else [items]  # one for all, or one for each
        return f"list of {' and '.join(shape(item, whole) for item in each)}"
    if kind == "integer" and "minimum" in part and "maximum" in part:
        return f"{part['minimum']} to {part['maximum']}"
    if kind == "object":
        names = list(part.get("properties", ()))
        return f"mapping of {', '.join(f'`{name}`' for name in names)}" if 0 < len(names) <= 4 else "mapping"
    words = {"string": "text", "integer": "number", "boolean": "`true` or `false`", "null": "`null`"}
    kinds = [kind] if isinstance(kind, str) else kind or ()
    return " or ".join(words.get(each, each) for each in kinds) or "anything"


def _resolved(part: Schema, whole: Schema) -> Schema:
    """`part` with what its `$ref` points to; what stands beside the reference wins."""
    while "$ref" in part:
        found: Schema = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = {**found, **{key: value for key, value in part.items() if key != "$ref"}}
    return part


def step_keys() -> str:
    """The keys of a step; a scenario of one step has them itself."""
    return keys("suite", "definitions", "step")


def scenario_keys() -> str:
    """The keys of a scenario that a step has not."""
    lines = keys("suite", "definitions", "scenario").splitlines()
    of_steps = {line.split("`")[1] for line in step_keys().splitlines()[2:]}
    own = [line for line in lines[2:] if line.split("`")[1] not in of_steps]
    return "\n".join([*lines[:2], *own])


def computed() -> str:
    """The ways to make a value from the right one."""
    ways = load_schema("suite")["definitions"]["computed"]["oneOf"][1]["properties"]
    return table(
        ["written", "value", "what it makes"],
        [
            [f"`{name}`", shape(value, load_schema("suite")), value.get("description", "")]
            for name, value in ways.items()
        ],
    )


def mechanisms() -> str:
    """The mechanisms, and the spoils that each knows."""
    known = {name: sorted(mechanism.parts) for name, mechanism in MECHANISMS.items()}
    rows = [[f"`{name}`", ", ".join(f"`{part}`" for part in parts)] for name, parts in known.items()]
    rows.append(["any", ", ".join(f"`{part}`" for part in sorted(REQUEST_PARTS))])
    return table(["credential", "what can be spoiled"], rows)


# --- the vocabulary ------------------------------------------------------------------------------


def refusals() -> str:
    """The reasons for a refusal, and which stands in where the profile says nothing of one."""
    return table(
        ["reason", "what is wrong", "adds to"],
        [[f"`{name}`", reason.means, f"`{reason.like}`"] for name, reason in REASONS.items()],
    )


def checks() -> str:
    """What can be looked for in an answer."""
    return table(
        ["check", "what it looks for"],
        [[f"`{name}`", first_paragraph(inspect.getdoc(check) or "")] for name, check in CHECKS.items()],
    )


def first_paragraph(docstring: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(docstring.partition("\n\n")[0].split())


def provider() -> str:
    """What a provider has, from the protocol that the harness holds it to."""
    rows = []
    for owner in (providers.Provider, providers.Running):
        for name, member in vars(owner).items():
            if not name.startswith("_"):
                rows.append([owner.__name__, inspect.getdoc(member), f"`{signature(name, member)}`"])
    return table(["of", "what it does or is", "how it is written"], rows)


def signature(name: str, member: Any) -> str:
    """A method as it is called, a property as it is read."""
    if isinstance(member, property):
        return name
    parameters = list(inspect.signature(member).parameters.values())[1:]
    asynchronous = "await " if inspect.iscoroutinefunction(member) else ""
    written = (
        each.name if each.default is each.empty else f"{each.name}={each.default!r}" for each in parameters
    )
    return f"{asynchronous}{name}({', '.join(written)})"


TABLES: dict[str, Callable[[], str]] = {
    "specifications": specifications,
    "profiles": profiles,
    "commands": commands,
    "layers": layers,
    "suite keys": lambda: keys("suite"),
    "scenario keys": scenario_keys,
    "variant keys": lambda: keys("suite", "definitions", "variant"),
    "step keys": step_keys,
    "send keys": lambda: keys("suite", "definitions", "request"),
    "spoils": lambda: keys("suite", "definitions", "spoil"),
    "computed": computed,
    "mechanisms": mechanisms,
    "requirement keys": lambda: keys("requirements", "definitions", "requirement"),
    "profile keys": lambda: keys("profile"),
    "credential keys": lambda: keys("profile", "definitions", "credential"),
    "operation keys": lambda: keys("profile", "definitions", "operation"),
    "expectation keys": lambda: keys("profile", "definitions", "expectation"),
    "lifecycle keys": lambda: keys("profile", "definitions", "verb"),
    "target keys": lambda: keys("target"),
    "reference keys": lambda: keys("target", "definitions", "credential"),
    "tls keys": lambda: keys("target", "properties", "tls"),
    "baseline keys": lambda: keys("baseline", "definitions", "entry"),
    "refusals": refusals,
    "checks": checks,
    "provider": provider,
}
