"""Long texts as people type them, shown with a little formatting.

**bold**, lists of lines that begin with "- ", [words](https://…) and bare addresses. Everything
else stays as it was typed: managers number their points (1. 2. 3.), multiply (3*4*5) and write
file_names, and none of that is meant as markup.
"""

import re

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

HINT = _("Formatting: **bold**, “- ” for a list, [words](https://…) for a link.")

SCHEMES = ("http", "https", "mailto")
BOLD = re.compile(r"\*\*(?=[^\s*])([^*\n]*?[^\s*])\*\*(?!\*)")
BARE = re.compile(r"https?://[\w\-.~:/?#@!$&+,;=%]*[\w/#=&]", re.ASCII)
# Paragraphs begin with two ideographic spaces in Chinese; Markdown would strip them.
INDENT, STAND_IN = "\u3000", "\ufdd0"


def formatted(text: str) -> SafeString:
    """A text as safe HTML: p, br, strong, ul, li and a, and nothing else."""
    html = _markdown.render(text.replace(STAND_IN, "").replace(INDENT, STAND_IN))
    clean = nh3.clean(
        html.replace(STAND_IN, INDENT),
        tags={"p", "br", "strong", "ul", "li", "a"},
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - it has just been cleaned.


def _bold(state, silent) -> bool:
    """`**…**` also beside Chinese punctuation, where Markdown's own rule would not see it."""
    found = BOLD.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        _inside(state, found.span(1))
    state.pos = found.end()
    return True


def _inside(state, span):
    end_of_all = state.posMax
    state.push("strong_open", "strong", 1)
    state.pos, state.posMax = span
    state.md.inline.tokenize(state)
    state.push("strong_close", "strong", -1)
    state.posMax = end_of_all


def _only_dashes(rule):
    """Lists by "- " alone: numbers and stars stay as they were typed."""

    def dash_list(state, start, end, silent):
        at = state.bMarks[start] + state.tShift[start]
        return state.src[at : at + 2] == "- " and rule(state, start, end, silent)

    return dash_list


def _bare_links(state):
    """Addresses that stand in the text as such."""
    for block in state.tokens:
        if block.type == "inline" and "://" in block.content:
            block.children = [*_linked(block.children)]


def _linked(tokens):
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if depth or token.type != "text":
            yield token
        else:
            yield from _split(token)


def _split(token):
    at = 0
    for found in BARE.finditer(token.content):
        yield _text(token.content[at : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": found[0]})
        yield _text(found[0])
        yield Token("link_close", "a", -1)
        at = found.end()
    yield _text(token.content[at:])


def _text(content):
    return Token("text", "", 0, content=content)


def _make() -> MarkdownIt:
    markdown = MarkdownIt("zero", {"html": False, "breaks": True})
    markdown.enable(["newline", "link", "list"])
    markdown.validateLink = lambda url: url.lower().startswith(tuple(f"{s}:" for s in SCHEMES))
    rules = markdown.block.ruler.__rules__
    own = next(rule for rule in rules if rule.name == "list")
    markdown.block.ruler.at("list", _only_dashes(own.fn), {"alt": own.alt})
    markdown.inline.ruler.push("bold", _bold)
    markdown.core.ruler.push("bare_links", _bare_links)
    return markdown


_markdown = _make()
