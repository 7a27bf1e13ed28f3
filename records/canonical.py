"""The one way to write a record down, so that equal records give equal bytes.

JSON in UTF-8: keys sorted by code point, no spaces, no escapes but those JSON demands, no NaN.
Moments are ISO 8601 in UTC, days `2024-10-31`, decimals text without trailing zeros
(coordination.plain.to_plain). Beside the parts of the record stands "format", the number of the way
they are written (records.record.FORMAT). The check code of an archive is

    SHA-256( check code of the archive before it + line feed + canonical JSON )

in hexadecimal, both texts in UTF-8; the first archive follows GENESIS. Anybody can recompute it:
`printf '%s\\n%s' "$previous" "$record" | sha256sum`.
"""

import hashlib
import json

from coordination.plain import to_plain
from records.record import FORMAT, TaskRecord

GENESIS = "0" * 64
"""Stands before the first archive."""


def canonical(record: TaskRecord) -> str:
    """The record as canonical JSON. Raises ValueError for a number that JSON does not know."""
    return json.dumps(
        {"format": FORMAT, **to_plain(record)},
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )


def check_code(record: str, previous: str) -> str:
    """The SHA-256 of canonical JSON, chained to the check code before it; 64 hex digits."""
    return hashlib.sha256(f"{previous}\n{record}".encode()).hexdigest()
