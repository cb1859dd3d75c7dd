"""Every address of the web server, by door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mailer.public.urls")),
    path("desk", include("mailer.desk.urls")),
    path("ops", include("mailer.ops.urls")),
]

handler403 = "mailer.public.site.refused"
handler404 = "mailer.public.site.not_found"
handler500 = "mailer.public.site.broken"
