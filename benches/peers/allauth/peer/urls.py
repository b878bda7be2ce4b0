"""The pages of django-allauth, and a session check, which it leaves to the project."""

from django.http import JsonResponse
from django.urls import include, path


def session(request):
    if not request.user.is_authenticated:
        return JsonResponse({"error": "not_signed_in"}, status=401)
    return JsonResponse({"phone": request.user.phone})


urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("session", session),
]
