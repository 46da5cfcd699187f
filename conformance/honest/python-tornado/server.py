# User info endpoint with Tornado and a CSV file.
import asyncio
import base64
import csv
import os

import tornado.web


def load_users(path):
    users = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            user = users.setdefault(row["userid"], {"groups": [], "authorizations": {}})
            if row["kind"] == "group":
                user["groups"].append({"name": row["name"]})
            elif row["kind"] == "attribute":
                user["authorizations"].setdefault(row["name"], []).append(row["value"])
    return users


class UserInfoHandler(tornado.web.RequestHandler):
    def initialize(self, users):
        self.users = users

    def prepare(self):
        header = self.request.headers.get("Authorization", "")
        if header.startswith("Basic "):
            username, _, password = base64.b64decode(header[6:]).decode("utf-8").partition(":")
            if username == "immuta" and password == "open:sesame 42":
                return
        self.set_status(401)
        self.set_header("WWW-Authenticate", "Basic realm=Restricted")
        self.finish()

    def get(self):
        # Without strip=False, Tornado removes spaces around a value.
        user = self.users.get(self.get_query_argument("userid", strip=False))
        if user is None:
            raise tornado.web.HTTPError(404)
        self.write(user)


async def main():
    users = load_users("users.csv")
    app = tornado.web.Application([("/user-info", UserInfoHandler, {"users": users})])
    app.listen(int(os.environ.get("PORT", "8080")), "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
