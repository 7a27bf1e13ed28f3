"""Reads the forms of a page as a browser does, and fills them in plausibly."""

from dataclasses import dataclass, field
from urllib.parse import urljoin

import tinyhtml5
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import PASSWORD

HTML = "{http://www.w3.org/1999/xhtml}"
TABLE = "部门全称,部门简称,上级部门,负责人\n质量部,质量,,\n".encode()

PLAUSIBLE = {
    "date": "2024-10-20",
    "datetime-local": "2024-10-20T10:00",
    "number": "5",
    "password": PASSWORD,
    "text": "覆盖20家门店",
    "textarea": "研发部确认11月5日前完成20家门店的测试",
    "people": "专员C",
}


@dataclass
class Input:
    """A field of a form: its kind, what stands in it or is chosen, what may be chosen."""

    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    @property
    def plausible(self) -> list:
        """What stands in it, else something a person could have meant."""
        if self.kind == "file":
            return [SimpleUploadedFile("departments.csv", TABLE)]
        if self.kind == "email":
            return ["ann@example.com"]
        if self.kind == "several":
            return self.values
        return self.values or self.choices[:1] or [PLAUSIBLE.get(self.kind, "")]


@dataclass
class Form:
    action: str
    method: str
    inputs: dict[str, Input]

    def filled(self, **changes) -> dict:
        """What a person sends who has filled in every field; changed as said."""
        return {name: each.plausible for name, each in self.inputs.items()} | changes


def forms_of(response) -> list[Form]:
    """The forms of a page; rows that only a script would add, or that go away, are left out."""
    tree = tinyhtml5.parse(response.content.decode())
    here = response.wsgi_request.get_full_path()
    offered = {each.get("id"): _offered(each) for each in tree.iter(f"{HTML}datalist")}
    return [_form(element, here, offered) for element in tree.iter(f"{HTML}form")]


def _offered(datalist) -> list[str]:
    return [option.get("value", "") for option in datalist.iter(f"{HTML}option")]


def _form(element, here, offered) -> Form:
    """`offered`: what the lists of the page hold, by their id."""
    inputs = {}
    for each in element.iter():
        name = each.get("name", "")
        if name and "__prefix__" not in name and not name.endswith("-DELETE"):
            _read(each, name, inputs, offered)
    action = urljoin(here, element.get("action") or here)
    return Form(action, element.get("method", "get").lower(), inputs)


def _read(element, name, inputs, offered) -> None:
    tag, kind = element.tag.removeprefix(HTML), element.get("type", "text")
    if tag == "textarea":
        inputs[name] = Input("textarea", _not_empty(element.text))
    elif tag == "select":
        inputs[name] = _select(element)
    elif tag == "input" and kind in ("radio", "checkbox"):
        _tick(element, inputs.setdefault(name, Input(kind)))
    elif tag == "input":
        picks = element.get("list", "")
        kind = "people" if picks == "people" else kind
        # Of people anybody active may be meant, of other lists what they offer.
        choices = [] if picks == "people" else offered.get(picks, [])
        inputs[name] = Input(kind, _not_empty(element.get("value")), choices)


def _select(element) -> Input:
    options = list(element.iter(f"{HTML}option"))
    chosen = [o.get("value", "") for o in options if o.get("selected") is not None]
    if element.get("multiple") is not None:
        return Input("several", chosen)
    offered = [o.get("value", "") for o in options]
    # Within rows no field says that it is required, because a whole row may stay empty.
    if element.get("required") is not None or "-" in element.get("name"):
        offered = _not_empty(*offered)
    return Input("select", _not_empty(*chosen), offered)


def _tick(element, ticked) -> None:
    ticked.choices.append(element.get("value", "on"))
    if len(ticked.choices) > 1 and ticked.kind == "checkbox":
        ticked.kind = "several"
    if element.get("checked") is not None:
        ticked.values.append(ticked.choices[-1])


def _not_empty(*texts) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]
