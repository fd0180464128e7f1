"""A small API behind Flask-JWT-Extended: log-in, refresh and revocation as its documentation shows them."""

import os
from datetime import timedelta

from flask import Flask, jsonify, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = os.environ["REAL_SIGNING_KEY"]
manager = JWTManager(app)
people = dict(os.environ[name].split(":", 1) for name in ("REAL_BASIC", "REAL_OTHER_BASIC"))
revoked: set[str] = set()


@manager.token_in_blocklist_loader
def is_revoked(header, payload):
    return payload["jti"] in revoked


@app.post("/login")
def log_in():
    given = request.get_json()
    if given.get("username") not in people or people[given["username"]] != given.get("password"):
        return jsonify(msg="Bad username or password"), 401
    life = timedelta(seconds=given["life"]) if given.get("life") else None
    return jsonify(
        access_token=create_access_token(given["username"], expires_delta=life),
        refresh_token=create_refresh_token(given["username"]),
    )


@app.post("/refresh")
@jwt_required(refresh=True)
def refresh():
    return jsonify(access_token=create_access_token(get_jwt_identity(), fresh=False))


@app.delete("/logout")
@jwt_required()
def log_out():
    revoked.add(get_jwt()["jti"])
    return jsonify(msg="JWT revoked")


@app.get("/me")
@jwt_required()
def me():
    return jsonify(logged_in_as=get_jwt_identity())


@app.get("/")
def welcome():
    return jsonify(msg="welcome")
