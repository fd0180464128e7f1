"""The action, the workflows and the Dockerfile: well-formed, careful, and in step with the command."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from harness.cli.options import FAILING

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / ".github").rglob("*.yml"))
SECRETS = re.compile(r"\$\{\{\s*(?:secrets|inputs|github\.event)\.")


class Loader(yaml.CSafeLoader):
    """YAML as GitHub reads it: `on` is a word."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
    for letter, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def read(path: Path, kind: str) -> dict[str, Any]:
    """A file, after its schema has agreed to it."""
    value = yaml.load(path.read_text(encoding="utf-8"), Loader)
    schema = json.loads((Path(__file__).parent / "schemas" / f"{kind}.schema.json").read_text())
    Draft7Validator(schema).validate(value)
    return value


# The action is one that GitHub takes, and each of its outputs is written by its step.
def test_the_action():
    action = read(ACTION, "action")
    scripts = "".join(step["run"] for step in action["runs"]["steps"])
    named = {"verdict", "failed", "warned"}  # by `authconform report --github-output`

    for name in action["outputs"].keys() - named:
        assert f'echo "{name}=' in scripts
    given = {value for step in action["runs"]["steps"] for value in step["env"].values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} <= given


# Each workflow is one that GitHub takes, with the least it must be allowed, and no secret in a script.
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow(path):
    workflow = read(path, "workflow")

    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert not SECRETS.search(step.get("run", ""))


# What the workflows give to the action it takes, and what they use of it is there.
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_knows_the_action(path):
    action = read(ACTION, "action")
    for job in read(path, "workflow")["jobs"].values():
        for step in job["steps"]:
            if step.get("uses") == "./" or "/authconform@" in step.get("uses", ""):
                assert step["with"].keys() <= action["inputs"].keys()
                assert step["with"].get("fail-on", "must") in FAILING
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"steps\.authconform\.outputs\.([a-z-]+)", text)) <= action["outputs"].keys()


# The image holds what the wheel is made of, takes the locked dependencies alone, and does not run as root.
def test_the_dockerfile():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    for name in {each for names in copied for each in names}:
        assert (ROOT / name).exists() and f"!{name}" in ignored
    last = lines[max(place for place, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert any("--require-hashes -r /tmp/requirements.txt" in line for line in last)
    assert "USER authconform" in last
    assert 'ENTRYPOINT ["authconform"]' in last
    assert not any(line.startswith("ADD ") for line in lines)
