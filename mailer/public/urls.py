"""Addresses of this door: no slash at the end, no address of a person in any."""

from django.urls import URLPattern, path

from mailer.public import (
    archive,
    entering,
    joining,
    leaving,
    mails,
    results,
    site,
    stored,
)

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("", joining.sign_up, name="signup"),
    path("c/<str:token>", joining.confirm, name="confirm"),
    path("u/<str:token>", leaving.leave, name="leave"),
    path("v/<str:token>", stored.in_browser, name="in_browser"),
    path("n", archive.index, name="archive"),
    path("n/<slug:slug>", archive.one_shelf, name="shelf"),
    path("n/<slug:slug>/help", archive.list_help, name="help"),
    path("n/<slug:slug>/feed.atom", archive.feed, name="feed"),
    path("n/<slug:slug>/<str:day>", archive.edition, name="edition"),
    path("p", mails.mails, name="mails"),
    path("p/link", entering.link, name="link"),
    path("p/in/<str:token>", entering.enter, name="enter"),
    path("p/out", entering.out, name="out"),
    path("p/stop", mails.stop, name="stop"),
    path("p/data", mails.data, name="data"),
    path("p/address", mails.address, name="address"),
    path("e/<str:election>", results.election, name="election"),
    path("e/<str:election>/<str:place>", results.result, name="result"),
    path("address-use", site.address_use, name="address_use"),
    path("brand.css", site.stylesheet, name="brand"),
    path("favicon.svg", site.icon, name="favicon"),
    path("favicon.ico", site.icon),
    path("robots.txt", site.robots, name="robots"),
]
