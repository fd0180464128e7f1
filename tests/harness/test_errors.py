"""What a person reads when something is wrong before a run has begun."""

import pytest

from harness.errors import (
    AuthconformError,
    InputError,
    Mistake,
    TargetError,
    did_you_mean,
    escaped,
    mistake,
    nearest,
    quoted,
)
from harness.model import Where

HERE = Where("suites/x.suite.yaml", 9)


# A mistake reads as place, what is wrong, and the next step.
def test_mistake_names_place_thing_and_next_step() -> None:
    wrong = Mistake(HERE, "unknown key 'staus'", "Did you mean 'status'?")
    assert str(wrong) == "suites/x.suite.yaml:9: unknown key 'staus'. Did you mean 'status'?"


# On the command line there is no place, and not every mistake has an obvious next step.
def test_mistake_without_place_or_hint() -> None:
    assert str(Mistake(None, "--port must be a number")) == "--port must be a number"
    assert str(Mistake(HERE, "'id' must not be empty")) == "suites/x.suite.yaml:9: 'id' must not be empty"


# All mistakes of a file are shown at once, a line each.
def test_input_error_shows_every_mistake() -> None:
    error = InputError([Mistake(HERE, "one"), Mistake(Where("b.yaml", 2), "two", "Do this.")])
    assert str(error) == "suites/x.suite.yaml:9: one\nb.yaml:2: two. Do this."
    assert [each.message for each in error.mistakes] == ["one", "two"]


# A single mistake is raised in one expression.
def test_mistake_makes_the_error_of_one() -> None:
    with pytest.raises(InputError) as raised:
        raise mistake("there is no such file", HERE, "Check the path.")
    assert str(raised.value) == "suites/x.suite.yaml:9: there is no such file. Check the path."


# The exit code tells CI whether to look at its own files or at the target.
def test_exit_codes_tell_whose_turn_it_is() -> None:
    errors: list[AuthconformError] = [mistake("x"), TargetError("x")]
    assert [error.exit_code for error in errors] == [2, 3]


# A target that cannot be tested says what to do too.
def test_target_error_reads_with_its_hint() -> None:
    error = TargetError("nothing answers at http://127.0.0.1:9", "Is the server running?")
    assert str(error) == "nothing answers at http://127.0.0.1:9. Is the server running?"
    assert str(TargetError("nothing applies")) == "nothing applies"


# Transposed letters and other cases are recognised; a different word is not.
@pytest.mark.parametrize(
    ("written", "meant"),
    [("staus", "status"), ("MSUT", "MUST"), ("Status", "status"), ("elephant", None), ("", None)],
)
def test_nearest_name(written: str, meant: str | None) -> None:
    assert nearest(written, ["status", "MUST", "headers"]) == meant


# So is the beginning of a longer name, but not two or three letters of one.
def test_nearest_beginning() -> None:
    assert nearest("orgin", ["originchain", "standard"]) == "originchain"
    assert nearest("stand", ["originchain", "standard"]) == "standard"
    assert nearest("ori", ["originchain", "standard"]) is None


# So is what stands behind the last slash of one name alone.
def test_nearest_behind_a_slash() -> None:
    known = ["members/me", "members/denied", "rfc6750/denied"]
    assert nearest("me", known) == "members/me"
    assert nearest("denied", ["a-long-name/denied", "another-long-name/denied"]) is None


# Where no name is near, a short list of what there is helps more than nothing; a long one does not.
def test_did_you_mean_falls_back_to_a_short_list() -> None:
    assert did_you_mean("staus", ["status", "json"]) == "Did you mean 'status'?"
    assert did_you_mean("zzz", ["status", "json"]) == "Known: status, json."
    assert did_you_mean("zzz", [f"name{number}" for number in range(13)]) is None
    assert did_you_mean("zzz", []) is None


# A value from a file can neither flood the terminal nor give it orders.
def test_quoted_values_are_short_and_harmless() -> None:
    assert quoted("a" * 61) == f"'{'a' * 59}…'"
    assert quoted("a" * 60) == f"'{'a' * 60}'"
    assert quoted("red\x1b[31m\n") == r"'red\x1b[31m\n'"
    assert escaped("right\u202eleft é 😀") == r"right\u202eleft é 😀"
