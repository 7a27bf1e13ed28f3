THINGS = {
 "accounts:department_detail":"market","accounts:department_edit":"market","accounts:department_activate":"service","accounts:department_deactivate":"service",
 "accounts:contact_name":"market","accounts:contact_remove":"contact","accounts:person_edit":"stranger","accounts:person_password":"stranger",
 "accounts:person_activate":"stranger","accounts:person_deactivate":"stranger",
 "tasks:task_detail":"running","tasks:task_history":"running","tasks:task_edit":"draft","tasks:task_autosave":"draft","tasks:task_submit":"draft","tasks:task_discard":"draft",
 "tasks:task_revise":"running","tasks:task_cancel":"running","tasks:consult_answer":"asked","tasks:ask_again":"commented","tasks:name_contact":"commented","tasks:open_assignment":"consultation",
 "tasks:assignment":"assignment","tasks:assignment_confirm":"assignment","tasks:take_on":"work_item","tasks:subtask_detail":"subtask","tasks:subtask_edit":"subtask","tasks:subtask_cancel":"subtask","tasks:subtask_finish":"subtask","tasks:subtask_reopen":"subtask_done",
 "tasks:support_ask":"subtask","tasks:support_answer":"support_asked","tasks:support_deliver":"support_promised","tasks:support_withdraw":"support_asked","tasks:progress_report":"subtask",
 "communications:communication_list":"running","communications:communication_schedule":"running","communications:we_talked":"running",
 "communications:communication_detail":"talk_logged","communications:communication_edit":"talk_ahead","communications:communication_cancel":"talk_ahead","communications:communication_complete":"talk_held","communications:communication_correct":"talk_logged",
 "communications:action_item_done":"item","communications:action_item_reopen":"item_done","communications:action_item_edit":"item","communications:action_item_cancel":"item",
 "issues:issue_list":"running","issues:issue_create":"running","issues:issue_detail":"issue","issues:issue_edit":"issue","issues:attempt_add":"issue","issues:issue_grade":"issue","issues:issue_report":"issue","issues:solution_record":"issue","issues:solution_answer":"issue_solving","issues:issue_close":"issue_answered","issues:issue_return":"issue_answered",
 "reviews:review_detail":"reviewing","reviews:review_edit":"reviewing","reviews:task_finish":"running","reviews:task_resume":"reviewing",
 "records:record_detail":"running","records:record_pdf":"running","records:record_workbook":"running","records:sign_off":"reviewing",
 "deadlines:message_detail":"failed_mail","deadlines:message_retry":"failed_mail",
}
from coordination.tests.test_roles import *
import time
def test_gen(world):
    out=open("/tmp/roles/table.txt","w")
    extra=[("tasks:task_detail","draft"),("tasks:task_detail","consultation"),("tasks:task_detail","archived"),("records:record_pdf","archived"),("records:record_detail","draft"),("communications:communication_detail","talk_ahead"),("deadlines:message_detail","failed_mail")]
    t=time.time()
    for name,thing in [(n,THINGS.get(n,"-")) for n in addresses()]+extra:
        url=world.address(name,thing)
        r=["".join(answer(world,m,url,p) for p in PEOPLE.values()) for m in ("get","post")]
        out.write(f"{name:40} {thing:17} {r[0]}  {r[1]}\n"); out.flush()
    print(time.time()-t)
