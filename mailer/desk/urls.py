"""Addresses of the desk. Each page that acts is a POST of its own."""

from django.urls import path

from mailer.desk.views import access, breaking, edition, run, stories, today

app_name = "desk"
urlpatterns = [
    path("", today.today, name="today"),
    path("/board", today.board_part, name="board"),
    path("/bar", today.bar, name="bar"),
    path("/login", access.log_in, name="login"),
    path("/logout", access.log_out, name="logout"),
    path("/in/<str:who>/<str:token>", access.invited, name="invited"),
    path("/newsletters", today.newsletters, name="newsletters"),
    path("/stories", stories.stories, name="stories"),
    path("/e/<int:edition_id>", edition.edition, name="edition"),
    path("/e/<int:edition_id>/check", edition.check, name="check"),
    path("/e/<int:edition_id>/look", edition.look, name="look"),
    path("/e/<int:edition_id>/mail/<int:number>", edition.mail, name="mail"),
    path("/e/<int:edition_id>/text/<int:number>", edition.text, name="text"),
    path("/e/<int:edition_id>/do/<str:verb>", edition.act, name="act"),
    path("/b/new", breaking.write, name="break"),
    path("/b/preview", breaking.preview, name="break-preview"),
    path("/b/<int:edition_id>", breaking.hold, name="hold"),
    path("/b/<int:edition_id>/left", breaking.left, name="left"),
    path("/b/<int:edition_id>/undo", breaking.undo, name="undo"),
    path("/r/<int:run_id>", run.run, name="run"),
    path("/r/<int:run_id>/sums", run.sums, name="sums"),
    path("/r/<int:run_id>/do/<str:verb>", run.act, name="run-act"),
]
