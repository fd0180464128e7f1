"""A small API behind Django REST framework: tokens, Basic and sessions, as its documentation has them."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY=os.environ["REAL_SIGNING_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="app",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(os.environ["STATE"]) / "db.sqlite3"}
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "rest_framework",
        "rest_framework.authtoken",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "templates"],
        }
    ],
    # cheap on purpose: what is tested here is not how passwords are kept
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "rest_framework.authentication.TokenAuthentication",
            "rest_framework.authentication.BasicAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

from django.contrib.auth import logout  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.authtoken.views import obtain_auth_token  # noqa: E402
from rest_framework.decorators import api_view, permission_classes  # noqa: E402
from rest_framework.permissions import AllowAny  # noqa: E402
from rest_framework.response import Response  # noqa: E402


@api_view(["GET"])
def me(request):
    return Response({"user": request.user.username})


@api_view(["POST"])
def greet(request):
    return Response({"greeted": request.user.username})


@api_view(["DELETE"])
def forget(request):
    Token.objects.filter(user=request.user).delete()
    return Response(status=204)


@api_view(["POST"])
def leave(request):
    logout(request)
    return Response(status=204)


@api_view(["GET"])
@permission_classes([AllowAny])
def welcome(request):
    return Response({"welcome": True})


urlpatterns = [
    path("", welcome),
    path("me/", me),
    path("greet/", greet),
    path("token/", obtain_auth_token),
    path("token/mine/", forget),
    path("log-in/", LoginView.as_view(template_name="log-in.html", next_page="/me/")),
    path("log-out/", leave),
]

call_command("migrate", verbosity=0)
for name in ("REAL_BASIC", "REAL_OTHER_BASIC"):
    user, _, password = os.environ[name].partition(":")
    User.objects.create_user(user, password=password)

application = get_wsgi_application()
