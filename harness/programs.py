"""Do a lifecycle verb by a command, or by a Python function.

A command's words may use the verb's names; one with a name whose value is null is left out. What it prints
is JSON where the verb `gives` parts of it, or with the pointer "" a text that is given as a whole.

A function is called with the values of those names that it has parameters for, by keyword, in which dots and
hyphens are underscores: `of.id` is `of_id`. It may be a coroutine function. It returns nothing, or a mapping
of what it gives: `secret`, `life`, `id`, …, or whatever the verb's `gives` points into.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import commands, loading, templates
from harness.checks import bodies
from harness.errors import mistake, nearest, quoted
from harness.model import LifecycleVerb, Target
from harness.setting import Inconclusive

PATIENCE = commands.PATIENCE
"""Seconds that a function may take."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a program gave, and what it said beside."""

    given: Mapping[str, Any]
    said: str = ""


def check(verbs: Iterable[LifecycleVerb], target: Target) -> None:
    """InputError where the command or function of one of `verbs` is not to be had."""
    for verb in verbs:
        if verb.kind == "call":
            function(verb, target)
        elif verb.kind == "command" and "${" not in verb.what[0]:
            name = verb.what[0]
            path = str(target.folder / name) if "/" in name else name
            if shutil.which(path) is None:
                message = f"there is no command {quoted(name)}, by which {quoted(verb.name)} is done"
                raise mistake(message, verb.where, "Install it, or give its path from this file's folder.")


async def by_command(verb: LifecycleVerb, names: Mapping[str, Any], folder: Path) -> Result:
    """What the command of `verb`, run in `folder`, gives. Inconclusive where it failed."""
    texts = {name: str(value) for name, value in names.items()}
    left_out = {name for name, value in names.items() if value is None}
    words = [
        templates.render(word, texts, verb.where)
        for word in verb.what
        if not left_out.intersection(templates.names(word))
    ]
    try:
        output = await commands.output_of(words, folder)
    except commands.CommandFailed as error:
        raise Inconclusive(f"'{verb.name}' was not done: {error} ({verb.where})") from None
    if not verb.gives:
        return Result({}, output)
    try:
        value = json.loads(output)
    except ValueError:
        value = output.strip()
    return Result(_parts(verb, value, "what the command prints"), output)


async def by_call(verb: LifecycleVerb, names: Mapping[str, Any], target: Target) -> Result:
    """What the function of `verb` gives. Inconclusive where it failed, or wants what nobody gives."""
    called = function(verb, target)
    by_parameter = {_parameter(name): value for name, value in names.items()}
    known = inspect.signature(called).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in known):
        wanted = by_parameter
    else:
        wanted = {each.name: by_parameter[each.name] for each in known if each.name in by_parameter}
    for each in known:
        bare = each.default is each.empty and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        if bare and each.name not in wanted:
            raise Inconclusive(f"nothing gives '{each.name}', which {verb.what} wants ({verb.where})")
    try:
        async with asyncio.timeout(PATIENCE):
            result = await _result(called, wanted)
    except TimeoutError:
        raise Inconclusive(f"'{verb.name}': {verb.what} did not return within {PATIENCE:g} s") from None
    except Exception as error:  # whatever an author's function does
        raise Inconclusive(f"'{verb.name}': {verb.what} failed: {type(error).__name__}: {error}") from None
    if verb.gives:
        return Result(_parts(verb, result, f"what {verb.what} returns"))
    if result is not None and not isinstance(result, Mapping):
        kind = type(result).__name__
        raise Inconclusive(f"'{verb.name}': {verb.what} returns no mapping but a {kind} ({verb.where})")
    return Result(dict(result or {}))


def takes(verb: LifecycleVerb, target: Target, name: str) -> bool:
    """Whether the function of `verb` has a parameter for the value called `name`."""
    known = inspect.signature(function(verb, target)).parameters
    return _parameter(name) in known or any(each.kind is each.VAR_KEYWORD for each in known.values())


def function(verb: LifecycleVerb, target: Target) -> Callable[..., Any]:
    """The function that does `verb`. InputError where there is none.

    `module:function` is imported from what is installed and from the folder that the target names; a name
    alone is an entry point of another distribution.
    """
    name = str(verb.what)
    if ":" not in name:
        try:
            found = loading.extension(loading.VERBS_GROUP, name, verb.where)
        except KeyError:
            near = nearest(name, loading.extensions(loading.VERBS_GROUP))
            hint = f"Did you mean {quoted(near)}?" if near else "Write module:function."
            message = f"no distribution has an entry point {quoted(name)} in {loading.VERBS_GROUP}"
            raise mistake(message, verb.where, hint) from None
    else:
        if target.import_from is not None and target.import_from not in sys.path:
            sys.path.append(target.import_from)  # behind all others, which it is not to stand in for
        found = loading.attribute(name, "function", verb.where)
    if not callable(found):
        raise mistake(f"{quoted(name)} is no function", verb.where, None)
    return found  # type: ignore[no-any-return]  # it was looked at


async def _result(called: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    if inspect.iscoroutinefunction(called):
        return await called(**values)
    loop, done = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def call() -> None:
        try:
            result, error = called(**values), None
        except BaseException as raised:
            result, error = None, raised
        with suppress(RuntimeError):  # the run is over, and its loop closed
            loop.call_soon_threadsafe(_settle, done, result, error)

    # not in the loop's own pool of threads, which a function that never returns would keep from ending
    threading.Thread(target=call, daemon=True, name="authconform-call").start()
    return await done


def _settle(done: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if done.done():  # nobody waits any more
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))


def _parts(verb: LifecycleVerb, value: Any, what: str) -> Mapping[str, Any]:
    try:
        return {name: bodies.resolve(value, pointer) for name, pointer in verb.gives.items()}
    except (LookupError, ValueError):
        wanted = ", ".join(verb.gives.values())
        raise Inconclusive(f"{what} for '{verb.name}' does not hold {wanted} ({verb.where})") from None


def _parameter(name: str) -> str:
    return re.sub("[.-]", "_", name)
