"""Writes a community of which a share is broken on purpose, and says for each document what must come of it.

    corrupt_community.py PORT DOCUMENTS SEED

It prints one line of JSON, waits for a line on standard input, changes and deletes a share of the documents, and prints another.
A line tells the rows that the warehouse must then hold, value by value, and the documents that quarantine must hold, byte for byte.
Neither the contract nor Quality's code is known here: the documents are encoded by pymongo and by this file, from docs/types.md
and docs/contracts.md. Numbers are shown as the shortest decimal, dates as milliseconds since 1970, text as it is.
"""
import base64
import decimal
import json
import random
import sys

import bson
import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from community_corruption import BREAKS, ODDITIES
from raw_bson import Date, Fields, Raw, encode

port, count, chance = int(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
decimal.getcontext().prec = 20000
database = pymongo.MongoClient("127.0.0.1", port)["secondNature"]
PLANS = [("1234", "CoreTechMonthly", 59.99, "repeat"), ("1235", "CoreTechUpfront", 600, "upfront"),
         ("1236", "CoreNoTechMonthly", 35, "repeat"), ("1237", "CoreNoTechUpfront", 379.5, "upfront")]
NAMES = ["Ada", "Zoë", "李", "O'Brien", "a\\b", "tab\there", "line\r\nbreak", "\"quoted\"", "", None, "😀👩‍👩‍👧", "trailing ", "{}", "\\N", "ß" * 300, "\ufeffbom", "\uffff\U0010ffff"]
ODD, BROKEN, CHANGED, GONE = 0.12, 0.06, 0.10, 0.04


def oid():
    return bson.ObjectId(chance.getrandbits(96).to_bytes(12, "big"))


def date():
    return Date(1590969600000 + chance.randrange(0, 10**11))


def amount():
    return chance.choice([chance.randrange(0, 10**6), round(chance.uniform(-500, 500), 2), chance.uniform(0, 1), 1e-7, -0.5, 123456789.125,
                          bson.Int64(5_000_000_000), bson.Decimal128("12.50"), bson.Decimal128("1E+3"), None])


def user(group):
    plan = chance.choice(PLANS)
    return Fields(_id=oid(), firstname=chance.choice(NAMES), lastname=chance.choice(NAMES), age=chance.choice([0, 130, 44, bson.Int64(30), 51.0, None]),
                  gender=chance.choice(["Male", "Female", ""]), country=chance.choice(["GB", "DE", None, ""]), postCode=chance.choice(["AB1 2CD", None]),
                  signUpDate=date(), groupId=group, fakeDataHelpers=Fields(messagesPerDay=chance.randrange(0, 5)),
                  subscriptions=Fields(_id=oid(), subscriptionID=oid(), startDate=date(),
                                       planType=Fields(_id=oid(), planID=plan[0], planDescription=plan[1], planCost=plan[2], currency="GBP",
                                                       planLength=12, planLengthUnits="months", paymentType=plan[3]),
                                       invoices=[Fields(_id=oid(), amount=amount(), currency="GBP", info=Fields(status=chance.choice(["paid", "due"]), date=date()))
                                                 for _ in range(chance.randrange(0, 4))]))


def group():
    return Fields(_id=oid(), startDate=date(), healthCoach=chance.choice(NAMES))


def thread(owner):
    return Fields(_id=oid(), userId=owner[0], groupId=owner[1], latestMessageDate=date(),
                  messages=[Fields(messageDate=date(), message=chance.choice(NAMES)) for _ in range(chance.randrange(0, 6))])


class Document:
    """What is in the source, and what must come of it."""

    def __init__(self, dataset, fields):
        self.dataset, self.fields, self.key = dataset, fields, fields["_id"]
        self.rule = None           # the rule and the place by which it must be refused; None: it must be loaded
        self.loaded = None         # the fields of the version whose rows the warehouse must hold
        self.held_back = False
        self.drift, self.plain = None, False

    def spoil(self, share_odd, share_broken):
        roll = chance.random()
        if roll < share_broken:
            place, rule, spoil = chance.choice(BREAKS[self.dataset])
            self.rule = [rule, spoil(self.fields, chance) or place]
        elif roll < share_broken + share_odd:
            self.drift = chance.choice(ODDITIES[self.dataset])(self.fields, chance)
        else:
            self.plain = True
        return self

    def settle(self):
        self.bytes = encode(self.fields)
        self.held_back = self.rule is not None and self.loaded is not None and (self.dataset != "messages" or bool(self.loaded.get("messages")))
        if self.rule is None:
            self.loaded = self.fields
        return self


def quarter_of_an_hour_later(fields):
    """A change that gives other rows in each of the datasets."""
    for name in ("signUpDate", "startDate"):
        if isinstance(fields.get(name), Date):
            fields[name] = Date((fields[name].milliseconds + 900_000) % 10**12)
            return
    fields["messages"] = [Fields(messageDate=date(), message="edited 😀")]


def number(value):
    if isinstance(value, bson.Decimal128):
        value = value.to_decimal()
    elif isinstance(value, float):
        value = decimal.Decimal(repr(value))
    else:
        value = decimal.Decimal(int(value))
    if value.is_zero():
        return "0"
    if not value.is_finite():
        return "NaN" if value.is_nan() else "Infinity" if value > 0 else "-Infinity"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def show(value):
    if value is None or isinstance(value, Raw):   # the only raw value that is loaded is BSON's deprecated undefined
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Date):
        return str(value.milliseconds)
    if isinstance(value, bson.ObjectId):
        return str(value)
    return number(value)


def rows(documents):
    tables = {name: [] for name in ("users", "subscriptions", "plans", "invoices", "groups", "messages")}
    plans, held = {}, {name: 0 for name in tables}

    def add(document, table, *values):
        tables[table].append([show(v) for v in values])
        held[table] += document.held_back

    for document in documents:
        d = document.loaded
        if d is None:
            continue
        if document.dataset == "groups":
            add(document, "groups", d["_id"], d.get("startDate"), d.get("healthCoach"))
        elif document.dataset == "messages":
            for ordinal, m in enumerate(d.get("messages") or []):
                add(document, "messages", d["_id"], ordinal, d.get("userId"), d.get("groupId"), m.get("messageDate"), m.get("message"))
        else:
            helpers = d.get("fakeDataHelpers") or {}
            add(document, "users", d["_id"], d.get("firstname"), d.get("lastname"), d.get("age"), d.get("gender"), d.get("country"), d.get("postCode"),
                d["signUpDate"], d.get("groupId"), helpers.get("messagesPerDay"))
            s = d.get("subscriptions")
            if s is None:
                continue
            p = s["planType"]
            add(document, "subscriptions", s["_id"], d["_id"], s.get("subscriptionID"), s.get("startDate"), p["planID"])
            plans[p["planID"]] = [show(p.get(n)) for n in ("planID", "planDescription", "planCost", "currency", "planLength", "planLengthUnits", "paymentType")]
            for i in s.get("invoices") or []:
                info = i.get("info") or {}
                add(document, "invoices", i["_id"], s["_id"], d["_id"], i.get("amount"), i.get("currency"), info.get("status"), info.get("date"))
    tables["plans"] = list(plans.values())
    return tables, held


def say(documents, **more):
    check_source(documents)
    tables, held = rows(documents)
    datasets = {name: {"read": 0, "quarantined": 0} for name in ("users", "groups", "messages")}
    drift, quarantine = {}, []
    for d in documents:
        datasets[d.dataset]["read"] += 1
        if d.rule:
            datasets[d.dataset]["quarantined"] += 1
            quarantine.append([d.dataset, str(d.key), *d.rule, d.held_back, base64.b64encode(d.bytes).decode()])
        elif d.drift:
            drift[d.dataset + " " + d.drift] = drift.get(d.dataset + " " + d.drift, 0) + 1
    print(json.dumps({"tables": tables, "heldBack": held, "datasets": datasets, "quarantine": quarantine, "drift": drift, **more}), flush=True)


def check_source(documents):
    """The source holds what was meant to be there: read back, byte for byte."""
    expected = {(d.dataset, d.key): d.bytes for d in documents}
    for name in ("users", "groups", "messages"):
        for raw in database.get_collection(name, CodecOptions(RawBSONDocument)).find():
            key = bson.ObjectId(raw.raw[raw.raw.index(b"\x07_id\0") + 5:][:12])
            assert expected.pop((name, key), None) == raw.raw, f"{name} {key} is not what was written"
    assert not expected, f"{len(expected)} documents are not in the source"


def write(documents):
    by_dataset = {}
    for d in documents:
        by_dataset.setdefault(d.dataset, []).append(RawBSONDocument(d.bytes))
    for name, raw in by_dataset.items():
        for start in range(0, len(raw), 5000):
            database.command({"insert": name, "documents": raw[start:start + 5000]})


groups = [Document("groups", group()) for _ in range(count // 10)]
users = [Document("users", user(chance.choice(groups).key)) for _ in range(count * 6 // 10)]
owners = [(u.key, u.fields["groupId"]) for u in users]   # before any is spoilt
threads = [Document("messages", thread(chance.choice(owners))) for _ in range(count - len(groups) - len(users))]
documents = groups + users + threads
for document in documents:
    document.spoil(ODD, BROKEN)
# Two documents claim one key: the first in the order of _id keeps it.
plain = [d for d in users if d.plain]
for one, other in zip(plain[:40:2], plain[1:40:2]):
    first, second = sorted((one, other), key=lambda d: d.key)
    first.fixed = second.fixed = True
    second.fields["subscriptions"]["_id"] = first.fields["subscriptions"]["_id"]
    second.rule = ["keyConflict", "subscriptions._id"]
for document in documents:
    document.settle()
for name in ("users", "groups", "messages"):
    database[name].drop()
    database.create_collection(name)
write(documents)
say(documents)

sys.stdin.readline()
changed, gone, resolved = [], set(), 0
for document in documents:
    if hasattr(document, "fixed"):
        continue
    roll = chance.random()
    if roll < GONE:
        gone.add(document)
        resolved += document.rule is not None
    elif roll < GONE + CHANGED:
        was_refused = document.rule is not None
        fresh = {"users": lambda: user(chance.choice(groups).key), "groups": group, "messages": lambda: thread(chance.choice(owners))}[document.dataset]()
        fresh["_id"] = document.key
        document.fields, document.rule, document.drift = fresh, None, None
        quarter_of_an_hour_later(fresh)
        document.spoil(ODD, BROKEN * 4).settle()
        resolved += was_refused and document.rule is None
        changed.append(document)
for name in ("users", "groups", "messages"):
    keys = [d.key for d in documents if d.dataset == name and (d in gone)]
    database.command({"delete": name, "deletes": [{"q": {"_id": {"$in": keys}}, "limit": 0}]})
    updates = [{"q": {"_id": d.key}, "u": RawBSONDocument(d.bytes)} for d in changed if d.dataset == name]
    for start in range(0, len(updates), 1000):
        database.command({"update": name, "updates": updates[start:start + 1000]})
say([d for d in documents if d not in gone], changed=len(changed), gone=len(gone), resolved=resolved)
