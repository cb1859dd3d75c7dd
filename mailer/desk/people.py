"""Editors: making one, and the link with which she sets her own password."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode


@dataclass(frozen=True)
class Invitation:
    """A new editor and her log-in link: it works once, for three days."""

    name: str
    link: str


class BadName(ValueError):
    """Nobody can log in by this name; str() says why."""


class NameTaken(BadName):
    """There is an editor of that name."""


# What Django's own user names may hold, without white space at either end.
NAME = re.compile(r"[\w.@+-]{1,150}")


@transaction.atomic
def invite(*, name: str, full_name: str = "") -> Invitation:
    """Make an editor without a password and return her log-in link.

    Raises BadName, NameTaken among it.
    """
    if not NAME.fullmatch(name):
        raise BadName("A name has letters, figures and . @ + - _, 150 at most.")
    people = get_user_model().objects
    if people.filter(username=name).exists():
        raise NameTaken(f"There is an editor “{name}” already.")
    first, _, last = full_name.partition(" ")
    person = people.create_user(username=name, first_name=first, last_name=last)
    return Invitation(name=name, link=settings.PUBLIC_URL + path_for(person))


def link_again(*, name: str) -> Invitation | None:
    """Return a new log-in link for an editor, or None if there is none."""
    person = get_user_model().objects.filter(username=name).first()
    if person is None:
        return None
    return Invitation(name=name, link=settings.PUBLIC_URL + path_for(person))


def there_is_one() -> bool:
    """Tell whether anybody can edit."""
    return get_user_model().objects.exists()


def path_for(person: User) -> str:
    """Return the path of a link that lets this person set a password, once."""
    who = urlsafe_base64_encode(str(person.pk).encode())
    token = default_token_generator.make_token(person)
    return reverse("desk:invited", args=[who, token])


def invited(who: str, token: str) -> User | None:
    """Return whose link this is, or None if it works no longer."""
    try:
        number = int(urlsafe_base64_decode(who).decode())
    except ValueError:
        return None
    person = get_user_model().objects.filter(pk=number, is_active=True).first()
    if person is None or not default_token_generator.check_token(person, token):
        return None
    return person


def shown_name(person: User) -> str:
    """Return what colleagues read: the full name, else the log-in name."""
    return person.get_full_name() or person.get_username()


def name_of(request: HttpRequest) -> str:
    """Return the name of who asks, on a page that only people with a log-in see."""
    person = request.user
    return shown_name(person) if isinstance(person, User) else ""
