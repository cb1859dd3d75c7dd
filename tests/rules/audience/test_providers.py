"""Receiving providers."""

from itertools import chain

from mailer.audience.providers import (
    OTHER,
    PROVIDERS,
    provider_name,
    provider_of,
)


def test_a_domain_is_one_providers():
    domains = list(chain.from_iterable(domains for _, domains in PROVIDERS.values()))

    assert len(domains) == len(set(domains))
    assert all(d == d.lower() for d in domains)


def test_known_domains_are_found_in_any_case():
    assert provider_name(provider_of("GoogleMail.com")) == "gmail"
    assert provider_name(provider_of("mweb.co.za")) == "mweb"


def test_everybody_else_is_other():
    assert provider_of("a.example") == OTHER
    assert provider_name(999) == "other"


def test_ids_fit_a_smallint():
    assert all(0 <= number < 2**15 for number in PROVIDERS)
