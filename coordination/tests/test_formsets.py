"""Rows of a form: empty ones are passed over, with and without script."""

from django import forms

from coordination.formsets import RowForm, row_formset


class MeasureForm(RowForm):
    what = forms.CharField(max_length=50)


def rows(**data):
    management = {"m-TOTAL_FORMS": "3", "m-INITIAL_FORMS": "0"}
    return row_formset(MeasureForm)(management | data, prefix="m")


def test_an_empty_row_that_only_has_a_place_is_no_row():
    formset = rows(**{"m-0-what": "b", "m-0-ORDER": "2", "m-1-what": "", "m-1-ORDER": "3"})
    assert formset.is_valid(), formset.errors
    assert formset.rows == [{"what": "b"}]


def test_rows_come_in_the_order_they_were_left_without_the_removed_ones():
    formset = rows(
        **{
            "m-0-what": "b",
            "m-0-ORDER": "2",
            "m-0-id": "7",
            "m-1-what": "a",
            "m-1-ORDER": "1",
            "m-2-what": "c",
            "m-2-ORDER": "3",
            "m-2-DELETE": "on",
        }
    )
    assert formset.is_valid(), formset.errors
    assert formset.rows == [{"what": "a"}, {"what": "b", "id": 7}]


def test_more_rows_than_allowed_are_refused_not_cut():
    formset = row_formset(MeasureForm)(
        {"m-TOTAL_FORMS": "500", "m-INITIAL_FORMS": "0"} | {f"m-{n}-what": "x" for n in range(500)},
        prefix="m",
    )
    assert not formset.is_valid()
