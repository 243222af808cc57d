#!/usr/bin/env python3
"""What the tables of `cards` must hold, computed from an inbox alone: by nothing but Python's json and what is said of the pipeline.

    cards_tables.py INBOX     prints {"tables": {table: {"columns", "key", "rows"}}, "counts": {folder: {"read", "broken", "refused"}}}

`key` is how many of the columns, from the left, name a row; values are texts: times to the microsecond in UTC, numbers as PostgreSQL writes them.
Files that do not parse are counted as `broken`, events of cards without user_id as `refused`: they are in no table.
"""
import json
import os
import stat
import sys
from datetime import datetime


def events(folder):
    """Yields each regular *.json file's event, None where it is no JSON object."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith(".") or not name.endswith(".json") or not stat.S_ISREG(os.lstat(path).st_mode):
            continue
        with open(path, "rb") as file:
            try:
                event = json.loads(file.read().decode("utf-8-sig"))
            except ValueError:
                event = None
        yield event if isinstance(event, dict) else None


def time(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S.%f") if text is not None else None


def text(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0")


def order(event):
    """Which of two states of one key is the later: event_at, then updated_at, then event_id; never the file's time."""
    meta, payload = event["metadata"], event["payload"]
    return meta["event_at"], payload.get("updated_at") or "", meta["event_id"]


def latest(accepted):
    state = {}
    for event in sorted(accepted, key=order):
        state[event["payload"]["id"]] = event
    return list(state.values())


def user(event):
    return [text(event["payload"].get(name)) for name in ("id", "name", "address", "job", "score")]


def state_of_card(payload):
    return [text(payload["user_id"]), payload.get("created_by_name"), text(payload.get("active")), time(payload.get("created_at")), time(payload.get("updated_at"))]


def happened(event):
    return [event["metadata"]["event_id"], time(event["metadata"]["event_at"])]


def main(inbox):
    users, cards, counts = [], [], {}
    for folder, kept in (("users", users), ("cards", cards)):
        count = counts[folder] = {"read": 0, "broken": 0, "refused": 0}
        for event in events(os.path.join(inbox, folder)):
            if event is None:
                count["broken"] += 1
                continue
            count["read"] += 1
            if folder == "cards" and event["payload"].get("user_id") is None:
                count["refused"] += 1
            else:
                kept.append(event)

    state = ["user_id", "created_by_name", "active", "created_at", "updated_at"]
    json.dump({"counts": counts, "tables": {
        "cards.user_events": {"key": 1, "columns": ["event_id", "event_at", "id", "name", "address", "job", "score"], "rows": [happened(e) + user(e) for e in users]},
        "cards.users": {"key": 1, "columns": ["id", "name", "address", "job", "score"], "rows": [user(e) for e in latest(users)]},
        "cards.card_events": {"key": 1, "columns": ["event_id", "event_at", "card_id", *state],
                              "rows": [happened(e) + [text(e["payload"]["id"])] + state_of_card(e["payload"]) for e in cards]},
        "cards.cards": {"key": 1, "columns": ["id", *state], "rows": [[text(e["payload"]["id"])] + state_of_card(e["payload"]) for e in latest(cards)]},
    }}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
