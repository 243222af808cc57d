"""Writes a community with pymongo, reads it back, and prints the rows that the warehouse must then hold.

    write_community.py PORT USERS > expected.json

The rows follow from pipelines, not from Quality's code: this program knows nothing of the contract.
Text is as it is; numbers as the shortest decimal; dates as milliseconds since 1970.
"""
import datetime
import decimal
import json
import random
import sys

import bson
import pymongo

port, count = int(sys.argv[1]), int(sys.argv[2])
client = pymongo.MongoClient("127.0.0.1", port, tz_aware=True)
database = client["secondNature"]
chance = random.Random(42)
UTC = datetime.timezone.utc
PLANS = [("1234", "CoreTechMonthly", 59.99, "repeat"), ("1235", "CoreTechUpfront", 600, "upfront"),
         ("1236", "CoreNoTechMonthly", 35, "repeat"), ("1237", "CoreNoTechUpfront", 379.5, "upfront")]
NAMES = ["Ada", "Zoë", "李", "O'Brien", "a\\b", "tab\there", "line\nbreak", "\"quoted\"", "", None, "😀", "trailing ", "{}", "\\N", "ß" * 300]


def date():
    return datetime.datetime(2020, 6, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=chance.randrange(0, 10**11))


def amount():
    return chance.choice([chance.randrange(0, 10**6), round(chance.uniform(-500, 500), 2), chance.uniform(0, 1), 1e-7, 0.1, -0.5, 123456789.125,
                          bson.Int64(5_000_000_000), bson.Decimal128("12.50"), bson.Decimal128("1E+3"), None])


def user(group):
    plan = chance.choice(PLANS)
    document = {"_id": bson.ObjectId(), "firstname": chance.choice(NAMES), "lastname": chance.choice(NAMES),
                "age": chance.choice([0, 130, 44, bson.Int64(30), 51.0, None]), "gender": chance.choice(["Male", "Female", ""]),
                "country": chance.choice(["GB", "DE", None, ""]), "postCode": chance.choice(["AB1 2CD", None]), "signUpDate": date(), "groupId": group,
                "fakeDataHelpers": {"messagesPerDay": chance.randrange(0, 5)},
                "subscriptions": {"_id": bson.ObjectId(), "subscriptionID": bson.ObjectId(), "startDate": date(),
                                  "planType": {"_id": bson.ObjectId(), "planID": plan[0], "planDescription": plan[1], "planCost": plan[2], "currency": "GBP",
                                               "planLength": 12, "planLengthUnits": "months", "paymentType": plan[3]},
                                  "invoices": [{"_id": bson.ObjectId(), "amount": amount(), "currency": "GBP",
                                                "info": {"status": chance.choice(["paid", "due"]), "date": date()}} for _ in range(chance.randrange(0, 4))]}}
    for optional in ("firstname", "age", "gender", "country", "fakeDataHelpers", "groupId"):
        if chance.random() < 0.05:
            del document[optional]
    return document


groups = [{"_id": bson.ObjectId(), "startDate": date(), "healthCoach": chance.choice(NAMES)} for _ in range(20)]
users = [user(chance.choice(groups)["_id"]) for _ in range(count)]
threads = [{"_id": bson.ObjectId(), "userId": u["_id"], "groupId": u.get("groupId"), "latestMessageDate": date(),
            "messages": [{"messageDate": date(), "message": chance.choice(NAMES)} for _ in range(chance.randrange(0, 6))]} for u in users[: count // 4]]
for name, documents in (("groups", groups), ("users", users), ("messages", threads)):
    database[name].drop()
    database[name].insert_many(documents)


def number(value):
    if value is None:
        return None
    value = value.to_decimal() if isinstance(value, bson.Decimal128) else decimal.Decimal(repr(value) if isinstance(value, float) else int(value))
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def show(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime):
        return str((value - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(milliseconds=1))
    if isinstance(value, bson.ObjectId):
        return str(value)
    return number(value)


tables = {name: [] for name in ("users", "subscriptions", "plans", "invoices", "groups", "messages")}
plans = {}
for d in database["users"].find():
    s = d["subscriptions"]
    p = s["planType"]
    tables["users"].append([d["_id"], d.get("firstname"), d.get("lastname"), d.get("age"), d.get("gender"), d.get("country"), d.get("postCode"), d["signUpDate"],
                            d.get("groupId"), d.get("fakeDataHelpers", {}).get("messagesPerDay")])
    tables["subscriptions"].append([s["_id"], d["_id"], s["subscriptionID"], s["startDate"], p["planID"]])
    plans[p["planID"]] = [p["planID"], p["planDescription"], p["planCost"], p["currency"], p["planLength"], p["planLengthUnits"], p["paymentType"]]
    for i in s["invoices"]:
        tables["invoices"].append([i["_id"], s["_id"], d["_id"], i["amount"], i["currency"], i["info"]["status"], i["info"]["date"]])
tables["plans"] = list(plans.values())
for d in database["groups"].find():
    tables["groups"].append([d["_id"], d["startDate"], d["healthCoach"]])
for d in database["messages"].find():
    for ordinal, m in enumerate(d["messages"]):
        tables["messages"].append([d["_id"], ordinal, d["userId"], d.get("groupId"), m["messageDate"], m["message"]])
json.dump({name: [[show(v) for v in row] for row in rows] for name, rows in tables.items()}, sys.stdout)
