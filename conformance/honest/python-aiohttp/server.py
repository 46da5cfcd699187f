# User info endpoint with aiohttp and a dictionary.
import os

from aiohttp import BasicAuth, hdrs, web

USERS = {
    "ada@example.com": {
        "groups": [{"name": "analysts"}, {"name": "Zürich"}],
        "authorizations": {"region": ["emea", "apac"], "clearance": ["internal"]},
    },
    "grace@example.com": {"groups": [], "authorizations": {}},
    "o'neill+test@example.com": {
        "groups": [{"name": "R&D <core>"}],
        "authorizations": {"site": ["Köln/Süd"]},
    },
    "jörg müller": {"groups": [{"name": "analysts"}], "authorizations": {"region": ["emea"]}},
}


@web.middleware
async def basic_auth(request, handler):
    try:
        auth = BasicAuth.decode(request.headers[hdrs.AUTHORIZATION])
    except (KeyError, ValueError):
        auth = None
    if auth is None or auth.login != "immuta" or auth.password != "open:sesame 42":
        raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="Protected"'})
    return await handler(request)


async def user_info(request):
    user = USERS.get(request.query.get("userid"))
    if user is None:
        raise web.HTTPNotFound()
    return web.json_response(user)


app = web.Application(middlewares=[basic_auth])
app.router.add_get("/user-info", user_info)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
