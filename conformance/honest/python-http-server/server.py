# User info endpoint with Python's http.server.
import base64
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

AUTHORIZATION = "Basic " + base64.b64encode(b"immuta:open:sesame 42").decode()

with open("users.json", encoding="utf-8") as file:
    users = json.load(file)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") != AUTHORIZATION:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="User info"')
            self.end_headers()
            return
        url = urlparse(self.path)
        userid = parse_qs(url.query).get("userid", [""])[0]
        if url.path != "/user-info" or userid not in users:
            self.send_error(404)
            return
        body = json.dumps(users[userid]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
