"""A small API as somebody else would write it: http.server, a bearer token or an API key, two accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

TOKENS = {"nt_5bW9xQ2mKd7RfT4uYh8Z": "acme", "nt_Kq83LmZx71vBnW0sTe5R": "globex"}
KEYS = {"nk_A81kd92Lmz73bQpWx0cR": "acme"}

DOCUMENT = """\
openapi: 3.0.3
info: {title: Notes API, version: "1.4"}
servers:
  - {url: "http://127.0.0.1:PORT/v1"}
security:
  - token: []
  - key: []
paths:
  /notes:
    get:
      operationId: listNotes
      responses:
        200:
          description: The notes of the account.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Notes'}
        401: {$ref: '#/components/responses/Unauthorized'}
    post:
      operationId: addNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
      responses: {201: {description: It was added.}}
  /notes/{note}:
    get:
      operationId: readNote
      parameters: [{name: note, in: path, required: true, schema: {type: integer, example: 1}}]
      responses:
        200:
          description: One note.
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}
  /account:
    get:
      operationId: readAccount
      security: [{token: []}]
      responses:
        200:
          description: Whose token it is.
          content:
            application/json:
              schema: {type: object, required: [account], properties: {account: {type: string}}}
  /health:
    get:
      security: []
      responses: {200: {description: It runs.}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-API-Key}
  responses:
    Unauthorized:
      description: No valid credential.
      content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  schemas:
    Note:
      type: object
      required: [id, text]
      properties: {id: {type: integer, format: int64}, text: {type: string}}
    Notes:
      type: object
      properties: {notes: {type: array, items: {$ref: '#/components/schemas/Note'}}, next: {type: string}}
    Error: {type: object, required: [error], properties: {error: {type: string}}}
"""


class Notes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if len(self.fields("Host")) != 1 or self.headers.defects:  # RFC 9112 sections 3.2 and 5
            self.answer(400, {"error": "bad request"})
        elif path == "/v1/health":
            self.answer(200, {"runs": True})
        elif path not in ("/v1/notes", "/v1/account"):
            self.answer(404, {"error": "not found"})
        elif not (account := self.account(keys=path == "/v1/notes")):
            self.answer(401, {"error": "unauthorized"})
        elif path == "/v1/notes":
            self.answer(200, {"notes": [{"id": 1, "text": f"{account}: milk and bread"}]})
        else:
            self.answer(200, {"account": account})

    do_HEAD = do_GET
    do_POST = do_GET

    def account(self, *, keys: bool) -> str | None:
        """Whose the one credential of the request is; None where it is nobody's, or there are two."""
        given = [*self.fields("Authorization"), *(self.fields("X-API-Key") if keys else ())]
        if len(given) != 1:
            return None
        if self.fields("X-API-Key") == given:
            return KEYS.get(given[0])
        scheme, _, token = given[0].partition(" ")
        return TOKENS.get(token.lstrip(" ")) if scheme.lower() == "bearer" else None

    def fields(self, name: str) -> list[str]:
        return [value.strip(" \t") for value in self.headers.get_all(name, [])]

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        if status == 401:
            sent = bool(self.fields("Authorization"))
            self.send_header("WWW-Authenticate", 'Bearer realm="notes"' + ', error="invalid_token"' * sent)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # a body that was sent is not read
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler] = Notes) -> Iterator[int]:
    """The port at which it is served meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
