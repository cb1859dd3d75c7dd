from dataclasses import replace

import pytest

from mailer.kernel.personal import Personal
from mailer.rendering.facts import Facts
from mailer.rendering.lint import lint
from mailer.rendering.lint.size import bytes_of
from mailer.rendering.variant import Rendered
from tests.kit.mails import a_letter, a_rendered
from tests.kit.rendering import THE_CAUSEWAY, a_digest, a_results_edition

LEAD = "No majority in eleven councils as the Civic Front loses its grip"
DIGEST = a_rendered(a_digest())
RESULTS = a_rendered(a_results_edition())
OF_DIGEST = Facts(
    budget_bytes=80_000, headlines=(LEAD,), postal_address=THE_CAUSEWAY.postal_address
)
OF_RESULTS = Facts(
    budget_bytes=80_000,
    postal_address=THE_CAUSEWAY.postal_address,
    figures=(("Civic Front", "19"), ("Harbour Alliance", "13")),
    as_at="All 61 of 61 voting districts counted, as at 05:42 on 24 November 2026",
)
ALT = 'alt="Illustration: a ballot paper half way into the slot of a ballot box"'
LAYOUT = '<table role="presentation" cellpadding="0" cellspacing="0" border="0">'
FOOT = "</table>\n<!--[if mso]></td></tr></table><![endif]-->"


def found(
    mail: Rendered, promises: Facts = OF_DIGEST, *, blocks: bool | None = None
) -> set[str]:
    return {
        f.rule for f in lint(mail, promises) if blocks is None or f.blocks is blocks
    }


def planted(before: str, after: str, mail: Rendered = DIGEST) -> Rendered:
    """Replace once in the HTML; the place must be there, or the test says nothing."""
    assert before in mail.html
    return replace(mail, html=mail.html.replace(before, after, 1))


def with_row(inside: str, mail: Rendered = DIGEST) -> Rendered:
    """Put more at the end of the mail."""
    row = f'<tr><td class="px">{inside}</td></tr>'
    return planted(FOOT, row + FOOT, mail)


def test_our_own_mails_are_clean():
    assert lint(DIGEST, OF_DIGEST) == ()
    assert lint(RESULTS, OF_RESULTS) == ()


STOPS = {
    "S01 too large": ("S01", with_row("x" * 100_000)),
    "S02 style beyond Gmail's limit": (
        "S02",
        planted("<style>:root", "<style>" + ".x{color:#000000}" * 1200 + ":root"),
    ),
    "S04 another charset": ("S04", planted("utf-8", "iso-8859-1")),
    "S04 charset too late": ("S04", planted("<head>", f"<head><!--{'x' * 1024}-->")),
    "S05 a control": ("S05", with_row("it\x92s")),
    "S05 a control as an entity": ("S05", with_row("it&#146;s")),
    "S05 a replacement character": ("S05", replace(DIGEST, subject="caf\ufffd")),
    "S05 a lone surrogate in the text": (
        "S05",
        replace(DIGEST, text=DIGEST.text + "\ud83d"),
    ),
    "S06 a comment first": ("S06", replace(DIGEST, html="<!-- -->" + DIGEST.html)),
    "S06 a doctype in small letters": ("S06", planted("<!DOCTYPE", "<!doctype")),
    "S07 a headline is not in the text": (
        "S07",
        replace(DIGEST, text=DIGEST.text.replace("No majority", "A majority", 1)),
    ),
    "S07 a link is not in the text": (
        "S07",
        with_row('<a href="https://causeway.example/lost">Lost</a>'),
    ),
    "S07 markup in the text": ("S07", replace(DIGEST, text=DIGEST.text + "<br>")),
    "S07 an entity in the text": ("S07", replace(DIGEST, text=DIGEST.text + "&nbsp;")),
    "S08 a hole": ("S08", with_row("Dear {{ name }}")),
    "S08 a hole in the text": ("S08", replace(DIGEST, text=DIGEST.text + "{% if %}")),
    "S08 a hole in an address": (
        "S08",
        with_row('<a href="https://a.example/{{x}}">y</a>'),
    ),
    "S08 None": ("S08", with_row("<p>None</p>")),
    "S08 an unknown mark": ("S08", replace(DIGEST, text=DIGEST.text + "@@NAME@@")),
    "H01 no language": ("H01", planted('<html lang="en"', "<html")),
    "H01 no language in the body": (
        "H01",
        planted('" lang="en" dir="ltr">', '" dir="ltr">'),
    ),
    "H02 no direction": ("H02", planted(' dir="ltr" xmlns', " xmlns")),
    "H03 an empty title": (
        "H03",
        planted("The Causeway: Morning digest, Tuesday 24 November 2026</t", "</t"),
    ),
    "H06 a form": ("H06", with_row('<form action="https://a.example/"></form>')),
    "H06 a script": ("H06", with_row("<script></script>")),
    "H06 a stylesheet": (
        "H06",
        planted("</head>", '<link rel="stylesheet" href="https://a.example/x"></head>'),
    ),
    "H07 a handler": ("H07", with_row('<p onclick="x()">y</p>')),
    "H07 a script's address": ("H07", with_row('<a href=" JavaScript:x()">y</a>')),
    "H08 a table that says nothing": (
        "H08",
        with_row("<table><tr><td>x</td></tr></table>"),
    ),
    "H09 no caption": (
        "H09",
        with_row(
            '<table cellpadding="0" cellspacing="0" border="0"><tr>'
            '<th scope="row">x</th></tr></table>'
        ),
    ),
    "H09 no scope": ("H09", planted('<th scope="row"', "<th")),
    "H09 a data table called layout": (
        "H09",
        planted(
            'width="100%" class="figures"', 'width="100%" role="presentation"', RESULTS
        ),
    ),
    "H11 a wider container": ("H11", planted('width="640" class', 'width="700" class')),
    "H11 no ghost": ("H11", planted('width="640" align', 'width="600" align')),
    "H12 auto": ("H12", planted('width="576"', 'width="auto"')),
    "H13 a lost end": ("H13", planted("<![endif]-->", "")),
    "H14 another form": ("H14", with_row("<!--[if gte mso 9]>x<![endif]-->")),
    "H14 downlevel-revealed": ("H14", with_row("<![if !mso]>x<![endif]>")),
    "H18 a second h1": ("H18", with_row("<h1>Another</h1>")),
    "H18 a level skipped": ("H18", with_row("<h2>A</h2><h4>B</h4>")),
    "H18 an empty heading": ("H18", with_row("<h2> </h2>")),
    "H19 an id twice": ("H19", with_row('<p id="x">a</p><p id="x">b</p>')),
    "H20 an unclosed tag": ("H20", with_row("<div><b>x</div>")),
    "H20 a link round a table": (
        "H20",
        with_row(
            '<p><table role="presentation" cellpadding="0" cellspacing="0" border="0">'
            "<tr><td>x</td></tr></table></p>"
        ),
    ),
    "C01 flex": ("C01", with_row('<p style="display:flex">x</p>')),
    "C01 a property nobody has": ("C01", with_row('<p style="colr:red">x</p>')),
    "C01 a variable": ("C01", with_row('<p style="width:var(--x)">x</p>')),
    "C01 a unit": ("C01", with_row('<p style="width:3rem">x</p>')),
    "C01 position": ("C01", with_row('<p style="position:absolute">x</p>')),
    "C02 important": ("C02", with_row('<p style="margin:0!important">x</p>')),
    "C04 an @ inside an @": (
        "C04",
        planted("@media screen", "@media screen and (max-width:9px){@media screen"),
    ),
    "C04 an import": ("C04", planted(":root{", "@import url(x);:root{")),
    "C05 style in the body": ("C05", with_row("<style>p{}</style>")),
    "C06 a height": ("C06", planted("(max-width:619px)", "(max-height:619px)")),
    "C12 a named colour": ("C12", with_row('<p style="color:red">x</p>')),
    "C12 three digits": ("C12", with_row('<p style="color:#fff">x</p>')),
    "C12 rgb": ("C12", with_row('<p style="background-color:rgb(0,0,0)">x</p>')),
    "C16 no width": ("C16", planted('width="576"', "")),
    "C16 a picture in a line": (
        "C16",
        planted("border:0; display:block;", "border:0;"),
    ),
    "I01 no alt": ("I01", planted(' alt="Illustration', ' title="Illustration')),
    "I01 a link without a name": (
        "I01",
        planted(ALT, 'alt=""'),
    ),
    "I03 a format": ("I03", planted("ballot.jpg", "ballot.webp")),
    "I03 a picture in the bytes": (
        "I03",
        planted("https://causeway.example/pictures/ballot.jpg", "cid:ballot"),
    ),
    "L01 a relative link": ("L01", with_row('<a href="/story">x</a>')),
    "L01 this machine": ("L01", with_row('<a href="http://localhost:8000/">x</a>')),
    "L02 another host": (
        "L02",
        with_row('<a href="https://evil.example/">https://bank.example/in</a>'),
    ),
    "L03 no words": ("L03", with_row('<a href="https://causeway.example/"></a>')),
    "L06 no way out": (
        "L06",
        replace(DIGEST, html=DIGEST.html.replace(Personal.UNSUBSCRIBE, "https://a.b/")),
    ),
    "L06 a way out nobody sees": (
        "L06",
        planted(
            '<p class="meta foot" style=\'',
            '<p class="meta foot" style=\'display:none;',
        ),
    ),
    "L06 a way out too small": (
        "L06",
        replace(DIGEST, html=DIGEST.html.replace("font:14px", "font:9px")),
    ),
    "L06 no way out in the text": (
        "L06",
        replace(DIGEST, text=DIGEST.text.replace(Personal.UNSUBSCRIBE, "")),
    ),
    "L08 no address in the mail": ("L08", planted("14 Weighhouse Quay", "a quay")),
    "L08 no address in the text": (
        "L08",
        replace(DIGEST, text=DIGEST.text.replace("Weighhouse", "")),
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_a_planted_fault_stops_the_edition(case):
    rule, mail = STOPS[case]

    assert rule in found(mail, blocks=True)


WARNS = {
    "S01 over budget": ("S01", with_row("x" * 60_000)),
    "S07 a wide line": ("S07", replace(DIGEST, text=DIGEST.text + "word " * 20)),
    "H04 no viewport": ("H04", planted('name="viewport"', 'name="x"')),
    "H05 no role": ("H05", planted('role="article"', 'role="main"')),
    "H10 deep": (
        "H10",
        with_row(
            f"{LAYOUT}<tr><td>" * 8
            + "</td></tr></table>" * 8
        ),
    ),
    "H19 an anchor": ("H19", with_row('<a href="#top">To the top</a>')),
    "C03 a picture behind": ("C03", with_row('<p style="background:url(x)">x</p>')),
    "C06 a rule without importance": (
        "C06",
        planted("{display:none!important}", "{display:none}"),
    ),
    "C09 a comment": ("C09", planted(":root{", "/* root */:root{")),
    "C18 no dark rule": ("C18", with_row('<p class="new" style="color:#112233">x</p>')),
    "I02 a file's name": (
        "I02",
        planted(ALT, 'alt="ballot.jpg"'),
    ),
    "I04 a tower": ("I04", planted('height="324"', 'height="3240"')),
    "L01 not https": ("L01", with_row('<a href="http://causeway.example/">x</a>')),
    "L02 a host": ("L02", with_row('<a href="https://a.example/">Booking.com</a>')),
    "L03 click here": ("L03", with_row('<a href="https://a.example/">Click here</a>')),
    "L04 many links": ("L04", with_row('<a href="https://a.example/">x</a>' * 101)),
    "L07 no preferences": (
        "L07",
        replace(DIGEST, html=DIGEST.html.replace(Personal.PREFERENCES, "https://a.b/")),
    ),
    "P01 the subject again": (
        "P01",
        replace(
            DIGEST,
            subject="Eleven of twenty councils have no majority. Also: the press-card "
            "law falls, and bread gets cheaper.",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNS)
def test_a_planted_weakness_is_shown(case):
    rule, mail = WARNS[case]

    assert rule in found(mail, blocks=False)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('width="42%"', 'width="43%"'),
        (">19</td>", ">20</td>"),
        ("CF<br>19", "CF<br>91"),
        ("as at 05:42", "as at 05:24"),
    ],
)
def test_a_figure_that_differs_stops_a_results_mail(before, after):
    mail = replace(RESULTS, html=RESULTS.html.replace(before, after))

    assert mail != RESULTS
    assert "D01" in found(mail, OF_RESULTS, blocks=True)


def test_a_figure_that_differs_in_the_text_stops_a_results_mail():
    mail = replace(RESULTS, text=RESULTS.text.replace(" 19  5 fewer", " 18  5 fewer"))

    assert mail != RESULTS
    assert "D01" in found(mail, OF_RESULTS, blocks=True)


SECRET = "The minister signed it in his kitchen"


@pytest.mark.parametrize(
    "mail",
    [
        with_row(f"<p>{SECRET}</p>"),
        with_row(f'<p title="{SECRET}">x</p>'),
        replace(DIGEST, text=DIGEST.text + "The minister signed it\nin his kitchen"),
    ],
)
def test_locked_text_stops_the_free_variant(mail):
    assert "L11" in found(mail, replace(OF_DIGEST, locked=(SECRET,)), blocks=True)


def test_braces_that_a_story_brought_are_only_braces():
    mail = with_row("<p>A talk about {{ templates }}</p>")
    told = replace(OF_DIGEST, editorial="A talk about {{ templates }}")

    assert "S08" not in found(mail, told)


def test_this_machine_may_be_linked_where_the_whole_paper_is_on_it():
    mail = with_row('<a href="http://localhost:8000/">x</a>')

    assert "L01" not in found(
        mail, replace(OF_DIGEST, may_link_this_machine=True), blocks=True
    )


def test_a_brand_without_an_address_sends_nothing():
    assert "L08" in found(DIGEST, replace(OF_DIGEST, postal_address=""), blocks=True)


def test_a_letter_needs_no_way_out():
    letter = a_letter()

    assert "L06" not in found(letter, replace(OF_DIGEST, can_leave=False, headlines=()))
    assert "L06" in found(letter, replace(OF_DIGEST, headlines=()))


def test_errors_come_first_and_a_rule_says_it_a_few_times_only():
    findings = lint(with_row('<p style="color:red">x</p>' * 50), OF_DIGEST)

    assert [f.blocks for f in findings] == sorted(
        (f.blocks for f in findings), reverse=True
    )
    assert len([f for f in findings if f.rule == "C12"]) <= 5


def test_a_finding_says_where():
    findings = lint(with_row('<a href="/story">x</a>'), OF_DIGEST)

    assert findings[0].where.startswith("line ")
    assert '<a href="/story">' in findings[0].where


def test_an_empty_mail_is_refused_and_breaks_nothing():
    assert {"S04", "S06", "H01"} <= found(Rendered("", "<p>x</p>", ""))


def test_a_size_counts_what_the_marks_become():
    assert bytes_of("x" * 100 + Personal.BROWSER) > 200
