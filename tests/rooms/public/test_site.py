"""The frame of every page: policy, language, faults, files of the brand, results."""

import logging
import re

import pytest

from mailer.public import brand, site
from mailer.wiring.logs import WithoutTokens
from tests.kit.audience import a_newsletter, a_place
from tests.kit.elections import a_count, an_election, take
from tests.kit.public import HOST, Visitor, body, said, title_of

pytestmark = pytest.mark.django_db

PAGES = ["/", "/n", "/n/morning", "/n/morning/help", "/p/link", "/address-use", "/none"]


@pytest.fixture
def morning():
    a_place("TV", "Tamba Valley")
    return a_newsletter("morning")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("morning")
def test_no_page_holds_a_style_or_a_script_of_its_own(path):
    answer = Visitor().opens(path)
    page = body(answer)

    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("morning")
def test_every_page_has_one_heading_its_title_its_language_and_a_way_past_the_bar(path):
    answer = Visitor().opens(path)
    page = body(answer)

    assert page.count("<h1") == 1
    assert f"<title>{title_of(answer)}: The Causeway</title>" in page
    assert '<html lang="en" dir="ltr">' in page
    assert '<a class="skip" href="#main">' in page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("morning")
def test_a_page_loads_nothing_from_elsewhere(path):
    page = body(Visitor().opens(path))

    loaded = re.findall(r'<(?:link|img|script|iframe)[^>]+(?:href|src)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_a_page_that_is_not_there_says_where_to_go():
    answer = Visitor().opens("/nothing/here")

    assert answer.status_code == 404
    assert title_of(answer) == "This page is not here"
    assert "All newsletters" in said(answer)


def test_the_page_of_a_fault_asks_nothing_of_the_database(
    rf, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = site.broken(rf.get("/", HTTP_HOST=HOST))

    assert answer.status_code == 500
    assert title_of(answer) == "Something here is broken"


def test_colours_of_the_brand_come_as_a_file(settings):
    answer = Visitor().opens("/brand.css")

    assert answer["Content-Type"].startswith("text/css")
    assert settings.BRAND.accent in body(answer)
    assert settings.BRAND.accent_dark in body(answer)


def test_the_icon_has_the_letter_readers_know_the_paper_by(settings):
    assert ">C</text>" in brand.icon(settings.BRAND)  # The Causeway
    assert Visitor().opens("/favicon.ico")["Content-Type"] == "image/svg+xml"


def test_search_engines_are_kept_from_what_belongs_to_one_person():
    rules = body(Visitor().opens("/robots.txt"))

    assert {"Disallow: /u/", "Disallow: /p", "Disallow: /v/"} <= set(rules.split("\n"))


def test_links_never_follow_the_host_header():
    a_newsletter("morning")

    answer = Visitor().asks("get", "/n/morning/feed.atom", HTTP_HOST=HOST)

    assert "https://news.causeway.example/n/morning" in body(answer)
    page = body(Visitor().opens("/n/morning/feed.atom", HTTP_HOST="evil.example"))
    assert "evil" not in page


def test_no_token_is_written_to_a_log():
    record = logging.LogRecord(
        "django.request",
        logging.WARNING,
        "",
        0,
        "%s: %s",
        ("Gone", "/c/AQEBAjM0-_xyz"),
        None,
    )

    WithoutTokens().filter(record)

    assert record.getMessage() == "Gone: /c/…"


def test_a_council_s_page_says_what_its_mail_says():
    code = an_election()
    a_newsletter("elections", by_place=True)
    take(a_count())

    answer = Visitor().opens(f"/e/{code}/TV")

    words = said(answer)
    assert title_of(answer) == "No party has a majority in Tamba Valley"
    assert "12 of 12 voting districts" in words or "All 12" in words
    assert "Sora Linde" in words
    assert "Sign up for Tamba Valley" in words
    assert 'role="table"' in body(answer)
    assert not re.search(r"\sstyle=", body(answer))


def test_an_election_s_page_lists_its_councils_with_and_without_results():
    code = an_election()
    take(a_count())

    words = said(Visitor().opens(f"/e/{code}"))

    assert "Tamba Valley" in words
    assert "No result yet." in words


@pytest.mark.parametrize("path", ["/e/none", "/e/none/TV"])
def test_an_election_nobody_set_up_is_404(path):
    assert Visitor().opens(path).status_code == 404
