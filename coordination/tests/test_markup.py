"""A little formatting for those who want it; everybody else reads what was typed."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.markup import formatted

REL = 'rel="nofollow noopener noreferrer"'
LINK = f'<a href="https://a.cn/x?y=1" {REL}>'

SHOWN = [
    ("**注意：**请看", "<p><strong>注意：</strong>请看</p>"),
    ("说明：\n- 甲\n- **乙**", "<p>说明：</p><ul><li>甲</li><li><strong>乙</strong></li></ul>"),
    ("[文档](https://a.cn/x?y=1)", f"<p>{LINK}文档</a></p>"),
    ("见https://a.cn/x?y=1，然后", f"<p>见{LINK}https://a.cn/x?y=1</a>，然后</p>"),
    ("[信](mailto:a@b.cn)", f'<p><a href="mailto:a@b.cn" {REL}>信</a></p>'),
    ("一\n二\n\n三", "<p>一<br>二</p><p>三</p>"),
]

AS_TYPED = [
    "1. 市场部\n3. 销售部\n2024. 研发部",
    "3*4*5=60，file_name_x，__init__，* 注：含税",
    "# 标题\n> 引用\n---\n| 甲 | 乙 |",
    "　　第一段\n　　第二段",
    "A & B &amp; C < D > \\* \\n",
    "[坏](javascript:alert(1)) [坏](data:text/html,x) [坏](//evil.cn) [坏](vbscript:x)",
    "![图](x.png) [r]: x [r] <b>粗</b> <script>alert(1)</script>",
    "** 不粗 ** 和 **** 和 **",
    "`代码` ~~删~~ +1 + 2",
]


def shape(html):
    return re.sub(r"\n", "", html)


def words(html):
    """What a reader sees: the text, with its lines."""
    lines = re.sub(r"<br>\n?|</(p|li)>", "\n", html)
    return plain(unescape(re.sub(r"<[^>]*>", "", lines)))


def plain(text):
    lines = (re.sub(r"[ \t]+", " ", line).strip(" ") for line in text.split("\n"))
    return [line for line in lines if line]


@pytest.mark.parametrize(("text", "html"), SHOWN)
def test_formatting_is_shown(text, html):
    assert shape(formatted(text)) == html


@pytest.mark.parametrize("text", AS_TYPED)
def test_what_is_not_meant_as_formatting_stays_as_it_was_typed(text):
    html = formatted(text)
    assert words(html) == plain(text)
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br"}


NO_MARKUP = st.text(
    st.sampled_from("市场部（）：。，、…*_#1.2)【》&<>'\"`~|+=\\ \u3000\nabc-!@"), max_size=80
)


@given(NO_MARKUP)
def test_plain_text_comes_out_as_the_same_text(text):
    text = re.sub(r"\*\*+", "*", text)
    text = re.sub(r"(?m)^[ \u3000]*- ", "", text)
    text = re.sub(r"(?m)^( *)-(?=\s*$)", r"\1", text)
    assert words(formatted(text)) == plain(text)


@given(st.text(st.sampled_from("*-[]()<>\"'`!&; \n\u3000ahttps:/javscript.cn\0")))
def test_no_text_brings_a_tag_or_an_address_of_its_own(text):
    html = formatted(text)
    assert set(re.findall(r"<(\w+)", html)) <= {"p", "br", "strong", "ul", "li", "a"}
    for attributes in re.findall(r"<\w+ ([^>]*)>", html):
        assert re.fullmatch(rf'(href="(https?|mailto):[^"]*" )?{REL}', attributes, re.IGNORECASE)
