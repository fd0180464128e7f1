"""The pages of the authorization server: HTML without scripts, that nobody may frame, store or refer from."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from reference_server.messages import Answer
from reference_server.sk_oauth.behaviour import Facts
from reference_server.sk_oauth.records import Client, Session

_FIELDS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)


def page(facts: Facts, status: int, title: str, content: str) -> Answer:
    """`content` is HTML already, `title` is text."""
    text = escape(title)
    head = f'<!doctype html>\n<html lang="en">\n<title>{text}</title>\n'
    return Answer(status, _FIELDS, f"{head}<main>\n<h1>{text}</h1>\n{content}</main>\n".encode())


def sorry(facts: Facts, status: int, reason: str) -> Answer:
    """A page for the user alone: what is wrong is not told to whoever sent them."""
    return facts.behaviour.page(facts, status, "This cannot be done", f"<p>{escape(reason)}</p>\n")


def login(facts: Facts, session: Session, query: str, failed: bool = False) -> Answer:
    """The form that asks who the user is, and carries the authorization request along."""
    again = "<p>Name or password are wrong.</p>\n" if failed else ""
    fields = (
        '<p><label>Name <input name="username" autocomplete="username"></label></p>\n'
        '<p><label>Password <input name="password" type="password"'
        ' autocomplete="current-password"></label></p>\n<p><button>Sign in</button></p>\n'
    )
    hidden = {"csrf": session.csrf, "request": query}
    return facts.behaviour.page(
        facts, 403 if failed else 200, "Sign in", again + _form("/login", hidden, fields)
    )


def consent(facts: Facts, session: Session, client: Client, scopes: tuple[str, ...], query: str) -> Answer:
    """The form that asks whether the client may."""
    wanted = "".join(f"<li>{escape(scope)}</li>\n" for scope in scopes)
    content = f"<p>{escape(client.name)} asks to do this for you:</p>\n<ul>\n{wanted}</ul>\n"
    buttons = (
        '<p><button name="decision" value="allow">Allow</button>\n'
        '<button name="decision" value="deny">Deny</button></p>\n'
    )
    hidden = {"csrf": session.csrf, "request": query}
    return facts.behaviour.page(facts, 200, "Allow access?", content + _form("/consent", hidden, buttons))


def _form(action: str, hidden: Mapping[str, str], content: str) -> str:
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">\n' for name, value in hidden.items()
    )
    return f'<form method="post" action="{action}">\n{inputs}{content}</form>\n'
