"""The way people write it by hand: pymongo reads, psycopg2 writes, 10,000 documents at a time, safe to run again.

  handwritten.py copy|values MONGO_URI COLLECTION DOCUMENTS     (PostgreSQL by PGHOST, PGPORT, ...)

copy    COPY into a temporary table, then INSERT ... ON CONFLICT DO UPDATE
values  psycopg2.extras.execute_values with ON CONFLICT DO UPDATE

No validation, no hashes, no quarantine, no books. Prints one JSON document; the clock runs from the first connection to the last commit.
"""
import io
import itertools
import json
import sys
import time

import psycopg2
import psycopg2.extras
import pymongo

COLUMNS = ["account_id", "email", "name", "country", "status", "visits", "points", "score", "balance", "created_at", "subscribed", "remark"]
FIELDS = ["_id", "email", "name", "country", "status", "visits", "points", "score", "balance", "createdAt", "subscribed", "remark"]
BATCH = 10_000
NAMES = ", ".join(COLUMNS)
UPSERT = "ON CONFLICT (account_id) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in COLUMNS[1:])
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def flat(document):
    row = [document.get(field) for field in FIELDS]
    row[0] = str(row[0])
    row[8] = None if row[8] is None else row[8].to_decimal()
    return row


def cell(value):
    if value is None:
        return "\\N"
    return value.translate(ESCAPES) if isinstance(value, str) else str(value)


def by_copy(cursor, rows):
    cursor.execute("CREATE TEMP TABLE IF NOT EXISTS staging (LIKE by_hand) ON COMMIT DELETE ROWS")
    text = io.StringIO("".join("\t".join(map(cell, row)) + "\n" for row in rows))
    cursor.copy_expert(f"COPY staging ({NAMES}) FROM STDIN", text)
    cursor.execute(f"INSERT INTO by_hand ({NAMES}) SELECT {NAMES} FROM staging {UPSERT}")


def by_values(cursor, rows):
    psycopg2.extras.execute_values(cursor, f"INSERT INTO by_hand ({NAMES}) VALUES %s {UPSERT}", rows, page_size=1_000)


def main(variant, uri, collection, limit):
    write = {"copy": by_copy, "values": by_values}[variant]
    began = time.monotonic()
    warehouse = psycopg2.connect("")
    with warehouse, warehouse.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")  # pymongo's dates are UTC and do not say so
        cursor.execute("DROP TABLE IF EXISTS by_hand")
        cursor.execute(
            "CREATE TABLE by_hand (account_id text PRIMARY KEY, email text, name text, country text, status text, visits integer, points bigint,"
            " score double precision, balance numeric, created_at timestamptz, subscribed boolean, remark text)"
        )
    documents = pymongo.MongoClient(uri)["flat"][collection].find().sort("_id", 1).limit(limit)
    rows = 0
    while batch := [flat(document) for document in itertools.islice(documents, BATCH)]:
        with warehouse, warehouse.cursor() as cursor:
            write(cursor, batch)
        rows += len(batch)
    seconds = time.monotonic() - began
    with warehouse.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM by_hand")
        rows = min(rows, cursor.fetchone()[0])
    print(json.dumps({"variant": variant, "rows": rows, "seconds": seconds}))


main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
