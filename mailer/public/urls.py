"""Addresses of this door: no slash at the end, no address of a person in any."""

from django.urls import URLPattern, path

from mailer.public import site

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("", site.robots, name="signup"),
    path("n", site.robots, name="archive"),
    path("p", site.robots, name="mails"),
    path("address-use", site.robots, name="address_use"),
    path("brand.css", site.stylesheet, name="brand"),
    path("favicon.svg", site.icon, name="favicon"),
    path("favicon.ico", site.icon),
    path("robots.txt", site.robots, name="robots"),
]
