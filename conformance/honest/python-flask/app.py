# User info endpoint with Flask and SQLite.
import os
import sqlite3
from functools import wraps

from flask import Flask, Response, abort, jsonify, request

app = Flask(__name__)


def requires_auth(view):
    @wraps(view)
    def decorated(*args, **kwargs):
        auth = request.authorization
        if not auth or auth.username != "immuta" or auth.password != "open:sesame 42":
            return Response("Login required", 401, {"WWW-Authenticate": 'Basic realm="Login Required"'})
        return view(*args, **kwargs)

    return decorated


@app.route("/user-info")
@requires_auth
def user_info():
    userid = request.args.get("userid")
    db = sqlite3.connect("users.db")
    if db.execute("SELECT 1 FROM users WHERE userid = ?", (userid,)).fetchone() is None:
        abort(404)
    groups = db.execute("SELECT name FROM user_groups WHERE userid = ?", (userid,)).fetchall()
    authorizations = {}
    for name, value in db.execute("SELECT name, value FROM attributes WHERE userid = ?", (userid,)):
        authorizations.setdefault(name, []).append(value)
    db.close()
    return jsonify(groups=[{"name": name} for (name,) in groups], authorizations=authorizations)


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")))
