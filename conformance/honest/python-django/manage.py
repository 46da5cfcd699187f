# User info endpoint with Django in one file.
import base64
import json
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="only-for-development")

with open("users.json", encoding="utf-8") as file:
    users = json.load(file)


def basic_auth(view):
    def wrapper(request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                username, _, password = base64.b64decode(token).decode("utf-8").partition(":")
            except ValueError:
                return HttpResponse("Bad Authorization header", status=400)
            if username == "immuta" and password == "open:sesame 42":
                return view(request)
        response = HttpResponse("Unauthorized", status=401)
        response["WWW-Authenticate"] = 'Basic realm="users"'
        return response

    return wrapper


@require_GET
@basic_auth
def user_info(request):
    userid = request.GET.get("userid", "")
    if userid not in users:
        raise Http404("No such user")
    return JsonResponse(users[userid])


urlpatterns = [path("user-info", user_info)]

if __name__ == "__main__":
    port = os.environ.get("PORT", "8080")
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{port}"])
