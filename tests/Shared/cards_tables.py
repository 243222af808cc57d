#!/usr/bin/env python3
"""What the tables of `cards` must be, computed from an inbox alone: by nothing but json and the rules in docs/sources.md.

    cards_tables.py INBOX OUT     writes OUT/users.csv, OUT/card_events.csv, OUT/cards.csv and OUT/counts.json

Rows are sorted by key; NULL is empty, text is quoted, times are ISO 8601 in UTC, numbers as PostgreSQL writes them in a text column cast.
Files that do not parse are counted as `broken`, events of cards without user_id as `refused`: they are in no table.
"""
import csv
import json
import os
import stat
import sys
from datetime import datetime


def events(folder):
    """Yields (file name, event) of each regular *.json file, event None where it is no JSON object."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith(".") or not name.endswith(".json") or not stat.S_ISREG(os.lstat(path).st_mode):
            continue
        with open(path, "rb") as file:
            try:
                event = json.loads(file.read().decode("utf-8-sig"))
            except ValueError:
                event = None
        yield name, event if isinstance(event, dict) else None


def time(text):
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%dT%H:%M:%SZ")


def truth(value):
    return "t" if value else "f"


def order(event):
    """Which of two states of one key is the later: event_at, then updated_at, then event_id; never the file's time."""
    meta, payload = event["metadata"], event["payload"]
    return meta["event_at"], payload.get("updated_at", ""), meta["event_id"]


def latest(accepted):
    state = {}
    for event in accepted:
        key = event["payload"]["id"]
        if key not in state or order(event) > order(state[key]):
            state[key] = event
    return [state[key] for key in sorted(state)]


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def card(payload):
    return [payload["created_by_name"], truth(payload["active"]), time(payload["created_at"]), time(payload["updated_at"])]


def main(inbox, out):
    os.makedirs(out, exist_ok=True)
    users, cards, counts = [], {}, {}
    for folder in ("users", "cards"):
        read = broken = refused = 0
        for _, event in events(os.path.join(inbox, folder)):
            if event is None:
                broken += 1
                continue
            read += 1
            if folder == "users":
                users.append(event)
            elif event["payload"].get("user_id") is None:
                refused += 1
            else:
                cards[event["metadata"]["event_id"]] = event
        counts[folder] = {"read": read, "broken": broken, "refused": refused}

    write(os.path.join(out, "users.csv"), ["id", "name", "address", "job", "score"],
          [[u["payload"][k] for k in ("id", "name", "address", "job")] + [repr(u["payload"]["score"])] for u in latest(users)])
    write(os.path.join(out, "card_events.csv"), ["event_id", "event_at", "card_id", "user_id", "created_by_name", "active", "created_at", "updated_at"],
          [[key, time(e["metadata"]["event_at"]), e["payload"]["id"], e["payload"]["user_id"]] + card(e["payload"]) for key, e in sorted(cards.items())])
    write(os.path.join(out, "cards.csv"), ["id", "user_id", "created_by_name", "active", "created_at", "updated_at"],
          [[e["payload"]["id"], e["payload"]["user_id"]] + card(e["payload"]) for e in latest(cards.values())])
    with open(os.path.join(out, "counts.json"), "w", encoding="utf-8") as file:
        json.dump(counts, file)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
