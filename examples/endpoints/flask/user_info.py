# A user info endpoint on Flask 2 or later.
#
#     apt-get install python3-flask          (or: pip install flask)
#     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one /usr/bin/python3 user_info.py
#     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
#
# It speaks HTTP on 127.0.0.1, port PORT (8080 unless set). Flask's own server is for trials only: serve `user_info:app` with gunicorn or
# waitress, behind a proxy that terminates TLS. Users come from ../users.json.
#
# What it shows: `request.args` and `request.authorization` replace bytes that they cannot decode, so the raw query and header are
# read. `before_request` protects every path and method. `errorhandler` also returns JSON for requests that Flask itself rejects.
import hashlib
import hmac
import json
import os
import re
import sys
import unicodedata
from base64 import b64encode
from pathlib import Path
from urllib.parse import parse_qsl

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler

username, password = os.environ.get("USER_INFO_USERNAME", ""), os.environ.get("USER_INFO_PASSWORD", "")
if not username or not password or ":" in username:
    sys.exit("Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.")
expected = hashlib.sha256(b64encode(f"{username}:{password}".encode())).digest()
users = json.loads((Path(__file__).parent.parent / "users.json").read_text("utf-8"))

# By default, Flask serves the directory `static`.
app = Flask(__name__, static_folder=None)
# Paths must match exactly: no redirect from /user-info/ or //user-info.
app.url_map.strict_slashes = True
app.url_map.merge_slashes = False


@app.before_request
def authenticate() -> None:
    # Compares the encoded credentials, because credentials that are never decoded cannot be decoded incorrectly.
    header = request.headers.get("Authorization", "")
    match = re.fullmatch(r"basic ([A-Za-z0-9+/]+={0,2})", header, re.IGNORECASE)
    digest = hashlib.sha256((match[1] if match else "").encode()).digest()
    if not hmac.compare_digest(digest, expected):
        abort(401)


def require_userid() -> str:
    """Returns the only userid of the query. Aborts with 400 for any other query."""
    query = request.query_string.decode("latin-1")
    # The charset of raw bytes beyond ASCII is unknown, and some parsers end the query at `#`.
    if re.search(r"[^!-~]|#|%(?![0-9A-Fa-f]{2})", query):
        abort(400)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        abort(400)
    values = [value for name, value in pairs if name == "userid"]
    if len(values) != 1 or not 0 < len(values[0].encode()) <= 1024:
        abort(400)
    if any(unicodedata.category(letter) == "Cc" for letter in values[0]):
        abort(400)
    return values[0]


# Flask adds HEAD to each GET; OPTIONS, which it would also add, is rejected like every other method.
@app.get("/user-info", provide_automatic_options=False)
def user_info() -> Response:
    user = users.get(require_userid())
    if user is None:
        abort(404)
    return Response(json.dumps(user, ensure_ascii=False), content_type="application/json; charset=utf-8")


titles = {400: "Exactly one userid is needed, as percent-encoded UTF-8.", 401: "Credentials are missing or wrong."}


@app.errorhandler(HTTPException)
def refuse(error: HTTPException) -> Response:
    """Returns a problem document (RFC 9457), which no caller can mistake for user info. Errors without a status become a 500."""
    status = error.code or 500
    problem = {"type": "about:blank", "status": status, "title": titles.get(status, error.name)}
    response = Response(json.dumps(problem), status, content_type="application/problem+json")
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="user-info", charset="UTF-8"'
    if status == 405:
        response.headers["Allow"] = "GET, HEAD"
    return response


@app.after_request
def forbid_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


class DiscreetHandler(WSGIRequestHandler):
    """Hides the name and version of Flask's server, and does not log request lines, which contain the user ids."""

    def version_string(self) -> str:
        return "user-info"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ.get("PORT", "8080")), request_handler=DiscreetHandler)
