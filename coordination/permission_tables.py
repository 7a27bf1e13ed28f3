"""All permission tables written down as one: docs/permissions.md."""

import importlib
from collections.abc import Iterator

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from coordination.permissions import Table

HEAD = """\
# Who may do what

Written by `manage.py permissions` from the tables that pages, services and jobs ask; a test fails
when it is out of date.

Everything below presupposes that one is signed in, active and **sees** the thing. Seeing is one
question (`Task.objects.visible_to`), asked by every page, list, search, export, file, mail and job:

| A task that is | is seen by |
| --- | --- |
| a draft | its initiator, the head and the contacts of its department |
| submitted | the people of its departments, the heads above them, everybody named in it (owner, \
helper, contact, participant, told superior), records administrators |
| confidential | its initiator, the heads of its departments, everybody named in it or let in by \
name; counted without content in a senior manager's totals |

What one does not see does not exist (404); what one sees and may not do is refused (403). A system
administrator is no exception: without a part in a task they see nothing of it.

**A stand-in** acts, from the first day of an absence to the last, like the person who is away: as
head, contact, initiator or responsible person. The history says in whose place. Not passed on: a
signature, an acknowledgement, a reading, and confidential tasks.

| Package | Of | Act | Who may |
| --- | --- | --- | --- |
"""


def written_down() -> str:
    """The whole document."""
    rows = [
        f"| {package} | {noun} | {act} | {rule.name} |\n"
        for package, noun, table in tables()
        for act, rule in table.items()
    ]
    return HEAD + "".join(rows)


def tables() -> Iterator[tuple[str, str, Table]]:
    """(package, noun, table) of every table of our apps, in the order of the story."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "permissions"):
            module = importlib.import_module(f"{config.name}.permissions")
            for name, table in vars(module).items():
                if isinstance(table, Table) and name.isupper():
                    yield config.label, name.lower().replace("_", " "), table
