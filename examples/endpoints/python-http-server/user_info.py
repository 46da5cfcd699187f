# A user info endpoint that uses only Python's standard library (http.server).
#
#     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one python3 user_info.py
#     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
#
# It speaks HTTP on 127.0.0.1, port PORT (8080 unless set); put a proxy in front that terminates TLS. Users come from ../users.json.
#
# What it shows: urllib's parse_qsl by default replaces bytes that are not UTF-8 and keeps broken escapes; http.server by default
# logs the whole request line, including the user id, and sends its version.
#
# It differs from the other examples on purpose, and still conforms: HTTP/1.0, indented JSON with sorted keys and escaped letters, and 410
# for an unknown user.
import hashlib
import hmac
import json
import os
import re
import sys
import unicodedata
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

USERS = json.loads((Path(__file__).parent.parent / "users.json").read_text("utf-8"))


def expected_digest() -> bytes:
    """Returns the digest of the token that a client must send."""
    username, password = os.environ.get("USER_INFO_USERNAME", ""), os.environ.get("USER_INFO_PASSWORD", "")
    if not username or not password or ":" in username:
        sys.exit("Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.")
    return hashlib.sha256(b64encode(f"{username}:{password}".encode())).digest()


EXPECTED = expected_digest()


def find_userid(query: str) -> str | None:
    """Returns the only userid; None if it is missing, repeated, empty, too long, badly encoded or contains control characters."""
    # The charset of raw bytes beyond ASCII is unknown, and some parsers end the query at `#`.
    if re.search(r"[^!-~]|#|%(?![0-9A-Fa-f]{2})", query):
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        return None
    values = [value for name, value in pairs if name == "userid"]
    if len(values) != 1 or not 0 < len(values[0].encode()) <= 1024:
        return None
    return None if any(unicodedata.category(letter) == "Cc" for letter in values[0]) else values[0]


class UserInfoHandler(BaseHTTPRequestHandler):
    # In seconds, so that a caller that sends nothing does not occupy a thread forever.
    timeout = 10

    def is_authenticated(self) -> bool:
        # Compares the encoded credentials, because credentials that are never decoded cannot be decoded incorrectly.
        headers = self.headers.get_all("Authorization", [])
        match = re.fullmatch(r"basic ([A-Za-z0-9+/]+={0,2})", headers[0], re.IGNORECASE) if len(headers) == 1 else None
        digest = hashlib.sha256((match[1] if match else "").encode()).digest()
        return hmac.compare_digest(digest, EXPECTED)

    def answer(self) -> None:
        """Authenticates first: without credentials, a known user, an unknown one and a wrong path look the same."""
        if not self.is_authenticated():
            challenge = 'Basic realm="user-info", charset="UTF-8"'
            return self.refuse(401, "Credentials are missing or wrong.", {"WWW-Authenticate": challenge})
        path, _, query = self.path.partition("?")
        if path != "/user-info":
            return self.refuse(404, "There is nothing at this path.")
        if self.command not in ("GET", "HEAD"):
            return self.refuse(405, "Only GET and HEAD are supported.", {"Allow": "GET, HEAD"})
        userid = find_userid(query)
        if userid is None:
            return self.refuse(400, "Exactly one userid is needed, as percent-encoded UTF-8.")
        if userid not in USERS:
            return self.refuse(410, "There is no such user.")
        self.send(200, "application/json", USERS[userid], {})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer

    def refuse(self, status: int, title: str, headers: dict[str, str] = {}) -> None:
        """Sends a problem document (RFC 9457), which no caller can mistake for user info."""
        self.send(status, "application/problem+json", {"type": "about:blank", "title": title, "status": status}, headers)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        # Called for requests that http.server itself rejects: an unknown method, or a malformed request line.
        self.refuse(code, "The request cannot be read.")

    def send(self, status: int, content_type: str, value: object, headers: dict[str, str]) -> None:
        body = json.dumps(value, indent=2, sort_keys=True).encode()
        # send_response would also send the version of Python.
        self.send_response_only(status)
        length = {"Content-Type": content_type, "Content-Length": str(len(body))}
        for name, text in {**length, "Cache-Control": "no-store", **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing, because a log of requested users would reveal who works here."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), UserInfoHandler).serve_forever()
