import pytest

from mailer.editions.content import Block
from mailer.rendering.operations import keys_of
from mailer.rendering.variant import Tier, Variant, VariantKey, variant_for
from tests.kit.rendering import a_digest, a_results_edition, an_item


def a_variant(number: int, **key: str) -> Variant:
    return Variant(1, 1, "h", number, VariantKey(**key), "s", "h", "t")


def test_a_reader_gets_the_variant_of_their_tier():
    variants = [a_variant(1, tier="free"), a_variant(2, tier="subscriber")]

    assert variant_for(variants, tier="subscriber").number == 2
    assert variant_for(variants, tier="free").number == 1


def test_a_subscriber_gets_the_free_one_where_there_is_no_other():
    assert variant_for([a_variant(1)], tier="subscriber").number == 1


def test_nobody_gets_what_only_subscribers_may_read():
    with pytest.raises(LookupError):
        variant_for([a_variant(1, tier="subscriber")], tier="free")


def test_nobody_gets_another_places_mail():
    with pytest.raises(LookupError):
        variant_for([a_variant(1, place="selwe")], tier="free", place="kessane")


def test_one_variant_unless_something_is_locked():
    assert [k.tier for k in keys_of(a_digest())] == [Tier.FREE]


def test_subscribers_have_their_own_where_a_story_is_locked():
    content = a_digest(an_item(Block.LEAD, "A", subscriber_only=True))

    assert [k.tier for k in keys_of(content)] == [Tier.FREE, Tier.SUBSCRIBER]


def test_a_result_is_for_its_place():
    assert keys_of(a_results_edition()) == [VariantKey("free", "tamba-valley")]
