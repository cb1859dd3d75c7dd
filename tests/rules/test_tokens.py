"""Tokens: what is sealed comes back, and nothing else opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.kernel.tokens import BadToken, Keys, seal, unseal

KEYS = Keys(((1, b"a" * 32),))
NUMBERS = st.lists(st.integers(0, 2**63), max_size=4).map(tuple)


@given(numbers=NUMBERS)
def test_law_what_is_sealed_comes_back(numbers):
    token = seal("leave", numbers, KEYS)

    assert unseal("leave", token, KEYS) == numbers


@given(numbers=NUMBERS, flip=st.integers(0, 10_000))
def test_law_a_changed_token_is_refused(numbers, flip):
    token = seal("leave", numbers, KEYS)
    at = flip % len(token)
    other = "A" if token[at] != "A" else "E"

    with pytest.raises(BadToken):
        unseal("leave", token[:at] + other + token[at + 1 :], KEYS)


def test_a_token_for_one_door_opens_no_other():
    token = seal("leave", (7, 3), KEYS)

    with pytest.raises(BadToken):
        unseal("browser", token, KEYS)


def test_old_keys_verify_and_the_first_one_seals():
    old = seal("leave", (7, 3), KEYS)
    both = Keys(((2, b"b" * 32), (1, b"a" * 32)))

    assert unseal("leave", old, both) == (7, 3)
    assert unseal("leave", seal("leave", (7, 3), both), both) == (7, 3)


@given(text=st.text(max_size=200))
def test_law_any_other_text_is_a_bad_token_and_no_crash(text):
    with pytest.raises(BadToken):
        unseal("leave", text, KEYS)
