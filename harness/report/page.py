"""An HTML file that is complete: offline, under a strict content policy, everything in it shown as text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import escaped

if TYPE_CHECKING:
    import jinja2

HERE = Path(__file__).parent
COMPILED = HERE / "__pycache__"
SCRIPT = "report.js"
LONGEST_SHOWN = 10_000
"""Characters of a value that are shown, where its template does not cut it."""


def document(
    template: str,
    *,
    styles: Sequence[str],
    filters: Mapping[str, Callable[..., Any]] | None = None,
    tests: Mapping[str, Callable[..., bool]] | None = None,
    **values: Any,
) -> str:
    """Return the document that `template` makes of `values`; it also gets `style`, `script` and `policy`."""
    from markupsafe import Markup

    style = "".join((HERE / name).read_text(encoding="utf-8") for name in styles)
    script = (HERE / SCRIPT).read_text(encoding="utf-8")
    environment = _environment()
    environment.filters.update(filters or {})
    environment.tests.update(tests or {})
    made = environment.get_template(template).render(
        style=Markup(style), script=Markup(script), policy=_policy(style, script), **values
    )
    return made.lstrip()  # the macros in front of the document leave their line ends


def _environment() -> jinja2.Environment:
    """What makes documents of templates; it keeps them compiled, which saves a tenth of a second a run."""
    import jinja2  # takes longer to import than the rest of a short run, and only this needs it
    from markupsafe import Markup

    class Compiled(jinja2.FileSystemBytecodeCache):
        """Beside the compiled modules; where that cannot be written to, nothing is kept."""

        def get_source_checksum(self, source: str) -> str:
            settings = Path(__file__).read_text(encoding="utf-8")  # on which the compiled form depends too
            return super().get_source_checksum(source + settings)

        def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
            with suppress(OSError):
                COMPILED.mkdir(exist_ok=True)
                super().dump_bytecode(bucket)

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else _visible(value),
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Compiled(str(COMPILED), "%s.jinja"),
    )


def _policy(style: str, script: str) -> str:
    """Return a content policy that allows this style and this script, and nothing from anywhere."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _visible(value: Any) -> Any:
    """Show what a browser would obey or hide (control, bidirectional, invisible characters) as escapes."""
    if not isinstance(value, str):
        return value
    if len(value) > LONGEST_SHOWN:
        value = f"{value[:LONGEST_SHOWN]}… {len(value) - LONGEST_SHOWN:,} more characters"
    if value.isprintable():
        return value
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in value.split("\n"))
