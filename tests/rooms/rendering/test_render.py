"""Rendering an edition: once for a content, stored, and stopped alone by a fault."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from mailer.editions import operations as editions
from mailer.editions import queries as of_editions
from mailer.kernel.brand import Brand
from mailer.rendering import operations, queries
from mailer.rendering.models import StoredVariant
from mailer.rendering.variant import Tier
from tests.kit.editions import NOW, a_digest_newsletter, planned, stored_stories

SECRET = "Only those who pay may read this sentence to its end."

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition_id():
    """A digest of three stories, not yet rendered."""
    newsletter = a_digest_newsletter()
    stored_stories("Dam", "Bread", "Court")
    return planned(newsletter).id


def content_of(edition_id):
    return of_editions.content(edition_id=edition_id)


def test_an_edition_is_rendered_and_stored_for_its_content(edition_id):
    made = operations.render(edition_id=edition_id, now=NOW)

    content = content_of(edition_id)
    assert made == queries.variants(edition_id=edition_id, content_hash=content.hash)
    assert [(v.number, v.key.tier) for v in made] == [(1, Tier.FREE)]
    assert all(item.title in made[0].html for item in content.items)
    assert made[0].findings == ()
    assert queries.variant(variant_id=made[0].id) == made[0]


def test_a_second_look_renders_nothing_anew(edition_id):
    first = operations.render(edition_id=edition_id, now=NOW)

    assert operations.render(edition_id=edition_id, now=NOW) == first
    assert StoredVariant.objects.count() == 1


def test_another_content_has_variants_of_its_own_and_the_old_ones_stay(edition_id):
    before = operations.render(edition_id=edition_id, now=NOW)
    old_hash = content_of(edition_id).hash
    story_id = content_of(edition_id).items[1].story.id
    editions.drop_story(edition_id=edition_id, story_id=story_id, by="Ada", now=NOW)

    after = operations.render(edition_id=edition_id, now=NOW)

    assert after[0].html != before[0].html
    assert queries.variants(edition_id=edition_id, content_hash=old_hash) == before


def test_subscribers_have_a_variant_of_their_own_where_a_story_is_locked():
    newsletter = a_digest_newsletter()
    stored_stories("Dam", summary=SECRET, subscriber_only=True)
    edition_id = planned(newsletter).id

    free, paid = operations.render(edition_id=edition_id, now=NOW)

    assert (free.key.tier, paid.key.tier) == (Tier.FREE, Tier.SUBSCRIBER)
    assert SECRET not in free.html + free.text + free.subject
    assert SECRET in paid.html


def test_a_template_fault_stops_this_edition_and_names_template_and_line(
    edition_id, settings, tmp_path
):
    (tmp_path / "email" / "digest").mkdir(parents=True)
    (tmp_path / "email" / "digest" / "mail.html").write_text("one\n{{ digest.laed }}\n")
    settings.TEMPLATE_DIR = tmp_path

    assert operations.render(edition_id=edition_id, now=NOW) == []

    blocked = of_editions.edition(edition_id).blocked
    assert blocked.startswith("digest/mail.html, line 2: ")
    assert "laed" in blocked


def test_once_the_template_is_mended_the_edition_is_free_again(
    edition_id, settings, tmp_path
):
    mended, settings.TEMPLATE_DIR = settings.TEMPLATE_DIR, tmp_path
    operations.render(edition_id=edition_id, now=NOW)
    assert of_editions.edition(edition_id).blocked
    settings.TEMPLATE_DIR = mended

    made = operations.render(edition_id=edition_id, now=NOW)

    assert len(made) == 1
    assert of_editions.edition(edition_id).blocked == ""


def test_a_finding_that_blocks_keeps_the_mail_for_the_desk_and_stops_the_edition(
    edition_id, settings
):
    settings.BRAND = replace(settings.BRAND, postal_address="")

    made = operations.render(edition_id=edition_id, now=NOW)

    assert "L08" in {finding.rule for finding in made[0].findings}
    assert of_editions.edition(edition_id).blocked.startswith("L08: ")


def test_a_mended_brand_replaces_what_could_not_be_sent(edition_id, settings):
    brand: Brand = settings.BRAND
    settings.BRAND = replace(brand, postal_address="")
    operations.render(edition_id=edition_id, now=NOW)
    settings.BRAND = brand

    made = operations.render(edition_id=edition_id, now=NOW)

    assert made[0].findings == ()
    assert StoredVariant.objects.count() == 1
    assert of_editions.edition(edition_id).blocked == ""


def test_a_test_is_marked_and_stored_nowhere(edition_id):
    (made,) = operations.render_test(edition_id=edition_id)

    assert made.subject.startswith("TEST: ")
    assert StoredVariant.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_store_one_rendering():
    newsletter = a_digest_newsletter()
    stored_stories("Dam", "Bread", subscriber_only=True)
    edition_id = planned(newsletter).id

    def worker(_n):
        try:
            return operations.render(edition_id=edition_id, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(worker, range(4)))

    assert all(answer == answers[0] for answer in answers)
    assert StoredVariant.objects.count() == 2
