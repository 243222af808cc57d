#!/usr/bin/env python3
"""What the tables of `crm` must hold, computed from its messages and organizations.csv alone: by nothing but Python's json and csv.

    crm_tables.py MESSAGES ORGANIZATIONS     MESSAGES: a file with the body of one message a line, in base64, in any order, some more than once

Prints {"tables": {table: {"columns", "key", "rows"}}, "marts": the same, "counts": {"messages", "poison", "faulty", "events", "different"}}.
`key` is how many of the columns, from the left, name a row; values are texts: times to the microsecond in UTC. The surrogate event_sk is Quality's own choice
and so in no row here; a user's events have different times, so (id, received_at) names one. What is no JSON object is `poison`, what is no event `faulty`.
"""
import base64
import csv
import json
import re
import sys
from datetime import datetime

TYPES = ("User Created", "User Updated", "User Deleted")
FIELDS = ("username", "user_email", "user_type", "organization_name", "plan_name")


def time(text):
    """datetime, or None for what is no time."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6}", text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f")
    except ValueError:
        return None


def written(moment):
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def event(body, counts):
    """(id, received_at, event_type, the other five), or None."""
    try:
        message = json.loads(body.decode("utf-8"))
    except ValueError:
        message = None
    if not isinstance(message, dict):
        counts["poison"] += 1
        return None
    number, at = message.get("id"), time(message.get("received_at"))
    others = [message.get(name) for name in FIELDS]
    if not isinstance(number, int) or isinstance(number, bool) or at is None or message.get("event_type") not in TYPES or any(not isinstance(o, (str, type(None))) for o in others):
        counts["faulty"] += 1
        return None
    counts["events"] += 1
    return (number, at, message["event_type"], *others)


def versions(events):
    """Of one user: each state from its time to that of the next."""
    events = sorted(events, key=lambda e: e[1])
    for this, following in zip(events, events[1:] + [None]):
        yield [str(this[0]), written(this[1]), written(following[1]) if following else None, "false" if following else "true",
               "true" if this[2] == "User Deleted" else "false", *this[3:]]


def daily(events):
    """What happened on each day on which anything did."""
    days = {}
    for one in events:
        days.setdefault(one[1].date(), []).append(one)
    for day, on_it in days.items():
        yield [str(day), *(str(sum(e[2] == kind for e in on_it)) for kind in TYPES), str(len({e[0] for e in on_it})), str(len(on_it))]


def day(text):
    for form in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
        try:
            return written(datetime.strptime(text, form))
        except ValueError:
            pass
    return None


def main(messages, organizations):
    with open(messages, "rb") as file:
        bodies = [base64.b64decode(line) for line in file]
    counts = {"messages": len(bodies), "poison": 0, "faulty": 0, "events": 0}
    different = {e for e in (event(body, counts) for body in bodies) if e is not None}
    counts["different"] = len(different)
    users = {}
    for one in different:
        users.setdefault(one[0], []).append(one)
    with open(organizations, newline="", encoding="utf-8") as file:
        known = [[o["organization_key"], o["organization_name"], day(o["created_at"])] for o in csv.DictReader(file)]
    json.dump({"counts": counts, "tables": {
        "raw.user_events": {"key": 2, "columns": ["id", "received_at", "event_type", *FIELDS], "rows": [[str(e[0]), written(e[1]), *e[2:]] for e in different]},
        "crm.users_dim": {"key": 2, "columns": ["id", "valid_from", "valid_to", "is_valid", "is_deleted", *FIELDS], "rows": [v for events in users.values() for v in versions(events)]},
        "crm.organizations_dim": {"key": 1, "columns": ["organization_key", "organization_name", "created_at"], "rows": known},
    }, "marts": {
        "reports.user_events_daily": {"key": 1, "columns": ["event_date", "n_created", "n_updated", "n_deleted", "n_unique", "n_total"], "rows": list(daily(different))},
    }}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
