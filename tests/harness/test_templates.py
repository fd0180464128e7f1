"""Names in `${…}` are replaced, and nothing else is."""

import pytest

from harness.errors import InputError
from harness.model import Where
from harness.templates import names, render, render_all

HERE = Where("profile.yaml", 7)


# A path of a profile gets its variables; dots and hyphens belong to names.
def test_names_are_replaced() -> None:
    values = {"tenant": "acme", "limits.revocation": "5s", "Token-Id": "t1"}
    text = "/v1/${tenant}/${Token-Id}?w=${limits.revocation}"
    assert render(text, values, HERE) == "/v1/acme/t1?w=5s"


# A lone dollar, braces and a doubled `$${` mean themselves.
@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("$5 {x} $x } {", "$5 {x} $x } {"),
        ("$${x}", "${x}"),
        ("$$${x}", "$${x}"),
        ("a$${b}${x}", "a${b}1"),
        ("", ""),
    ],
)
def test_only_names_in_braces_are_special(text: str, rendered: str) -> None:
    assert render(text, {"x": "1"}, HERE) == rendered


# A value that looks like a name is put in as it is: there is no second look.
def test_values_are_not_rendered_again() -> None:
    assert render("${a}", {"a": "${b}", "b": "secret"}, HERE) == "${b}"
    assert render("${a}", {"a": r"\1 \g<name>"}, HERE) == r"\1 \g<name>"


# What a text needs can be asked before there are values.
def test_names_of_a_text() -> None:
    assert names("/${tenant}/${id}/${tenant}/$${no}/${}/${1}/${") == ("tenant", "id")


# Each mistake in a text is told, with the nearest name.
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${tenat}", "unknown name 'tenat' in '${…}'. Did you mean 'tenant'?"),
        ("${zzz}", "unknown name 'zzz' in '${…}'. Known: tenant, id."),
        ("${}", "'${}' has no name. Write '$${}' for a literal '${}'."),
        ("a ${tenant", "'${tenant' is not closed. Add '}', or write '$${' for a literal '${'."),
        (
            "${1 + 1}",
            "'1 + 1' cannot be a name in '${…}'. "
            "A name begins with a letter and goes on with letters, digits, '.', '_' and '-'.",
        ),
    ],
)
def test_mistakes_name_place_and_next_step(text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        render(text, {"tenant": "acme", "id": "1"}, HERE)
    assert str(raised.value) == f"profile.yaml:7: {message}"


# Two mistakes in one text are two lines.
def test_all_mistakes_of_a_text_at_once() -> None:
    with pytest.raises(InputError) as raised:
        render("${tenat}/${idd}", {"tenant": "acme", "id": "1"}, HERE)
    assert [each.message for each in raised.value.mistakes] == [
        "unknown name 'tenat' in '${…}'",
        "unknown name 'idd' in '${…}'",
    ]


# A name is letters of ASCII, so that no look-alike can stand for one.
def test_names_are_ascii() -> None:
    with pytest.raises(InputError, match="cannot be a name"):
        render("${tenаnt}", {"tenаnt": "x"}, HERE)


# A body is rendered throughout; keys and other types stay, and the original is left alone.
def test_render_all_walks_nested_values() -> None:
    body = {"name": "${n}", "${n}": [1, None, True, "${n}!", {"deep": ("${n}",)}]}
    rendered = render_all(body, {"n": "x"}, HERE)
    assert rendered == {"name": "x", "${n}": [1, None, True, "x!", {"deep": ["x"]}]}
    assert body["name"] == "${n}"
