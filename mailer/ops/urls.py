"""Addresses of the operators' door. Each page that acts is a POST."""

from django.urls import path

from mailer.ops import deliveries, views

app_name = "ops"
urlpatterns = [
    path("", views.status, name="status"),
    path("/figures", views.figures, name="figures"),
    path("/runs/<int:run_id>/deliveries", deliveries.run, name="deliveries"),
    path("/people", deliveries.people, name="people"),
    path("/people/<int:subscriber_id>", deliveries.person, name="person"),
    path("/do/<str:verb>", views.act, name="act"),
]
