"""A chart says the same on the screen, on paper and as a table."""

import re
from itertools import pairwise

import pytest
from defusedxml import ElementTree
from django.template.loader import render_to_string
from django.utils.translation import override

from coordination.charts import LOOKS, Chart, Kind, Series, text_width

WEEKS = ("10-07", "10-14", "10-21", "10-28")


def curve(planned=(25, 50, 75, 100), actual=(20, None, 45, None), labels=WEEKS):
    series = (Series("计划", planned, "planned"), Series("实际", actual, "actual"))
    return Chart(Kind.CURVE, "计划与实际", "周", labels, series, unit="%")


def trend(*values, kind=Kind.TREND):
    labels = tuple(str(n) for n in range(len(values)))
    return Chart(kind, "逾期", "月", labels, (Series("逾期", values, "late"),))


def svg_of(chart):
    return ElementTree.fromstring(render_to_string("includes/_chart_svg.html", {"chart": chart}))


def test_the_table_has_every_figure_and_shows_a_gap_as_a_gap():
    page = render_to_string("includes/_chart.html", {"chart": curve()})
    cells = re.findall(r'<td class="num">(.*?)</td>', page)
    assert [re.sub("<.*?>", "", cell) for cell in cells] == [
        *("25%", "20%", "50%", "–no figure", "75%", "45%", "100%", "–no figure")
    ]


def test_a_week_without_a_figure_is_not_drawn_as_zero():
    planned, actual = curve(actual=(20, 30, None, 45)).drawing.strokes
    assert len(planned.lines) == 1
    assert len(actual.lines) == 1, "the last figure stands alone and has a mark only"
    assert actual.marks.count("M") == 3


def test_percent_always_ends_at_a_hundred():
    assert [text.words for text in curve().drawing.scale] == ["0%", "25%", "50%", "75%", "100%"]


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (7, ["0", "2", "4", "6", "8"]),
        (230, ["0", "100", "200", "300"]),
        (4000, ["0", "1000", "2000", "3000", "4000"]),
    ],
)
def test_a_scale_has_even_steps_that_people_count_in(highest, scale):
    assert [text.words for text in trend(highest).drawing.scale] == scale


def test_every_figure_lies_within_the_field():
    for kind in Kind:
        drawing = trend(0, 7, 3, kind=kind).drawing
        path = "".join(s.bars + "".join(s.lines) for s in drawing.strokes)
        heights = [float(y) for y in re.findall(r"[,V]([\d.]+)", path)]
        assert heights, kind
        assert max(heights) <= 230, kind
        assert min(heights) >= float(drawing.grid[-1]), kind


def test_a_year_of_weeks_leaves_labels_that_do_not_touch():
    labels = tuple(f"2024-{week:02}周" for week in range(1, 54))
    drawing = curve(planned=tuple(range(53)), actual=(None,) * 53, labels=labels).drawing
    places = [float(text.x) for text in drawing.labels]
    assert len(places) > 4
    assert min(b - a for a, b in pairwise(places)) > text_width(labels[0])


def test_nobody_has_to_tell_two_series_by_their_colour():
    assert len({look.dash for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.mark for look in LOOKS.values()}) == len(LOOKS)


def test_the_drawing_is_the_same_in_every_language_and_has_no_style():
    with override("zh-hans"):
        chinese = render_to_string("includes/_chart_svg.html", {"chart": trend(1, 1234)})
    english = render_to_string("includes/_chart_svg.html", {"chart": trend(1, 1234)})
    assert chinese == english
    assert "style" not in english


def test_names_that_people_typed_stay_words():
    chart = Chart(Kind.TREND, "<b>x</b>", "月", ("<i>",), (Series("</script>", (1,)),))
    svg = svg_of(chart)
    assert "</script>" in [node.text for node in svg.iter() if node.text]
    assert "<b>" not in render_to_string("includes/_chart.html", {"chart": chart})


def test_a_chart_without_figures_says_so():
    page = render_to_string("includes/_chart.html", {"chart": curve((None,) * 4, (None,) * 4)})
    assert "There are no figures yet." in page
    assert "<svg" not in page
