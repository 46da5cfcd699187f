# User info endpoint with Bottle and SQLite.
import os
import sqlite3

from bottle import abort, auth_basic, request, route, run


def is_authenticated(username, password):
    return username == "immuta" and password == "open:sesame 42"


@route("/user-info")
@auth_basic(is_authenticated)
def user_info():
    db = sqlite3.connect("users.db")
    userid = request.query.userid
    if not db.execute("SELECT userid FROM users WHERE userid = ?", [userid]).fetchone():
        abort(404, "No such user")
    authorizations = {}
    for name, value in db.execute("SELECT name, value FROM attributes WHERE userid = ?", [userid]):
        authorizations.setdefault(name, []).append(value)
    groups = db.execute("SELECT name FROM user_groups WHERE userid = ?", [userid])
    return {"groups": [{"name": name} for (name,) in groups], "authorizations": authorizations}


run(host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
