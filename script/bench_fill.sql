-- {tasks} tasks and what belongs to them, for the organisation that bench.py has made.
-- Runs on SQLite and PostgreSQL: {moment} is 2020-01-01 plus n hours, {text} some 300 characters.
-- Everything follows from the row's number, so two databases hold the same.

-- The newest twentieth is under way, the rest has ended. A third of what department 200 once
-- began lies in the oldest tenth and nothing after it.
INSERT INTO tasks_task (id, number, title, background, goal, expected_result, start_date, end_date,
  stage, created_at, submitted_at, confirmed_at, ended_at, version, department_id, initiator_id,
  pauses, is_confidential)
WITH RECURSIVE s(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM s WHERE i < {tasks}),
t AS (SELECT i,
  CASE WHEN i <= {tasks} / 10 AND i % 5 = 0 THEN 200 ELSE 1 + i * 7919 % 199 END AS department,
  CASE WHEN i <= {tasks} - {tasks} / 20
    THEN CASE WHEN i % 50 = 0 THEN 'cancelled' ELSE 'archived' END
    ELSE CASE i % 10 WHEN 0 THEN 'draft' WHEN 1 THEN 'consultation' WHEN 2 THEN 'consultation'
      WHEN 3 THEN 'assignment' WHEN 4 THEN 'assignment' WHEN 5 THEN 'review'
      ELSE 'execution' END END AS stage FROM s)
SELECT i, CASE WHEN stage <> 'draft' THEN '2024-部' || department || '-' || i END,
  substr('{text}', CAST(1 + i * 31 % 280 AS integer), 14) || i,
  '{text}', substr('{text}', 1, 100), substr('{text}', 101, 100),
  '2024-10-01', '2024-10-31', stage, {moment:i},
  CASE WHEN stage <> 'draft' THEN {moment:i} END, NULL,
  CASE WHEN stage IN ('archived', 'cancelled') THEN {moment:i} END, 1, department, department,
  '[]', i % 97 = 0
FROM t;

-- Two collaborating departments each, never the closed one; one answer in twenty never came.
INSERT INTO tasks_collaboration (answer, comment, answered_at, version, answered_by_id, contact_id,
  department_id, task_id)
SELECT CASE WHEN t.stage = 'consultation' OR t.id % 20 = 0 THEN 'pending' ELSE 'accepted' END,
  '', NULL, 1, NULL, CASE WHEN t.id % 10 = 3 THEN 201 + t.id * 13 % 4700 END,
  1 + (t.id * 7919 + k.k * (1 + t.id % 50)) % 199, t.id
FROM tasks_task t CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2) k;

INSERT INTO tasks_taskmember (user_id, task_id)
SELECT 201 + (t.id * 31 + k.k * 997) % 4700, t.id
FROM tasks_task t CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) k;

-- Person 4999 is named in five tasks and in nothing else.
INSERT INTO tasks_taskmember (user_id, task_id)
SELECT 4999, id FROM tasks_task WHERE id % ({tasks} / 5) = 7;

INSERT INTO tasks_workitem (id, position, name, task_id) SELECT id, 1, '市场调研', id FROM tasks_task;

-- A subtask of the first collaborating department where something was taken on; five for 4999.
INSERT INTO tasks_subtask (id, name, goal, scope, start_date, due_date, state, done_at, version,
  department_id, owner_id, task_id, work_item_id, pauses)
SELECT t.id, '市场调研', '覆盖20家核心门店', '', '2024-10-01', '2024-10-15',
  CASE WHEN t.ended_at IS NULL THEN 'open' ELSE 'done' END, t.ended_at, 1,
  1 + (t.id * 7919 + 1 + t.id % 50) % 199,
  CASE WHEN t.id % ({tasks} / 5) = 7 THEN 4999 ELSE 201 + t.id * 31 % 4700 END, t.id, t.id, '[]'
FROM tasks_task t WHERE t.stage IN ('execution', 'review', 'archived') OR t.id % 10 = 3;

INSERT INTO tasks_supportrequest (what, needed_by, state, promised_date, answer, answered_at,
  delivered_at, version, answered_by_id, department_id, subtask_id, asked_at)
SELECT '宣传海报设计稿', '2024-10-10', CASE WHEN t.id % 20 = 3 THEN 'asked' ELSE 'delivered' END,
  '2024-10-10', '', NULL, NULL, 1, NULL, 1 + t.id * 17 % 199, t.id, {moment:t.id}
FROM tasks_subtask t WHERE t.id % 2 = 1;

INSERT INTO audit_event (at, actor_id, actor_name, action, subject_type, subject_id, subject_label,
  task_id, changes, reason, in_place_of)
SELECT {moment:t.id}, t.initiator_id, '员工', 'task.edit', 'tasks.task', t.id, t.title, t.id,
  '{{"title": ["旧", "新"]}}', '', ''
FROM tasks_task t CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) k;

-- And one task with a long history: the newest.
INSERT INTO audit_event (at, actor_id, actor_name, action, subject_type, subject_id, subject_label,
  task_id, changes, reason, in_place_of)
SELECT {moment:t.id}, 1, '员工', 'task.edit', 'tasks.task', {tasks} - 1, t.title, {tasks} - 1, '{{}}', '', ''
FROM tasks_task t WHERE t.id % 100 = 1;

INSERT INTO deadlines_deadline (kind, subject_type, subject_id, task_id, what, context, link, due_at,
  opened_at, settled_at, settled_how, next_at, owner_id, period, rule)
SELECT 'subtask_due', 'tasks.subtask', s.id * 2 + k.k, s.task_id, s.name, '', '/', {moment:s.id},
  {moment:s.id}, CASE WHEN s.state = 'done' THEN {moment:s.id} END,
  CASE WHEN s.state = 'done' THEN 'done' ELSE '' END, NULL,
  CASE WHEN s.owner_id = 4999 THEN 4999 WHEN s.id % 5 = 0 THEN s.department_id ELSE s.owner_id END,
  '', ''
FROM tasks_subtask s CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1) k;

-- One mail in a thousand waits, failed or was withdrawn.
INSERT INTO deadlines_message (state, created_at, attempts, next_attempt_at, sent_at, last_error,
  subject, text, recipient_id, stands_alone)
SELECT CASE t.id % 3000 WHEN 0 THEN 'queued' WHEN 1000 THEN 'failed' WHEN 2000 THEN 'cancelled'
    ELSE 'sent' END,
  {moment:t.id}, 1, CASE WHEN t.id % 3000 = 0 THEN {moment:t.id} END,
  CASE WHEN t.id % 1000 > 0 THEN {moment:t.id} END, '', '提醒', substr('{text}', 1, 200),
  CASE WHEN t.id % 10 = 0 THEN t.department_id ELSE 201 + t.id * 31 % 4700 END, FALSE
FROM tasks_task t;

-- Each tells of a duty; one in ten of a change, too.
INSERT INTO deadlines_reminder (deadline_id, step, moment, role, recipient_id, message_id, created_at)
SELECT d.id, '0m', m.created_at, 'owner', m.recipient_id, m.id, m.created_at
FROM deadlines_message m JOIN deadlines_deadline d ON d.id = m.id;

INSERT INTO deadlines_notice (recipient_id, event_id, message_id, context, link, created_at, required)
SELECT m.recipient_id, e.id, m.id, '', '/', m.created_at, FALSE
FROM deadlines_message m JOIN audit_event e ON e.id = m.id
WHERE m.id % 10 = 0;
