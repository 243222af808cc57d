"""The way people compare by hand: both sides sorted by key, fetched in step, every value compared.

  compare.py MONGO_URI COLLECTION DOCUMENTS     (PostgreSQL by PGHOST, PGPORT, ...)

Prints one JSON document; the clock runs from the first connection to the last row.
"""
import itertools
import json
import sys
import time
from datetime import timezone

import psycopg2
import pymongo

COLUMNS = ["account_id", "email", "name", "country", "status", "visits", "points", "score", "balance", "created_at", "subscribed", "remark"]
FIELDS = ["_id", "email", "name", "country", "status", "visits", "points", "score", "balance", "createdAt", "subscribed", "remark"]


def flat(document):
    row = [document.get(field) for field in FIELDS]
    row[0] = str(row[0])
    row[8] = None if row[8] is None else row[8].to_decimal()
    row[9] = None if row[9] is None else row[9].replace(tzinfo=timezone.utc)
    return row


def main(uri, collection, limit):
    began = time.monotonic()
    warehouse = psycopg2.connect("")
    cursor = warehouse.cursor("rows")  # on the server: not all rows at once
    cursor.itersize = 10_000
    cursor.execute(f'SELECT {", ".join(COLUMNS)} FROM flat.accounts ORDER BY account_id LIMIT {limit}')
    documents = pymongo.MongoClient(uri)["flat"][collection].find().sort("_id", 1).limit(limit)
    rows = different = 0
    for document, row in itertools.zip_longest(documents, cursor):
        rows += 1
        if document is None or row is None or flat(document) != list(row):
            different += 1
    print(json.dumps({"rows": rows, "different": different, "seconds": time.monotonic() - began}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
