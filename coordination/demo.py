"""The demo: a small company, the worked example archived in 2024, and work of this week.

Everything goes through the services, each person acting as themselves at the moment it happened,
so the demo's history reads like a real one.
"""

import datetime as dt

from django.db.models import F
from django.utils import timezone

from accounts.models import Contact, Department, Membership, Organisation, User
from coordination.demo_tasks import complaint, product_launch, yearly_budget
from deadlines.models import Message
from deadlines.punctuality import count_punctuality
from weekly.services.weeks import open_weeks

PASSWORD = "kuabumen-demo"  # noqa: S105

# (name of the department, short name, department above)
DEPARTMENTS = [
    ("总经办", "总办", None),
    ("市场部", "市场", "总经办"),
    ("销售部", "销售", "总经办"),
    ("研发部", "研发", "总经办"),
    ("客服部", "客服", "总经办"),
    ("运营部", "运营", "总经办"),
    ("财务部", "财务", None),
]

# (sign-in name, name, department, heads it, contact of it)
PEOPLE = [
    ("director", "总监A", "总经办", True, False),
    ("market.d", "经理D", "市场部", True, False),
    ("market.h", "专员H", "市场部", False, True),
    ("sales.g", "主管G", "销售部", True, False),
    ("sales.a", "专员A", "销售部", False, False),
    ("sales.c", "专员C", "销售部", False, False),
    ("research.b", "经理B", "研发部", True, False),
    ("research.f", "工程师F", "研发部", False, True),
    ("service.e", "主管E", "客服部", True, False),
    ("operations.k", "经理K", "运营部", True, False),
    ("operations.c", "专员C", "运营部", False, False),
    ("finance.j", "经理J", "财务部", True, False),
]

# What `manage.py up` prints: (sign-in name, password, who).
ACCOUNTS = [
    ("market.d", PASSWORD, "市场部 经理D"),
    ("sales.g", PASSWORD, "销售部 主管G"),
    ("research.f", PASSWORD, "研发部 工程师F"),
    ("market.h", PASSWORD, "市场部 专员H"),
    ("director", PASSWORD, "总经办 总监A"),
    ("finance.j", PASSWORD, "财务部 经理J"),
    ("records", PASSWORD, "档案管理员"),
    ("admin", PASSWORD, "系统管理员"),
]


def load(now: dt.datetime) -> bool:
    """Loads the demo into an empty installation; returns False where anybody exists already."""
    if User.objects.exists():
        return False
    departments, people = load_company()
    product_launch(departments, people, PASSWORD)
    complaint(departments, people, now)
    yearly_budget(departments, people, now)
    open_weeks(now)
    count_punctuality(now)
    # Nobody wants the mails of two years ago, nor to find them new under the bell; reminders of
    # what is due now do go out.
    Message.objects.update(state=Message.State.CANCELLED, next_attempt_at=None)
    old = Message.objects.filter(created_at__lt=now - dt.timedelta(weeks=1))
    old.update(seen_at=F("created_at"))
    return True


def load_company() -> tuple[dict[str, Department], dict[str, User]]:
    """The organisation alone: departments by name, people by sign-in name."""
    Organisation.objects.update_or_create(pk=1, defaults={"name": "示例公司"})
    departments = _departments()
    return departments, _people(departments)


def _departments() -> dict[str, Department]:
    made = {}
    for name, short_name, above in DEPARTMENTS:
        made[name] = Department.objects.create(
            name=name, short_name=short_name, parent=made.get(above)
        )
    return made


def _people(departments) -> dict[str, User]:
    made = {}
    for username, name, department, heads, is_contact in PEOPLE:
        user = made[username] = _person(username, name)
        Membership.objects.create(user=user, department=departments[department], is_main=True)
        if heads:
            departments[department].head = user
            departments[department].save(update_fields=["head"])
        if is_contact:
            _name_contact(departments[department], user)
    _person("records", "档案管理员", is_records_administrator=True)
    _person("admin", "系统管理员", is_staff=True, is_superuser=True)
    return made


def _person(username, name, **more):
    return User.objects.create_user(
        username, email=f"{username}@example.com", password=PASSWORD, name=name, **more
    )


def _name_contact(department, user):
    Contact.objects.create(
        department=department, user=user, named_by=department.head, named_at=timezone.now()
    )
