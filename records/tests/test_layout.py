"""The printed form in Chinese uses the words of the paper form, in its order."""

from records.layout import lay_out
from records.tests.example import RECORD

TERMS = {
    "任务基本信息": [
        "任务编号", "任务名称", "发起部门", "发起人", "任务目标", "任务起止时间", "涉及部门",
        "任务背景", "关键环节", "可调配资源", "潜在风险点",
    ],
    "任务分配与进度跟踪": [
        "子任务名称", "责任部门", "责任人", "子任务目标", "所需支持", "计划完成时间", "计划进度",
        "实际进度", "状态", "偏差原因/备注",
    ],
    "沟通记录": [
        "沟通时间", "参与人员（部门+姓名）", "沟通方式", "沟通主题", "关键结论",
        "待办事项（谁、做什么、何时完成）", "记录人", "记录时间",
    ],
    "问题与解决措施": [
        "问题描述", "发生时间", "责任部门", "问题原因", "已尝试的解决方案", "解决措施",
        "新完成时限", "解决结果", "负责人",
    ],
    "任务总结": ["成功经验", "改进方向", "归档日期", "发起部门负责人签字"],
}  # fmt: skip


def labels(part):
    for block in part.blocks:
        if block.is_grid:
            yield from (field.label for row in block.fields for field in row)
        else:
            yield from (column.label for column in block.columns)


def test_parts_and_labels_stand_as_on_the_paper_form():
    form = lay_out(RECORD, "zh-hans")
    assert form.title == "跨部门协作任务分配与沟通记录表"
    assert [part.name for part in form.parts[:5]] == list(TERMS)
    for part in form.parts[:5]:
        found = [label.partition("\n")[0] for label in labels(part)]
        places = [found.index(term) for term in TERMS[part.name]]
        assert places == sorted(places), part.name


def test_the_answer_to_an_issue_is_ticked_as_the_form_does_it():
    issue = lay_out(RECORD, "zh-hans").parts[3].blocks[0]
    answers = [f.text for row in issue.fields for f in row if f.label == "解决结果"]
    assert answers == ["☐ 已解决  ☑ 未解决", "☑ 已解决  ☐ 未解决"]
