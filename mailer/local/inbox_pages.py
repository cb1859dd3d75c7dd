"""The inbox on the web: a list and a message. A mail is shown in a sandboxed frame."""

from collections.abc import Sequence
from email.message import EmailMessage

from jinja2 import Environment

from mailer.local.mailbox import PAGE, Counts, Line

SHOWN_HEADERS = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "List-Help", "List-Archive"),
    *("Feedback-ID", "Precedence", "Auto-Submitted", "Content-Type"),
)
FRAME = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{{ title }}</title>
<style>
:root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1b1a17;--ink2:#57534a;
--edge:#837c6d;--hair:#d5cebf;--link:#0b4f8a}
@media(prefers-color-scheme:dark){:root{--paper:#14130f;--card:#1d1b17;--ink:#f1eee6;
--ink2:#b8b1a2;--edge:#8b8475;--hair:#3d392f;--link:#8fc1f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:24px 20px}
h1{font-size:25px;margin:0 0 4px}p{margin:0 0 16px;color:var(--ink2)}
a{color:var(--link);text-underline-offset:3px}
form{display:flex;gap:8px;margin:0 0 24px}
input{flex:1;min-width:0;font:inherit;padding:10px 12px;border:1px solid var(--edge);
background:var(--card);color:var(--ink)}
button{font:inherit;font-weight:600;padding:10px 20px;border:0;background:var(--ink);
color:var(--paper);min-height:44px}
ol{list-style:none;margin:0;padding:0;border-top:2px solid var(--ink)}
li a{display:grid;grid-template-columns:1fr 18rem 6rem;gap:4px 16px;padding:12px 0;
border-bottom:1px solid var(--hair);text-decoration:none;color:var(--ink)}
li a:hover span:first-child{text-decoration:underline}
li span+span{color:var(--ink2);font-size:14px;line-height:24px}
li span:last-child{text-align:right;font-variant-numeric:tabular-nums}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px;
box-shadow:0 0 0 2px #ffbf2e}
.views{display:flex;flex-wrap:wrap;gap:8px 20px;margin:0 0 16px}
iframe{width:100%;height:80vh;border:1px solid var(--hair);background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:14px;margin:24px 0}
th,td{text-align:left;vertical-align:top;padding:6px 16px 6px 0;
border-top:1px solid var(--hair);overflow-wrap:anywhere}th{white-space:nowrap}
@media(max-width:40rem){li a{grid-template-columns:1fr auto}
li span:first-child{grid-column:1/-1}}
</style></head><body><main>"""
LIST = (
    FRAME
    + """<h1>Inbox</h1>
<p>{{ '{:,}'.format(counts.mails) }} mails, {{ '{:,}'.format(counts.message_ids) }}
different Message-IDs{% if counts.doubled %}, <strong>{{ counts.doubled }} came twice
</strong>{% endif %}. Nothing leaves this machine.</p>
<form><input name="q" type="search" value="{{ search }}" aria-label="Address or subject"
placeholder="Address or subject"><button>Search</button></form>
{% if lines %}<ol>{% for line in lines %}
<li><a href="/m/{{ line.id }}"><span>{{ line.subject or '(no subject)' }}</span>
<span>{{ line.address }}</span><span>{{ line.arrived_at[11:19] }} UTC</span></a></li>
{% endfor %}</ol>
{% if lines|length == page %}<p><a href="/?q={{ search|urlencode }}&amp;before={{
lines[-1].id }}">Older mails</a></p>{% endif %}
{% else %}<p>{% if search %}No mail for “{{ search }}”.{% else %}No mail yet. It appears
here the moment it is sent.{% endif %}</p>{% endif %}</main></body></html>"""
)
ONE = (
    FRAME
    + """<p><a href="/">Inbox</a></p><h1>{{ title }}</h1><p>To {{ message['To'] }}</p>
<p class="views"><a href="/html/{{ number }}">HTML alone</a>
<a href="/text/{{ number }}">Text part</a><a href="/raw/{{ number }}">As it came</a>
<span>{{ '{:,}'.format(size) }} bytes</span></p>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/html/{{ number }}"
title="The mail"></iframe>
<table><caption hidden>Headers</caption>{% for name in names if message[name] %}
<tr><th scope="row">{{ name }}</th><td>{{ message[name] }}</td></tr>{% endfor %}</table>
</main></body></html>"""
)
_env = Environment(autoescape=True, trim_blocks=True)
_list, _one = _env.from_string(LIST), _env.from_string(ONE)


def listing(counts: Counts, lines: Sequence[Line], search: str) -> str:
    """Return the page that lists the newest messages."""
    return _list.render(
        title="Inbox", counts=counts, lines=lines, search=search, page=PAGE
    )


def message(number: int, mail: EmailMessage, raw: bytes) -> str:
    """Return the page of one message: its look, its headers, its bytes."""
    title = str(mail.get("Subject") or "(no subject)")
    return _one.render(
        title=title, number=number, message=mail, size=len(raw), names=SHOWN_HEADERS
    )


def body(mail: EmailMessage, kind: str) -> str:
    """Return the decoded part of one kind ("html", "plain"), or a note."""
    part = mail.get_body((kind,))
    if part is None:
        return f"This mail has no {kind} part."
    return str(part.get_content())
