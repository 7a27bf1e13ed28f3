"""Who gets which answer at which address: one table of people × everything that can be opened.

A row has the name of the address, the thing it is about (see world.py), and the answers to GET and
to POSTing an empty form:

    +  shown              >  done, or leads on       e  refused with what is wrong (422)
    i  leads to sign-in   -  not allowed (403)       0  as if it did not exist (404)
                                                     x  no such act (405)
"""

import pytest
from django.db import transaction
from django.urls import reverse

from coordination.tests.world import addresses

PEOPLE = {
    "N": "nobody",
    "A": "director",  # above all departments but 财务部
    "D": "market_head",  # has initiated the tasks
    "H": "market_staff",
    "G": "sales_head",  # 销售部 and 研发部 collaborate
    "C": "sales_staff",
    "F": "research_contact",
    "E": "service_head",  # 客服部 and 财务部 take no part
    "K": "outsider",
    "R": "records",
    "S": "admin",
}
SIGNS = {200: "+", 302: ">", 403: "-", 404: "0", 405: "x", 422: "e"}

TABLE = """
#                                                       NADHGCFEKRS  NADHGCFEKRS
home                                   -                i++++++++++  ixxxxxxxxxx
dashboards:here                        -                ixxxxxxxxxx  i>>>>>>>>>>
dashboards:due                         -                i++++++++++  ixxxxxxxxxx

account_login                          -                +>>>>>>>>>>  e>>>>>>>>>>
account_logout                         -                xxxxxxxxxxx  iiiiiiiiiii
mfa_authenticate                       -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_login_webauthn                     -                i>>>>>>>>>>  i>>>>>>>>>>
openid_connect_login                   -                xxxxxxxxxxx  00000000000
openid_connect_callback                -                00000000000  xxxxxxxxxxx
account_reauthenticate                 -                i++++++++++  ieeeeeeeeee
mfa_reauthenticate                     -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_reauthenticate_webauthn            -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_activate_totp                      -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_deactivate_totp                    -                i0000000000  i0000000000
mfa_add_webauthn                       -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_remove_webauthn                    passkey          i0000000000  i0000000000
mfa_view_recovery_codes                -                i>>>>>>>>>>  i>>>>>>>>>>
mfa_generate_recovery_codes            -                i0000000000  i0000000000
person_sign_in                         stranger         i---------+  i---------x
person_second_factor_take              stranger         ixxxxxxxxxx  i--------->
person_sessions_end                    stranger         ixxxxxxxxxx  i--------->
account_reset_password                 -                +++++++++++  eeeeeeeeeee
account_reset_password_from_key        -                +++++++++++  eeeeeeeeeee
account_change_password                -                i++++++++++  ieeeeeeeeee
mfa_index                              -                i++++++++++  ixxxxxxxxxx
account_session_end                    session          ixxxxxxxxxx  i0000000>00
account_sessions_end_others            -                ixxxxxxxxxx  i>>>>>>>>>>

accounts:set_language                  -                xxxxxxxxxxx  >>>>>>>>>>>
accounts:profile                       -                i++++++++++  ieeeeeeeeee
accounts:unsubscribe                   unsubscribe      +++++++++++  >>>>>>>>>>>
accounts:department_list               -                i++++++++++  ixxxxxxxxxx
accounts:department_create             -                i---------+  i---------e
accounts:department_detail             market           i++++++++++  ixxxxxxxxxx
accounts:department_edit               market           i---------+  i---------e
accounts:department_activate           service          ixxxxxxxxxx  i--------->
accounts:department_deactivate         service          ixxxxxxxxxx  i--------->
accounts:contact_name                  market           ixxxxxxxxxx  i->------->
accounts:contact_remove                contact          ixxxxxxxxxx  i--------->
accounts:person_list                   -                i++++++++++  ixxxxxxxxxx
accounts:person_create                 -                i---------+  i---------e
accounts:person_detail                 stranger         i++++++++++  ixxxxxxxxxx
accounts:person_edit                   stranger         i---------+  i---------e
accounts:person_password               stranger         i---------+  i---------e
accounts:person_activate               stranger         ixxxxxxxxxx  i--------->
accounts:person_deactivate             stranger         ixxxxxxxxxx  i--------->
accounts:person_hand_over              colleague        i-+-------+  i-e-------e
accounts:absence_plan                  colleague        i-++------+  i-ee------e
accounts:absence_edit                  absence          i-++------+  i-ee------e
accounts:absence_end                   absence          ixxxxxxxxxx  i->>------>
accounts:organisation_edit             -                i---------+  i---------e
accounts:number_example                -                i---------+  i---------+
accounts:import_upload                 -                i---------+  i---------e
accounts:import_template               -                i---------+  i---------+
accounts:import_preview                -                i---------+  i---------x
accounts:import_store                  -                ixxxxxxxxxx  i--------->
accounts:import_discard                -                ixxxxxxxxxx  i--------->

tasks:task_list                        -                i++++++++++  ixxxxxxxxxx
tasks:task_create                      -                i++++++++++  ieeeeeeeeee
tasks:wording                          -                ixxxxxxxxxx  i++++++++++
tasks:task_detail                      running          i++++++00+0  ixxxxxx00x0
tasks:task_detail                      draft            i0+00000000  i0x00000000
tasks:task_detail                      consultation     i++++++00+0  ixxxxxx00x0
tasks:task_detail                      archived         i++++++00+0  ixxxxxx00x0
tasks:task_history                     running          i++++++00+0  ixxxxxx00x0
tasks:who_sees                         running          i++++++00+0  i-e----00-0
tasks:who_sees                         confidential     i++0+000000  i-e0-000000
tasks:make_confidential                running          ixxxxxxxxxx  i->----00-0
tasks:make_open                        confidential     ixxxxxxxxxx  i->0-000000
tasks:stop_seeing                      let_in           ixxxxxxxxxx  i->0-000000
tasks:task_detail                      confidential     i++0+000000  ixx0x000000
tasks:task_edit                        draft            i0+00000000  i0e00000000
tasks:task_autosave                    draft            ixxxxxxxxxx  i0e00000000
tasks:task_submit                      draft            i0+00000000  i0e00000000
tasks:task_discard                     draft            ixxxxxxxxxx  i0>00000000
tasks:task_revise                      running          i-+----00-0  i-e----00-0
tasks:task_cancel                      running          i-+----00-0  i-e----00-0
tasks:consult_answer                   asked            i-----+00-0  i-----e00-0
tasks:ask_again                        commented        ixxxxxxxxxx  i->----00-0
tasks:name_contact                     commented        i---+--00-0  i---e--00-0
tasks:open_assignment                  consultation     ixxxxxxxxxx  i->----00-0
tasks:assignment                       assignment       i++++++00+0  ixxxxxx00x0
tasks:assignment_confirm               assignment       ixxxxxxxxxx  i->----00-0
tasks:take_on                          work_item        i-+-+-+00-0  i-e-e-e00-0
tasks:subtask_detail                   subtask          i++++++00+0  ixxxxxx00x0
tasks:subtask_edit                     subtask          i---+--00-0  i---e--00-0
tasks:subtask_cancel                   subtask          i---+--00-0  i---e--00-0
tasks:subtask_finish                   subtask          ixxxxxxxxxx  i--->>-00-0
tasks:subtask_reopen                   subtask_done     i-++---00-0  i-ee---00-0
tasks:support_ask                      subtask          i---++-00-0  i---ee-00-0
tasks:support_answer                   support_asked    i-----+00-0  i-----e00-0
tasks:support_deliver                  support_promised ixxxxxxxxxx  i----->00-0
tasks:support_withdraw                 support_asked    ixxxxxxxxxx  i--->>-00-0
tasks:plan                             subtask          i---++-00-0  i---ee-00-0

attachments:file_list                  running          i++++++00+0  ixxxxxx00x0
attachments:file_list                  archived         i++++++00+0  ixxxxxx00x0
attachments:file_list                  draft            i0+00000000  i0x00000000
attachments:attach                     file_place       i-+++++00-0  i-eeeee00-0
attachments:attach                     subtask_place    i-+++++00-0  i-eeeee00-0
attachments:file_download              file             i++++++00+0  ixxxxxxxxxx
attachments:file_withdraw              file             ixxxxxxxxxx  i->-->-00-0

weekly:my_week                         -                i++++++++++  i>>>>>>>>>>
weekly:week                            running          i++++++00+0  ixxxxxx00x0
weekly:week                            consultation     i++++++00+0  ixxxxxx00x0
weekly:pdf                             running          i++++++00+0  ixxxxxx00x0
weekly:pdf                             consultation     i0000000000  ixxxxxx00x0
weekly:send                            running          i-+----00-0  i-e----00-0
weekly:reading_confirm                 reading          ixxxxxxxxxx  i--->--00-0

communications:communication_list      running          i++++++00+0  ixxxxxx00x0
communications:communication_schedule  running          i-+-+-+00-0  i-e-e-e00-0
communications:we_talked               running          i-+++++00-0  i-eeeee00-0
communications:communication_detail    talk_logged      i++++++00+0  ixxxxxx00x0
communications:communication_detail    talk_ahead       i++++++00+0  ixxxxxx00x0
communications:communication_edit      talk_ahead       i-+-+--00-0  i-e-e--00-0
communications:communication_cancel    talk_ahead       i-+-+--00-0  i-e-e--00-0
communications:communication_complete  talk_held        i-+----00-0  i-e----00-0
communications:communication_correct   talk_logged      i-+----00-0  i-e----00-0
communications:conclusions_note        -                ixxxxxxxxxx  i++++++++++
communications:action_item_done        item             i-+--+-00-0  i->-->-00-0
communications:action_item_reopen      item_done        i-+--+-00-0  i-e--e-00-0
communications:action_item_edit        item             i-+----00-0  i-e----00-0
communications:action_item_cancel      item             i-+----00-0  i-e----00-0

issues:issue_list                      running          i++++++00+0  ixxxxxx00x0
issues:issue_create                    running          i-+++++00-0  i-eeeee00-0
issues:issue_detail                    issue            i++++++00+0  ixxxxxx00x0
issues:issue_edit                      issue            i-++-+-00-0  i-ee-e-00-0
issues:attempt_add                     issue            i-++-+-00-0  i-ee-e-00-0
issues:issue_grade                     issue            i-++-+-00-0  i-ee-e-00-0
issues:issue_report                    issue            i-++-+-00-0  i->>->-00-0
issues:escalation_acknowledge          escalation       i-+----00-0  i->----00-0
issues:solution_record                 issue            i-+----00-0  i-e----00-0
issues:solution_answer                 issue_solving    i-++---00-0  i-ee---00-0
issues:issue_close                     issue_answered   ixxxxxxxxxx  i->----00-0
issues:issue_return                    issue_answered   i-+----00-0  i-e----00-0

reviews:review_detail                  reviewing        i++++++00+0  ixxxxxx00x0
reviews:review_edit                    reviewing        i-+----00-0  i-e----00-0
reviews:task_finish                    running          ixxxxxxxxxx  i->----00-0
reviews:task_resume                    reviewing        i-+----00-0  i-e----00-0

records:record_detail                  running          i++++++00+0  ixxxxxx00x0
records:record_detail                  draft            i0000000000  i0000000000
records:record_annex                   running          i++++++00+0  ixxxxxx00x0
records:record_annex                   archived         i++++++00+0  ixxxxxx00x0
records:record_pdf                     running          i++++++00+0  ixxxxxx00x0
records:record_pdf                     archived         i++++++00+0  ixxxxxx00x0
records:record_workbook                running          i++++++00+0  ixxxxxx00x0
records:sign_off                       reviewing        i-+----00-0  i-e----00-0

dashboards:overview                    -                i++++++++++  ixxxxxxxxxx
dashboards:overview_file               -                i++++++++++  ixxxxxxxxxx
dashboards:escalation_list             -                i++++++++++  ixxxxxxxxxx
dashboards:department_rates_file       -                i++++++++++  ixxxxxxxxxx
dashboards:department_rates            -                i++++++++++  ixxxxxxxxxx
dashboards:duty_list                   -                i++++++++++  ixxxxxxxxxx
dashboards:department_work             market           i+++-----+-  ixxx-----x-
dashboards:workload                    -                i++++++++++  ixxxxxxxxxx
dashboards:plan_chart                  running          i++++++00+0  ixxxxxx00x0
dashboards:plan_chart                  archived         i++++++00+0  ixxxxxx00x0
dashboards:plan_chart                  draft            i0+00000000  i0x00000000

trail:search                           -                i--------++  ixxxxxxxxxx
trail:export                           -                ixxxxxxxxxx  i--------++

deadlines:calendar                     -                i++++++++++  i---------e
deadlines:calendar_year                official_year    i++++++++++  i---------e
deadlines:day_edit                     holiday          i---------+  i---------e
deadlines:day_remove                   holiday          ixxxxxxxxxx  i--------->
deadlines:year_confirm                 official_year    ixxxxxxxxxx  i--------->
deadlines:year_reopen                  official_year    ixxxxxxxxxx  i--------->
deadlines:ladder_list                  -                i---------+  i---------x
deadlines:ladder_edit                  ladder           i---------+  i---------e
deadlines:ladder_reset                 ladder           ixxxxxxxxxx  i--------->
deadlines:operations                   -                i---------+  i---------x
deadlines:retry_all                    -                ixxxxxxxxxx  i--------->
deadlines:test_mail                    -                ixxxxxxxxxx  i--------->
deadlines:message_list                 -                i---------+  ixxxxxxxxxx
deadlines:notification_list            -                i++++++++++  ixxxxxxxxxx
deadlines:notification_detail          failed_mail      i00+0000000  ixxxxxxxxxx
deadlines:notifications_seen           -                ixxxxxxxxxx  i>>>>>>>>>>
deadlines:message_detail               failed_mail      i00+000000+  ixxxxxxxxxx
deadlines:message_retry                failed_mail      ixxxxxxxxxx  i00-000000>
"""

ROWS = [line.split() for line in TABLE.splitlines() if line and line[0] != "#"]

USUAL = ["market_head", "admin", "research_contact", "sales_head", "market_staff", "nobody"]


def who_opens(get) -> str:
    shown = {person for person, sign in zip(PEOPLE.values(), get, strict=True) if sign == "+"}
    return next(person for person in USUAL if person in shown)


PAGES = [(name, thing, who_opens(get)) for name, thing, get, _post in ROWS if "+" in get]
"""Every page, with somebody who may open it; for the other tests that walk them all."""


def test_every_address_has_its_row():
    assert sorted({name for name, *_rest in ROWS}) == sorted(addresses())


@pytest.mark.once
@pytest.mark.parametrize(("name", "thing", "get", "post"), ROWS, ids=lambda text: text)
def test_everybody_gets_the_answer_of_the_table(world, name, thing, get, post):
    url = world.address(name, thing)
    found = {
        method: "".join(answer(world, method, url, person) for person in PEOPLE.values())
        for method in ("get", "post")
    }
    assert found == {"get": get, "post": post}


def answer(world, method, url, person, data=None) -> str:
    """The sign of the answer; whatever the request did is undone."""
    with transaction.atomic():
        response = getattr(world.browser(person), method)(url, data)
        transaction.set_rollback(True)
    if response.headers.get("Location", "").startswith(reverse("account_login")):
        return "i"
    return SIGNS.get(response.status_code, str(response.status_code))
