"""What somebody might write to have it run in a reader's browser, and how to see that it does not.

The payloads are those of the OWASP filter evasion sheet, and mutations that cleaners of other
projects have let through.
"""

import re
from html.parser import HTMLParser

_FORBIDDEN_TAGS = set(
    "script style iframe frame frameset object embed applet form input button textarea select "
    "option svg math link meta base title noscript template slot portal video audio source track "
    "canvas dialog marquee bgsound xml xss plaintext noembed noframes xmp isindex keygen mglyph "
    "malignmark mtext foreignobject annotation-xml animate set image body html head".split()
)
_ADDRESSES = {"href", "src", "cite", "action", "formaction", "poster", "background", "srcset"}
_FORBIDDEN_ATTRIBUTES = {"style", "srcdoc", "srcset", "formaction", "action", "background", "id"}
_FORBIDDEN_SCHEMES = ("javascript:", "data:", "vbscript:", "file:", "blob:", "livescript:")
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]+")

# Broken off or interlaced, so that Python's parser may take them for text where a browser does not.
BROKEN = (
    "<img src=x onerror=alert(1)//",
    "<b><i>x</b></i><img src=x onerror=alert(1)",
    "<a href='https://example.com' title='",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
)
HOSTILE = (
    *BROKEN,
    # Scripts as they are, and written so that a search for them finds nothing.
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<script\x0c>alert(1)</script>",
    "<script/src=data:,alert(1)>",
    "<<script>alert(1)//<</script>",
    "<script>alert(1)",
    "<script\n>alert(1)</script\n>",
    "</p><script>alert(1)</script><p>",
    "<xml><script>alert(1)</script></xml>",
    # Handlers of events.
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror='alert(1)'>",
    '<img """><img src=x onerror="alert(1)">',
    "<p onclick=alert(1)>Press</p>",
    "<a href=https://example.com ONMOUSEOVER=alert(1)>x</a>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<input autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<video><source onerror=alert(1)></video>",
    "<b\nonmouseover\n=\nalert(1)>x</b>",
    # Addresses that are programs.
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<img src='javascript:alert(1)'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<table background='javascript:alert(1)'><td background='javascript:alert(1)'>x</table>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    # Documents in the document, and what changes it as a whole.
    "<iframe src='https://evil.example/'></iframe>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv='refresh' content='0;url=javascript:alert(1)'>",
    "<link rel='stylesheet' href='https://evil.example/x.css'>",
    "<p id='location' style='position:fixed;inset:0'>x</p>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>body{background:url('javascript:alert(1)')}",
    # Other languages inside HTML, where the parser changes its mind.
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text y=20>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1)></svg>",
    "<math href='javascript:alert(1)'>x</math>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<math><annotation-xml encoding="text/html"><style><img src=x onerror="alert(1)"></style>',
    '<svg><foreignobject><p title="</foreignobject><img src=x onerror=alert(1)>">',
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
    "<template><script>alert(1)</script></template>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img title='</title><img src=x onerror=alert(1)>'></title>",
    "<select><style></select><img src=x onerror=alert(1)></style></select>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    # Left open and crossed.
    '"><img src=x onerror=alert(1)>',
    "<table><tr><script>alert(1)</script><td>x<form></table>",
    "<div" + " a=b" * 500 + " onclick=alert(1)>x</div>",
    "<div>" * 300 + "<script>alert(1)</script>",
)


class _Reader(HTMLParser):
    """Collects what must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN_TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            address = _BLANK.sub("", value or "").lower()
            is_program = name in _ADDRESSES and address.startswith(_FORBIDDEN_SCHEMES)
            if name.startswith("on") or name in _FORBIDDEN_ATTRIBUTES or is_program or ":" in name:
                self.faults.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"<![{data}]>")


def faults(html: str) -> list[str]:
    """Whatever in a text could run or change the page around it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.faults
