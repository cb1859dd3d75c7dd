"""Receiving providers."""

from itertools import chain

from mailer.audience.providers import (
    EXCHANGERS,
    OTHER,
    PROVIDERS,
    provider_behind,
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


def test_a_companys_domain_goes_by_the_name_of_its_exchangers():
    names = ["mx.own.example", "paper-org.mail.protection.outlook.com"]

    assert provider_name(provider_behind(names)) == "microsoft365"
    assert provider_name(provider_behind(["aspmx.l.google.com"])) == "gmail"
    assert provider_name(provider_behind(["mailsec.protonmail.ch"])) == "proton"
    assert provider_name(provider_behind(["smtp-in.orange.fr"])) == "orange"
    assert provider_behind(["notgoogle.com", ""]) == OTHER


def test_every_exchanger_is_of_a_provider_we_know():
    assert set(EXCHANGERS.values()) <= set(PROVIDERS)


def test_ids_fit_a_smallint():
    assert all(0 <= number < 2**15 for number in PROVIDERS)
