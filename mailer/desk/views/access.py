"""GET and POST of log-in, log-out and the first log-in link."""

from django.conf import settings
from django.contrib.auth import login, logout, password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from mailer.audience import limits
from mailer.desk import people
from mailer.kernel.client import client_address

WRONG = "This name and password do not belong together."


@never_cache
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """GET and POST /desk/login."""
    form = AuthenticationForm(request, data=request.POST or None)
    fault = ""
    if request.method == "POST":
        fault = _knock(request)
        if not fault and form.is_valid():
            login(request, form.get_user())
            return HttpResponseRedirect(_where_to(request))
        fault = fault or WRONG
    values = {"name": request.POST.get("username", ""), "fault": fault}
    values |= {"next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "desk/login.html", values, status=403 if fault else 200)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """POST /desk/logout."""
    logout(request)
    return redirect("desk:login")


@never_cache
@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """GET and POST /desk/in/<who>/<token>: set a password, once, and go in."""
    person = people.invited(who, token)
    if person is None:
        return render(request, "desk/link_over.html", status=410)
    faults: list[str] = []
    if request.method == "POST":
        password = request.POST.get("password", "")
        try:
            password_validation.validate_password(password, person)
        except ValidationError as error:
            faults = list(error.messages)
        else:
            person.set_password(password)
            person.save(update_fields=["password"])
            login(request, person)
            return redirect("desk:today")
    values = {"person": people.shown_name(person), "faults": faults}
    return render(request, "desk/invited.html", values, status=400 if faults else 200)


def _knock(request: HttpRequest) -> str:
    """Count a try; return why there may be no more of them from here, or nothing."""
    who = client_address(request.META, settings.TRUSTED_PROXIES)
    try:
        limits.knock(limits.Door.LOG_IN, ip=who)
    except limits.TooOften as refusal:
        return str(refusal)
    return ""


def _where_to(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return "/desk"
