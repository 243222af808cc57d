"""Fills app.accounts and app.orders the way people do it by hand: pymongo reads, psycopg2 writes. No column and no schema of Quality's.

  fill_accounts.py MONGO_URI     (PostgreSQL by PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE)
"""
import json
import sys

import bson
import psycopg2
import psycopg2.extras
import pymongo


def uuid_of(value):
    """Older versions of pymongo give a UUID, newer ones a Binary."""
    return value.as_uuid(4) if isinstance(value, bson.Binary) else value


database = pymongo.MongoClient(sys.argv[1])["app"]
with psycopg2.connect("") as warehouse, warehouse.cursor() as cursor:
    cursor.execute(
        "CREATE SCHEMA app;"
        "CREATE TYPE app.state AS ENUM ('open', 'closed');"
        "CREATE TABLE app.accounts (_id varchar(24) PRIMARY KEY, full_name varchar(100), state app.state, visits smallint, points bigint, score double precision,"
        " balance numeric(12, 2), created timestamp(3), seen timestamptz(0), subscribed boolean, tags varchar(20)[], profile json, note text, city text, _batch integer);"
        "CREATE TABLE app.orders (id uuid PRIMARY KEY, account varchar(24), total numeric, note text)"
    )
    psycopg2.extras.execute_values(
        cursor,
        "INSERT INTO app.accounts VALUES %s",
        [
            (
                str(a["_id"]), a.get("fullName"), a.get("state"), a.get("visits"), a.get("points"), a.get("score"), a.get("balance"),
                a["created"], a["seen"].isoformat() + "Z", a.get("subscribed"), a.get("tags"), json.dumps(a["profile"]) if "profile" in a else None,
                a.get("note") or "", a["address"].get("city", "").strip(), 1,
            )
            for a in database["accounts"].find()
        ],
        page_size=1000,
    )
    psycopg2.extras.execute_values(
        cursor,
        "INSERT INTO app.orders VALUES %s",
        [(str(uuid_of(o["_id"])), str(o["account"]), o["total"].to_decimal(), o.get("note")) for o in database["orders"].find()],
        page_size=1000,
    )
