"""A version of a week's report as PDF: the same content, the company's own fonts, no boxes."""

import re
import shutil
import subprocess

import pytest
from django.urls import reverse

from coordination.fonts import spelled_out
from weekly.models import WeeklyReport

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture
def paper(running, sign_in):
    """`paper(person, week="2024-10-14", version=1)` is what the browser gets."""

    def _paper(person, **query):
        address = reverse("weekly:pdf", args=[running.pk])
        return sign_in(person).get(address, {"week": "2024-10-14"} | query)

    return _paper


def poppler(tool, body):
    return subprocess.run(tool, input=body, capture_output=True, check=True).stdout.decode()


def text_of(response):
    """Without the breaks and blanks that columns make."""
    return re.sub(r"\s", "", poppler(["pdftotext", "-raw", "-", "-"], response.content))


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_paper_says_all_that_the_report_says(paper, report, send, cast, language):
    cast.sales_head.language = language
    cast.sales_head.save()
    report("渠道铺设", 60, cause="waiting", reason="海报晚到", next_steps="补齐三家门店")
    send("10-14", "10-21 10:00")
    text = text_of(paper(cast.sales_head))
    said = ["示例公司", "2024-市场-001", "Q4新品上市推广项目", "渠道铺设", "专员C", "60%",
            "海报晚到", "补齐三家门店", "增加人手", "渠道按计划推进", "产品培训", "v1",
            "研发部经理B"]  # fmt: skip
    said += {
        "en": ["14–20Oct", "40%behind", "neverreported", "Page1of", "Needsattention"],
        "zh-hans": ["滞后40%", "2024年10月21日10:00", "10月15日"],
    }[language]
    assert [words for words in said if words not in text] == []


@needs_poppler
def test_a_later_version_shows_what_it_puts_right_and_the_first_stays(paper, report, send, cast):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    send("10-14", "10-21 10:00")
    report("渠道铺设", 70, "10-21 14:00", week=WeeklyReport.objects.get().sync.week,
           cause="waiting", reason="海报晚到", version=1, correction="漏报")  # fmt: skip
    send("10-14", "10-21 15:00", seen=1, reason="数字有误")
    last, first = (text_of(paper(cast.sales_head, **q)) for q in ({}, {"version": 1}))
    assert "60%→70%" in last
    assert "数字有误" in last
    assert "70%" not in first


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="pdffonts is not installed")
def test_only_our_own_fonts_are_used_and_all_are_embedded(paper, send, cast):
    send("10-14", "10-21 10:00", summary="顺利 😀☑")
    body = paper(cast.sales_head).content
    lines = poppler(["pdffonts", "-"], body).splitlines()[2:]
    assert lines
    for line in lines:
        assert re.search(r"\+Record", line), line
        assert re.search(r"\byes +yes +yes\b", line), line
    assert "[GRINNINGFACE]☑" in re.sub(r"\s", "", poppler(["pdftotext", "-raw", "-", "-"], body))


def test_a_character_without_a_glyph_is_named():
    assert spelled_out("好😀\u200d☑\n") == "好[GRINNING FACE]☑\n"


def test_what_was_never_issued_is_no_paper(paper, send, cast):
    assert paper(cast.sales_head).status_code == 404
    send("10-14", "10-21 10:00")
    answer = paper(cast.sales_head)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "2024-10-14%20v1.pdf" in answer["Content-Disposition"]
    for query in ({"version": 2}, {"version": "x"}):
        assert paper(cast.sales_head, **query).status_code == 404


def test_who_may_not_see_the_task_gets_no_paper(paper, send, cast):
    send("10-14", "10-21 10:00")
    assert paper(cast.outsider).status_code == 404


def test_the_page_of_a_version_leads_to_its_paper(running, send, cast, sign_in):
    issued = send("10-14", "10-21 10:00")
    page = sign_in(cast.sales_head).get(issued.get_absolute_url()).content.decode()
    address = reverse("weekly:pdf", args=[running.pk])
    assert f'href="{address}?week=2024-10-14&amp;version=1"' in page
