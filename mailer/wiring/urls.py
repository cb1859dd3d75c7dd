"""Every address of the web server, by door."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def healthz(_request: HttpRequest) -> HttpResponse:
    """GET /healthz: 200 when this process answers and the database does too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("", include("mailer.public.urls")),
    path("desk", include("mailer.desk.urls")),
    path("ops", include("mailer.ops.urls")),
]

handler403 = "mailer.public.site.refused"
handler404 = "mailer.public.site.not_found"
handler500 = "mailer.public.site.broken"
