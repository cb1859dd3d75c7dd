"""Which CSS the programs that must work do not support, from caniemail.

Picked by `python -m tests.kit.pick_support`; not edited by hand. Source: https://github.com/hteumeuleu/caniemail
at commit 6b086a3483a92078ba5226626e13db6f0a95a113. That data is used under the MIT licence:

MIT License. Copyright (c) 2019 Rémi Parmentier.

Permission is hereby granted, free of charge, to any person obtaining a copy of this
software and associated documentation files (the "Software"), to deal in the Software
without restriction, including without limitation the rights to use, copy, modify,
merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to the following
conditions: The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS",
WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR
OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

# ruff: noqa: E501, SIM905
# fmt: off


def _by_name(*groups: tuple[str, str]) -> dict[str, str]:
    return {name: programs for programs, names in groups for name in names.split("|")}


PROPERTIES: dict[str, str] = _by_name(
    ("Gmail Android, Outlook Windows, Yahoo, Samsung",
    ("font-stretch|text-emphasis|text-emphasis-color|text-emphasis-style")),
    ("Gmail iOS, Gmail Android, Apple Mail, Apple Mail iOS, Samsung",
    ("text-justify")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows",
    ("position|visibility|z-index")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com",
    ("text-shadow|transition|transition-delay|transition-duration|"
     "transition-property|transition-timing-function")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Apple Mail iOS, Yahoo",
    ("resize")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Apple Mail, Apple Mail iOS, Yahoo",
    ("inline-size")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Apple Mail, Apple Mail iOS, Yahoo, Samsung",
    ("hyphenate-limit-chars")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Yahoo",
    ("-webkit-mask-image|accent-color|animation|animation-delay|"
     "animation-direction|animation-duration|animation-fill-mode|"
     "animation-iteration-count|animation-name|animation-play-state|"
     "animation-timing-function|backdrop-filter|block-size|border-block-color|"
     "border-block-end|border-block-end-color|border-block-end-style|"
     "border-block-end-width|border-block-start|border-block-start-color|"
     "border-block-start-style|border-block-start-width|border-block-style|"
     "border-block-width|border-image|border-image-outset|border-image-repeat|"
     "border-image-slice|border-image-source|border-image-width|"
     "border-inline-color|border-inline-end|border-inline-end-color|"
     "border-inline-end-style|border-inline-end-width|border-inline-start|"
     "border-inline-start-color|border-inline-start-style|"
     "border-inline-start-width|border-inline-style|border-inline-width|"
     "clip-path|color-scheme|filter|grid-template|grid-template-areas|"
     "grid-template-columns|grid-template-rows|hyphenate-character|hyphens|"
     "inline-size|list-style-image|margin-block-end|margin-block-start|"
     "margin-inline-end|margin-inline-start|mask|mask-image|max-block-size|"
     "max-inline-size|min-block-size|min-inline-size|outline-offset|"
     "overflow-wrap|padding-block-end|padding-block-start|padding-inline-end|"
     "padding-inline-start|scroll-snap-align|scroll-snap-stop|scroll-snap-type|"
     "shape-margin|shape-outside|text-decoration-skip-ink|"
     "text-decoration-thickness|text-underline-offset|text-wrap|transform|"
     "transform-origin|transform-style|user-select|white-space-collapse")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Yahoo, Samsung",
    ("aspect-ratio|border-block|border-end-end-radius|border-end-start-radius|"
     "border-inline|border-start-end-radius|border-start-start-radius|inset|"
     "inset-block|inset-block-end|inset-block-start|inset-inline|"
     "inset-inline-end|inset-inline-start|margin-block|margin-inline|"
     "padding-block|padding-inline|text-emphasis-position")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Yahoo",
    ("align-items|bottom|justify-content|left|orphans|right|tab-size|top|widows")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook.com, Apple Mail iOS",
    ("cursor")),
    ("Gmail, Outlook Windows, Yahoo",
    ("box-shadow")),
    ("Outlook Windows",
    ("background-image|background-position|background-repeat|background-size|"
     "border-bottom-left-radius|border-bottom-right-radius|border-radius|"
     "border-spacing|border-top-left-radius|border-top-right-radius|caption-side|"
     "clear|empty-cells|float|font-size-adjust|list-style-position|max-height|"
     "min-height|min-width|opacity|outline|outline-color|outline-style|"
     "outline-width|overflow|overflow-block|overflow-inline|overflow-x|"
     "overflow-y|table-layout|text-decoration-color|text-decoration-line|"
     "text-decoration-style|word-spacing|word-wrap")),
    ("Outlook Windows, Outlook.com, Yahoo",
    ("text-align-last")),
    ("Outlook Windows, Samsung",
    ("white-space")),
    ("Outlook Windows, Yahoo",
    ("background-blend-mode|background-clip|background-origin|box-sizing|"
     "column-count|column-fill|column-gap|column-rule|column-rule-color|"
     "column-rule-style|column-rule-width|column-span|column-width|columns|"
     "font-kerning|gap|grid-column-gap|grid-gap|grid-row-gap|mix-blend-mode|"
     "object-fit|object-position|row-gap|text-orientation|"
     "text-underline-position|writing-mode")),
    ("Outlook Windows, Yahoo, Samsung",
    ("text-overflow")),
    ("Yahoo",
    ("height|word-break")),
)
FUNCTIONS: dict[str, str] = _by_name(
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Yahoo",
    ("conic-gradient|light-dark|var")),
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Outlook.com, Yahoo, Samsung",
    ("lab|lch|oklab|oklch")),
    ("Outlook Windows",
    ("rgba")),
    ("Outlook Windows, Outlook.com, Yahoo",
    ("calc|clamp|linear-gradient|max|min|radial-gradient|"
     "repeating-linear-gradient|repeating-radial-gradient")),
)
UNITS: dict[str, str] = _by_name(
    ("Outlook Windows",
    ("vh|vw")),
    ("Outlook Windows, Yahoo",
    ("ch|rem|vmax|vmin")),
)
DECLARATIONS: dict[str, str] = _by_name(
    ("Gmail, Gmail iOS, Gmail Android, Outlook Windows, Yahoo",
    ("flex-direction: column|flex-wrap: wrap")),
    ("Outlook Windows",
    ("display: flex|display: grid|display: inline-flex|display: inline-grid")),
)
KNOWN: frozenset[str] = frozenset(
    ("-webkit-mask-image accent-color align-items animation animation-delay "
     "animation-direction animation-duration animation-fill-mode "
     "animation-iteration-count animation-name animation-play-state "
     "animation-timing-function aspect-ratio backdrop-filter background "
     "background-blend-mode background-clip background-color background-image "
     "background-origin background-position background-repeat background-size "
     "block-size border border-block border-block-color border-block-end "
     "border-block-end-color border-block-end-style border-block-end-width "
     "border-block-start border-block-start-color border-block-start-style "
     "border-block-start-width border-block-style border-block-width "
     "border-bottom border-bottom-color border-bottom-left-radius "
     "border-bottom-right-radius border-bottom-style border-bottom-width "
     "border-collapse border-color border-end-end-radius border-end-start-radius "
     "border-image border-image-outset border-image-repeat border-image-slice "
     "border-image-source border-image-width border-inline border-inline-color "
     "border-inline-end border-inline-end-color border-inline-end-style "
     "border-inline-end-width border-inline-start border-inline-start-color "
     "border-inline-start-style border-inline-start-width border-inline-style "
     "border-inline-width border-left border-left-color border-left-style "
     "border-left-width border-radius border-right border-right-color "
     "border-right-style border-right-width border-spacing "
     "border-start-end-radius border-start-start-radius border-style border-top "
     "border-top-color border-top-left-radius border-top-right-radius "
     "border-top-style border-top-width border-width bottom box-shadow "
     "box-sizing caption-side clear clip-path color-scheme column-count "
     "column-fill column-gap column-rule column-rule-color column-rule-style "
     "column-rule-width column-span column-width columns cursor direction "
     "display empty-cells filter float font font-kerning font-size "
     "font-size-adjust font-stretch font-weight gap grid-column-gap grid-gap "
     "grid-row-gap grid-template grid-template-areas grid-template-columns "
     "grid-template-rows height hyphenate-character hyphenate-limit-chars "
     "hyphens inline-size inset inset-block inset-block-end inset-block-start "
     "inset-inline inset-inline-end inset-inline-start justify-content left "
     "letter-spacing line-height list-style list-style-image list-style-position "
     "list-style-type margin margin-block margin-block-end margin-block-start "
     "margin-bottom margin-inline margin-inline-end margin-inline-start "
     "margin-left margin-right margin-top mask mask-image max-block-size "
     "max-height max-inline-size max-width min-block-size min-height "
     "min-inline-size min-width mix-blend-mode object-fit object-position "
     "opacity orphans outline outline-color outline-offset outline-style "
     "outline-width overflow overflow-block overflow-inline overflow-wrap "
     "overflow-x overflow-y padding padding-block padding-block-end "
     "padding-block-start padding-bottom padding-inline padding-inline-end "
     "padding-inline-start padding-left padding-right padding-top position "
     "resize right row-gap scroll-snap-align scroll-snap-stop scroll-snap-type "
     "shape-margin shape-outside tab-size table-layout text-align "
     "text-align-last text-decoration text-decoration-color text-decoration-line "
     "text-decoration-skip-ink text-decoration-style text-decoration-thickness "
     "text-emphasis text-emphasis-color text-emphasis-position "
     "text-emphasis-style text-indent text-justify text-orientation "
     "text-overflow text-shadow text-transform text-underline-offset "
     "text-underline-position text-wrap top transform transform-origin "
     "transform-style transition transition-delay transition-duration "
     "transition-property transition-timing-function user-select vertical-align "
     "visibility white-space white-space-collapse widows width word-break "
     "word-spacing word-wrap writing-mode z-index").split()
)
