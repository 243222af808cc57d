#!/usr/bin/env python3
"""What the table of `product-events` must hold, computed from day files or asked of the API itself: by nothing but Python's json and urllib.

    product_events_tables.py SOURCE FROM TO [TOKEN]     SOURCE: a folder of YYYY-MM-DD.json, or the API's http address; FROM and TO: days, both included

Prints {"tables": {table: {"columns", "key", "rows"}}, "counts": {"days", "empty", "events", "keys"}}.
`key` is how many of the columns, from the left, name a row; values are texts: times to the microsecond in UTC, jsonb as PostgreSQL writes it.
"""
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import date, datetime, timedelta

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
    json.dump({"counts": counts, "tables": {"product_events.user_events": {"key": 2, "columns": columns, "rows": [[r[c] for c in columns] for r in rows.values()]}}}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
