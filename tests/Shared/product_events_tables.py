#!/usr/bin/env python3
"""What the tables of `product-events` must hold, computed from day files or asked of the API itself: by nothing but Python's json and urllib.

    product_events_tables.py SOURCE FROM TO [TOKEN]     SOURCE: a folder of YYYY-MM-DD.json, or the API's http address; FROM and TO: days, both included

Prints {"tables": {table: {"columns", "key", "rows"}}, "marts": the same, "counts": {"days", "empty", "events", "keys"}}.
`key` is how many of the columns, from the left, name a row; values are texts: times to the microsecond in UTC, jsonb as PostgreSQL writes it.
"""
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

NO_EVENTS = "No event found for date"
PLAIN = ("event_type", "user_id", "amp_id", "data_type", "client_event_time", "client_upload_time", "server_upload_time", "server_received_time", "processed_time", "region", "language")
OF_THE_USER = ("initial_li_fat_id", "user_corporate_id", "user_corporate_is_demo", "user_role", "user_signup_date", "user_status")


def fetch(address, day, token):
    for attempt in range(10):
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{address}?date={day}", headers={"api-token": token}), timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            body = error.read()
            if error.code == 404:
                return json.loads(body)
            if error.code != 429 and error.code < 500:
                raise
        except (http.client.HTTPException, ConnectionError):
            pass  # a body that broke off
        time.sleep(0.1)
    raise SystemExit(f"{address} has no answer for {day}")


def read(source, day, token):
    if source.startswith("http"):
        return fetch(source, day, token)
    with open(os.path.join(source, f"{day}.json"), encoding="utf-8") as file:
        return json.load(file)


def text(value):
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def jsonb(value):
    """As PostgreSQL writes it: keys by length, then by bytes."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
    return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {jsonb(value[k])}" for k in keys) + "}"


def unless_null(word):
    return None if word is None or word.strip().lower() == "null" else word


def row(event):
    data, user = event["data"], event.get("user_properties") or {}
    country = event.get("country")
    status = user.get("user_corporate_status")
    return {
        "device_id": event["device_id"],
        "event_time": text(event["event_time"]),
        "date": datetime.fromisoformat(event["date"]).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "country": "" if country is None else unless_null(country),
        "city": unless_null(event.get("city")),
        **{name: text(event.get(name)) for name in PLAIN},
        "path": data["path"],
        "group_first_event": jsonb(data.get("group_first_event") or {}),
        "group_ids": jsonb(data.get("group_ids") or {}),
        "user_properties_updated": text(data.get("user_properties_updated")),
        **{name: text(user.get(name)) for name in OF_THE_USER},
        "initial_rtd_cid": "EMPTY" if user.get("initial_rtd_cid") is None else user["initial_rtd_cid"],
        "user_corporate_status": None if status is None else status.lower(),
    }


def average(numbers):
    """To nine places, without trailing zeros."""
    text = format((Decimal(sum(numbers)) / len(numbers)).quantize(Decimal("1e-9"), ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".")


def marts(rows):
    """From the finished rows: weeks begin on 1 January and have seven days."""
    users, corporations, daily = {}, {}, Counter()
    for row in rows:
        day = datetime.fromisoformat(row["date"]).date()
        week = str(day.year), f"{(day.timetuple().tm_yday - 1) // 7 + 1:02}"
        users.setdefault(week, set()).add(row["user_id"])
        if row["user_corporate_status"] == "active" and row["user_corporate_id"] is not None:
            corporations.setdefault(week, set()).add(row["user_corporate_id"])
        daily[week, row["user_id"], row["user_corporate_id"], day] += 1
    weekly = {}
    for (week, user, corporation, _), events in daily.items():
        weekly.setdefault((*week, user, corporation), []).append(events)
    return {
        "processed.customers_engagement": {"key": 2, "columns": ["year", "week_of_year", "active_users"], "rows": [[*week, str(len(who))] for week, who in users.items()]},
        "processed.active_corporations": {"key": 2, "columns": ["year", "week_of_year", "active_corporations"], "rows": [[*week, str(len(who))] for week, who in corporations.items()]},
        "processed.summary": {"key": 4, "columns": ["year", "week_of_year", "user_id", "user_corporate_id", "avg_events_count", "max_events_count", "min_events_count"],
                              "rows": [[*key, average(counts), str(max(counts)), str(min(counts))] for key, counts in weekly.items()]},
    }


def main(source, first, last, token=""):
    day, rows = date.fromisoformat(first), {}
    counts = {"days": 0, "empty": 0, "events": 0}
    while day <= date.fromisoformat(last):
        answer = read(source, day.isoformat(), token)
        counts["days"] += 1
        if isinstance(answer, dict):
            assert answer.get("detail") == NO_EVENTS, answer
            counts["empty"] += 1
            answer = []
        for event in answer:  # the same device and time again: what is told later counts
            counts["events"] += 1
            rows[event["device_id"], event["event_time"]] = row(event)
        day += timedelta(days=1)
    counts["keys"] = len(rows)
    columns = list(next(iter(rows.values()))) if rows else []
    table = {"key": 2, "columns": columns, "rows": [[r[c] for c in columns] for r in rows.values()]}
    json.dump({"counts": counts, "tables": {"product_events.user_events": table}, "marts": {"product_events.user_events_view": table, **marts(rows.values())}}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
