"""Write a target for a known profile: all that it can have, what most scenarios need first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness import shipped, specs, suites, targets
from harness.checks import CHECKS
from harness.cli import gaps
from harness.errors import mistake, quoted
from harness.inputs import TARGET_FILE, load_profile
from harness.model import CredentialRef, Place, Profile, Suite, Target
from harness.names import OBTAINED_BY, OWN
from harness.outline.from_openapi import EXAMPLE_URL
from harness.outline.parts import variable_name
from harness.outline.written import comment, mapping, question, scalar
from harness.profiles import path_of


@dataclass(frozen=True, slots=True)
class _Part:
    """A credential or a place, and the number of scenarios that cannot be asked without it."""

    name: str
    worth: int


def target_text(name: str) -> str:
    """A target for the profile called `name`. InputError where there is none that can be tested."""
    folder = shipped.folder("specs")
    requirements = specs.load(folder)
    path = path_of(name, folder)
    profile = load_profile(path, folder, requirements)
    if not profile.credentials:
        hint = "It is what other profiles extend; run authconform init without it."
        raise mistake(f"the profile {quoted(name)} has no credentials", None, hint)
    vocabulary = suites.Vocabulary(requirements, CHECKS)
    asked = [suites.load(each, vocabulary) for each in suites.find(shipped.folder("suites"))]
    bundled = path.parent / TARGET_FILE
    known = targets.load(bundled) if bundled.is_file() else None
    return "\n".join(_Writing(profile, asked, known).lines()) + "\n"


class _Writing:
    """Writes one target: what most scenarios need stands there, the rest behind a #."""

    def __init__(self, profile: Profile, asked: Sequence[Suite], known: Target | None) -> None:
        self.profile = profile
        self.asked = asked
        self.known = known.credentials if known else {}
        self.variables = gaps.variables(profile)
        self.whole = self.with_all()
        self.scenarios = self.count(self.whole)

    def lines(self) -> list[str]:
        credentials, places = self.credentials(), self.places()
        main, *others = credentials
        asking = f", and what is its {' and '.join(self.variables)}" if self.variables else ""
        lines = [
            *comment(
                f"A deployment of {self.profile.title}. It names where the secrets are and holds none, so "
                "that it can be shared. Take the # away from what there is: the number says how many "
                "scenarios need it. What is lacking is told by: authconform doctor --target target.yaml"
            ),
            f"profile: {scalar(self.profile.name)}",
            "# in production nothing is changed that allow: does not name",
            "environment: staging",
            "places:",
            *question(f"where is it{asking}?", 2),
        ]
        lines += [self.place(each, "" if each.name == OWN else "# ") for each in places]
        lines += [
            "credentials:",
            *question("do these variables hold the secrets, and which of the others are there?", 2),
        ]
        lines.append(self.credential(main, ""))
        lines += [self.credential(each, "# ") for each in others]
        for section, named in (("addresses", self.profile.addresses), ("origins", self.profile.origins)):
            if named:
                lines += self.named(section, dict(named))
        if verbs := sorted(verb.name for verb in self.profile.lifecycle.values() if verb.kind == "prompt"):
            ask = (
                f"how are these done: {', '.join(verbs)}? A person is asked, unless lifecycle: has a request."
            )
            lines += question(ask)
        lines += question("what stands in what protected answers to each credential, and nowhere else?")
        lines.append('# canary: {own: "…"}')
        return lines

    def place(self, part: _Part, before: str) -> str:
        settings = {"url": EXAMPLE_URL, **dict.fromkeys(self.variables, "…")}
        if before:
            settings["url"] = f"https://{part.name}.example.com"
        what = self.profile.places[part.name].rstrip(".")
        return f"  {before}{part.name}: {mapping(settings)}   # {gaps.scenarios(part.worth)}. {what}"

    def credential(self, part: _Part, before: str) -> str:
        known = self.known.get(part.name)
        settings: dict[str, object] = {
            "env": known.env if known else variable_name(self.profile.name, part.name)
        }
        if known and known.settings:
            settings["with"] = dict(known.settings)
        at = self.profile.credentials[part.name].at
        where = "" if at == OWN else f", at {at}"
        return f"  {before}{part.name}: {mapping(settings)}   # {gaps.scenarios(part.worth)}{where}"

    def named(self, section: str, named: dict[str, str]) -> list[str]:
        lines = [f"# {section}:"]
        if section == "addresses":
            lines.append("#   default: 127.0.0.1   # where requests come from")
        example = "127.0.0.2" if section == "addresses" else "https://app.example.com"
        return lines + [f"#   {name}: {example}   # {what.rstrip('.')}" for name, what in named.items()]

    # --- what each is worth ------------------------------------------------------------------------

    def credentials(self) -> list[_Part]:
        """Those that a target gives; a main one first, then by their worth."""
        given = [name for name, kind in self.profile.credentials.items() if OBTAINED_BY not in kind.options]
        parts = [_Part(name, self.worth(credential=name)) for name in given]
        at_own = [each for each in parts if self.profile.credentials[each.name].at == OWN]
        first = max(at_own, key=lambda each: each.worth)
        return [first, *sorted((each for each in parts if each != first), key=lambda each: -each.worth)]

    def places(self) -> list[_Part]:
        parts = [_Part(name, self.worth(place=name)) for name in self.profile.places]
        return sorted(parts, key=lambda each: (each.name != OWN, -each.worth))

    def worth(self, credential: str = "", place: str = "") -> int:
        """How many scenarios cannot be asked without it."""
        gone = {credential} | {
            name for name, kind in self.profile.credentials.items() if place and kind.at == place
        }
        kept = {name: each for name, each in self.whole.credentials.items() if name not in gone}
        places = {name: each for name, each in self.whole.places.items() if name != place}
        return self.scenarios - self.count(replace(self.whole, credentials=kept, places=places))

    def count(self, target: Target) -> int:
        given = targets.with_obtainable(target, self.profile)
        return gaps.asked(self.asked, self.profile, given)[0]

    def with_all(self) -> Target:
        """A target that gives everything, as far as a plan looks at it."""
        where = self.profile.where
        variables = dict.fromkeys(self.variables, "")
        return Target(
            profile=self.profile.name,
            environment="staging",
            places={name: Place(name, EXAMPLE_URL, variables, where) for name in self.profile.places},
            credentials={
                name: CredentialRef(name, "env", name, name, None, False, where)
                for name, kind in self.profile.credentials.items()
                if OBTAINED_BY not in kind.options
            },
            absent={},
            allow=frozenset(),
            resolve={},
            canary={},
            provider=None,
            where=where,
            addresses=dict.fromkeys(("default", *self.profile.addresses), "127.0.0.1"),
            origins=dict.fromkeys(self.profile.origins, "https://app.example.com"),
        )
