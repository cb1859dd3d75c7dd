"""Every address of the web server, by door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mailer.public.urls")),
    path("desk", include("mailer.desk.urls")),
    path("ops", include("mailer.ops.urls")),
]
