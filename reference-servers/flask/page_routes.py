"""The route of CONTRACT.md under /pages: a form, as a page in a browser sends it."""

from flask import Blueprint, abort, request
from werkzeug.datastructures import WWWAuthenticate

from body_limit import read_body

blueprint = Blueprint("pages", __name__, url_prefix="/pages")


@blueprint.post("/profile")
def profile():
    if request.cookies.get("session") != "claimbench":
        abort(401, "A session is needed.", www_authenticate=WWWAuthenticate("bearer"))
    read_body()
    nickname = request.form.get("nickname", "")
    if not 1 <= len(nickname) <= 50:
        abort(400, "nickname must be a text of 1 to 50 characters.")
    return {"nickname": nickname}
