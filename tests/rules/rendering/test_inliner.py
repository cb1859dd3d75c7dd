import pytest

from mailer.rendering.inliner import Damaged, inline

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><style>.a{{color:#ffffff;margin:0}}</style>
<style data-premailer="ignore">@media screen{{.a{{color:#000000!important}}}}</style>
</head><body><!--[if mso]><i></i><![endif]-->{}</body></html>
"""


def a_page(body: str) -> str:
    return PAGE.format(body)


def test_rules_move_into_style_attributes_and_classes_stay():
    html = inline(a_page('<p class="a">x</p>'))

    assert '<p class="a" style="color:#ffffff; margin:0">x</p>' in html


def test_the_ignored_block_keeps_its_importance():
    html = inline(a_page("x"))

    assert "color:#000000!important" in html
    assert "data-premailer" not in html


def test_a_mark_in_an_address_survives():
    assert 'href="@@UNSUBSCRIBE@@"' in inline(a_page('<a href="@@UNSUBSCRIBE@@">x</a>'))


def test_sizes_of_pictures_are_left_alone():
    picture = '<img src="x" alt="" width="576" height="324" style="width:100%">'

    html = inline(a_page(picture))

    assert 'width="576" height="324"' in html


def test_a_latin_page_is_plain_ascii_and_an_arabic_one_is_not():
    assert inline(a_page("Café 🎆 " + "word " * 60)).isascii()
    assert "مجلس" in inline(a_page("مجلس " * 60))


@pytest.mark.parametrize("start", ["<!doctype html>", "\ufeff<!DOCTYPE html>", ""])
def test_another_doctype_is_refused(start):
    with pytest.raises(Damaged, match="must begin"):
        inline(a_page("x").replace("<!DOCTYPE html>", start))


def test_a_lone_surrogate_never_cuts_a_page_in_silence():
    with pytest.raises(Damaged, match="lone surrogate"):
        inline(a_page("<p>before \ud83d after</p>"))
