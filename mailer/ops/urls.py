"""Addresses of the operators' door. Each page that acts is a POST."""

from django.urls import path

from mailer.ops import views

app_name = "ops"
urlpatterns = [
    path("", views.status, name="status"),
    path("/figures", views.figures, name="figures"),
    path("/do/<str:verb>", views.act, name="act"),
]
