"""Exactly one person is meant by what somebody typed, or the form asks again (R28)."""

import pytest

from accounts.models import User
from communications.people import Directory
from conftest import make_person


def meant(task, text):
    return [entry.user.name for entry in Directory(task).find(text)]


@pytest.mark.parametrize(
    "text", ["专员C", "销售部 专员C", "销售部专员C", "销售 专员C", " 销售部　专员C "]
)
def test_a_person_of_the_task_is_found_however_typed(running, text):
    assert meant(running, text) == ["专员C"]


def test_anybody_active_in_the_organisation_is_found_by_name(running, cast):
    assert meant(running, "财务部 会计K") == ["会计K"]
    assert meant(running, "会计K") == ["会计K"]
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)
    assert meant(running, "会计K") == []


@pytest.mark.parametrize(
    "text",
    ["专员C、专员H", "专员C 专员H", "市场部 专员C", "专员", "市场部", "没有这个人", "%", "_"],
)
def test_two_people_a_wrong_department_or_nobody_is_no_person(running, text):
    assert meant(running, text) == []


def test_people_of_the_same_name_are_told_apart(running, cast):
    User.objects.filter(pk=make_person("zhangwei1", cast.sales).pk).update(name="张伟")
    User.objects.filter(pk=make_person("zhangwei2", cast.sales).pk).update(name="张伟")
    entries = Directory(running).find("销售部 张伟")
    assert sorted(entry.label for entry in entries) == [
        "销售部 张伟 zhangwei1",
        "销售部 张伟 zhangwei2",
    ]
    (entry,) = Directory(running).find("销售部 张伟 zhangwei2")
    assert entry.user.username == "zhangwei2"


def test_an_english_name_with_a_space_is_found_anywhere(running, cast):
    User.objects.filter(pk=make_person("anna", cast.finance).pk).update(name="Anna Li")
    assert meant(running, "财务部 anna li") == ["Anna Li"]
