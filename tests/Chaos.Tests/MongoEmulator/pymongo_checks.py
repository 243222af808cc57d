"""Holds the emulator to what pymongo, a client that others wrote, expects of a MongoDB server.

Run: /usr/bin/python3 pymongo_checks.py PORT LOGIN_URI TLS_URI   (prints the checks that passed; fails with a traceback)
"""
import datetime
import re
import sys
import uuid

import bson
import pymongo
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, SON, Timestamp
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne, errors

PORT, LOGIN_URI, TLS_URI = int(sys.argv[1]), sys.argv[2], sys.argv[3]
client = pymongo.MongoClient(f"mongodb://127.0.0.1:{PORT}/?replicaSet=rs0", serverSelectionTimeoutMS=5000)
db = client["checks"]
client.drop_database("checks")


def raises(kind, code, call):
    try:
        call()
    except kind as e:
        found = e.code if hasattr(e, "code") else e.details["code"]
        assert found == code, (found, code, e)
        return e
    raise AssertionError(f"nothing raised, expected {code}")


def check_handshake():
    assert client.is_primary and client.nodes == frozenset({("127.0.0.1", PORT)})
    assert client.server_info()["emulator"] is True
    hello = client.admin.command("hello")
    assert hello["setName"] == "rs0" and hello["isWritablePrimary"] and hello["emulator"]
    direct = pymongo.MongoClient(f"mongodb://127.0.0.1:{PORT}/", directConnection=True)
    assert direct.admin.command("ping")["ok"] == 1
    before = client.admin.command("ping")["operationTime"]
    db.clock.insert_one({})
    reply = client.admin.command("ping")
    assert reply["operationTime"] > before and reply["$clusterTime"]["clusterTime"] >= reply["operationTime"]


def user(i):
    return {"_id": i, "name": f"user {i:05}", "age": 18 + i % 60, "city": ["Oslo", "Rome", "Lima"][i % 3],
            "tags": [f"t{i % 5}", f"t{i % 7}"], "address": {"zip": str(10000 + i), "geo": {"lat": i / 100}}}


def check_ten_thousand_users():
    users = db.users
    result = users.insert_many([user(i) for i in range(10_000)])
    assert len(result.inserted_ids) == 10_000
    assert users.estimated_document_count() == 10_000
    assert users.count_documents({}) == 10_000
    assert users.count_documents({"city": "Oslo"}) == 3334
    assert users.count_documents({}, skip=10, limit=7) == 7
    found = list(users.find())
    assert found == [user(i) for i in range(10_000)]
    assert [d["_id"] for d in users.find({"age": {"$gte": 77}}).sort([("age", -1), ("_id", -1)]).skip(2).limit(3)] == \
        sorted((i for i in range(10_000) if i % 60 == 59), reverse=True)[2:5]
    assert list(users.find({"_id": 7}, {"name": 1, "address.zip": 1})) == [{"_id": 7, "name": "user 00007", "address": {"zip": "10007"}}]
    assert list(users.find({"_id": 7}, {"_id": 0, "tags": 0, "address.geo": 0})) == \
        [{"name": "user 00007", "age": 25, "city": "Rome", "address": {"zip": "10007"}}]
    assert {d["_id"] for d in users.find({"_id": {"$in": [3, 9999, 10_000, "3"]}})} == {3, 9999}
    assert users.count_documents({"$or": [{"_id": {"$lt": 10}}, {"city": "Rome", "age": {"$gt": 76}}]}) == \
        sum(1 for i in range(10_000) if i < 10 or (i % 3 == 1 and i % 60 > 58))
    assert users.count_documents({"tags": "t6"}) == sum(1 for i in range(10_000) if i % 7 == 6)
    assert users.count_documents({"tags.0": "t0"}) == 2000
    assert users.count_documents({"address.geo.lat": {"$gte": 99}}) == 100
    assert users.count_documents({"nothing": {"$exists": False}, "tags": {"$nin": ["t1"]}, "city": {"$ne": "Lima"}}) == \
        sum(1 for i in range(10_000) if "t1" not in user(i)["tags"] and i % 3 != 2)
    cursor = users.find(batch_size=100)
    assert [next(cursor)["_id"] for _ in range(250)] == list(range(250))
    cursor.close()
    assert sorted(users.distinct("city")) == ["Lima", "Oslo", "Rome"]
    assert [d["_id"] for d in users.find({}).sort("_id", -1).limit(3)] == [9999, 9998, 9997]


def check_resume_by_min():
    mixed = db.mixed
    ids = [MinKey(), None, -5, 2.5, Int64(2 ** 40), Decimal128("1E+20"), "a", "b", {"a": 1}, Binary(b"x", 128), ObjectId(), False, True,
           datetime.datetime(2020, 1, 1), Timestamp(1, 1), MaxKey()]
    mixed.insert_many([{"_id": i} for i in reversed(ids)])
    assert [d["_id"] for d in mixed.find().sort("_id", 1)] == ids
    seen, lower = [], [("_id", MinKey())]
    while True:
        batch = list(mixed.find().min(lower).hint([("_id", 1)]).limit(3))
        new = [d["_id"] for d in batch if d["_id"] not in seen or d["_id"] != lower[0][1]]
        seen += [i for i in new if i not in seen]
        if len(batch) < 3:
            break
        lower = [("_id", batch[-1]["_id"])]
    assert seen == ids, seen
    assert [d["_id"] for d in mixed.find().min([("_id", 2.5)]).max([("_id", "b")]).hint([("_id", 1)])] == ids[3:7]
    raises(errors.OperationFailure, 51173, lambda: list(mixed.find().min([("_id", 1)])))
    assert mixed.count_documents({"_id": {"$gt": 0}}) == 3


def check_updates():
    c = db.updates
    c.insert_one({"_id": 1, "n": 1, "list": [1, 2, 3], "o": {"a": 1}})
    r = c.update_one({"_id": 1}, {"$set": {"o.b": 2, "x": "y"}, "$inc": {"n": 4, "new": 1}, "$push": {"list": 4}, "$unset": {"o.a": ""}})
    assert (r.matched_count, r.modified_count, r.upserted_id) == (1, 1, None)
    assert c.find_one() == {"_id": 1, "n": 5, "list": [1, 2, 3, 4], "o": {"b": 2}, "x": "y", "new": 1}
    r = c.update_one({"_id": 1}, {"$set": {"x": "y"}})
    assert (r.matched_count, r.modified_count) == (1, 0)
    c.update_one({"_id": 1}, {"$push": {"list": {"$each": [5, 6]}}})
    c.update_one({"_id": 1}, {"$pull": {"list": {"$gte": 4}}})
    assert c.find_one()["list"] == [1, 2, 3]
    c.update_one({"_id": 1}, {"$pull": {"list": 2}})
    assert c.find_one()["list"] == [1, 3]
    c.update_one({"_id": 1}, {"$inc": {"n": Int64(2 ** 40)}})
    assert c.find_one()["n"] == 2 ** 40 + 5
    r = c.update_one({"_id": 2, "kind": "b"}, {"$set": {"n": 1}, "$setOnInsert": {"made": True}}, upsert=True)
    assert r.upserted_id == 2 and c.find_one({"_id": 2}) == {"_id": 2, "kind": "b", "made": True, "n": 1}
    r = c.update_one({"_id": 2}, {"$set": {"n": 2}, "$setOnInsert": {"made": False}}, upsert=True)
    assert r.upserted_id is None and r.modified_count == 1 and c.find_one({"_id": 2})["made"] is True
    r = c.update_one({"kind": "c"}, {"$set": {"n": 3}}, upsert=True)
    assert isinstance(r.upserted_id, ObjectId) and c.find_one(r.upserted_id) == {"_id": r.upserted_id, "kind": "c", "n": 3}
    r = c.update_many({"n": {"$lt": 10}}, {"$inc": {"n": 1}})
    assert (r.matched_count, r.modified_count) == (2, 2)
    r = c.replace_one({"_id": 1}, {"z": 1})
    assert r.modified_count == 1 and c.find_one({"_id": 1}) == {"_id": 1, "z": 1}
    r = c.replace_one({"_id": 77}, {"z": 2}, upsert=True)
    assert r.upserted_id == 77
    raises(errors.WriteError, 66, lambda: c.update_one({"_id": 1}, {"$set": {"_id": 5}}))
    raises(errors.WriteError, 66, lambda: c.replace_one({"_id": 1}, {"_id": 5}))
    raises(errors.WriteError, 9, lambda: c.update_one({"_id": 1}, {"$frobnicate": {"a": 1}}))
    raises(errors.WriteError, 40, lambda: c.update_one({"_id": 1}, {"$set": {"a": 1}, "$inc": {"a": 1}}))
    raises(errors.WriteError, 14, lambda: c.update_one({"_id": 1}, {"$inc": {"z": "1"}}))
    assert c.delete_one({"n": {"$exists": True}}).deleted_count == 1
    assert c.delete_many({}).deleted_count == 3 and c.count_documents({}) == 0
    r = c.bulk_write([InsertOne({"_id": 1}), UpdateOne({"_id": 1}, {"$set": {"a": 1}}), ReplaceOne({"_id": 9}, {"b": 1}, upsert=True),
                      UpdateMany({}, {"$set": {"c": 1}}), DeleteOne({"_id": 9}), DeleteMany({"_id": 5})])
    assert (r.inserted_count, r.matched_count, r.modified_count, r.upserted_count, r.deleted_count) == (1, 3, 3, 1, 1)


def check_errors():
    c = db.failures
    c.insert_one({"_id": 1})
    e = raises(errors.DuplicateKeyError, 11000, lambda: c.insert_one({"_id": 1.0}))
    assert e.details["keyPattern"] == {"_id": 1} and e.details["keyValue"] == {"_id": 1.0}
    try:
        c.insert_many([{"_id": 2}, {"_id": 1}, {"_id": 3}], ordered=False)
        raise AssertionError("no error")
    except errors.BulkWriteError as bulk:
        assert bulk.details["nInserted"] == 2 and [w["index"] for w in bulk.details["writeErrors"]] == [1]
    try:
        c.insert_many([{"_id": 4}, {"_id": 1}, {"_id": 5}])
        raise AssertionError("no error")
    except errors.BulkWriteError as bulk:
        assert bulk.details["nInserted"] == 1
    assert sorted(d["_id"] for d in c.find()) == [1, 2, 3, 4]
    e = raises(errors.OperationFailure, 2, lambda: list(c.find({"a": {"$frobnicate": 1}})))
    assert "unknown operator: $frobnicate" in str(e)
    raises(errors.OperationFailure, 2, lambda: list(c.find({"$frobnicate": 1})))
    e = raises(errors.OperationFailure, 40324, lambda: list(c.aggregate([{"$frobnicate": {}}])))
    assert "Unrecognized pipeline stage name: '$frobnicate'" in str(e)
    e = raises(errors.OperationFailure, 59, lambda: db.command("frobnicate"))
    assert "no such command: 'frobnicate'" in str(e)
    raises(errors.OperationFailure, 40415, lambda: db.command("find", "failures", frobnicate=1))
    raises(errors.OperationFailure, 2, lambda: list(c.find().collation({"locale": "de"})))
    raises(errors.OperationFailure, 53, lambda: c.insert_one({"_id": [1]}))
    raises(errors.OperationFailure, 73, lambda: db.command("insert", "a$b", documents=[{}]))
    raises(errors.OperationFailure, 43, lambda: db.command("getMore", Int64(12345), collection="failures"))


def check_retried_write():
    own = pymongo.MongoClient(f"mongodb://127.0.0.1:{PORT}/")  # its sessions count by hand, so nothing else may use them
    with own.start_session() as session:
        command = SON([("insert", "retried"), ("documents", [{"_id": 1}]), ("txnNumber", Int64(1))])
        first, second = (own.checks.command(command, session=session) for _ in range(2))
    own.close()
    assert first["n"] == second["n"] == 1 and "writeErrors" not in second
    assert db.retried.count_documents({}) == 1


def check_aggregation():
    c = db.sales
    c.insert_many([{"_id": i, "shop": "abc"[i % 3], "n": i, "price": Decimal128("1.10"), "at": {"day": i % 2}} for i in range(30)])
    got = list(c.aggregate([{"$match": {"n": {"$gte": 3}}},
                            {"$group": {"_id": "$shop", "n": {"$sum": 1}, "sum": {"$sum": "$n"}, "avg": {"$avg": "$n"}, "min": {"$min": "$n"},
                                        "max": {"$max": "$n"}, "first": {"$first": "$n"}, "last": {"$last": "$n"}, "money": {"$sum": "$price"}}},
                            {"$sort": {"_id": -1}}, {"$skip": 1}, {"$limit": 1}]))
    assert got == [{"_id": "b", "n": 9, "sum": 9 * 16, "avg": 16.0, "min": 4, "max": 28, "first": 4, "last": 28, "money": Decimal128("9.90")}], got
    assert list(c.aggregate([{"$count": "all"}])) == [{"all": 30}]
    assert list(c.aggregate([{"$match": {"n": 99}}, {"$count": "all"}])) == []
    got = list(c.aggregate([{"$group": {"_id": {"day": "$at.day"}, "ids": {"$push": "$_id"}}}, {"$sort": {"_id.day": 1}}]))
    assert got == [{"_id": {"day": 0}, "ids": list(range(0, 30, 2))}, {"_id": {"day": 1}, "ids": list(range(1, 30, 2))}]
    assert len(list(c.aggregate([{"$sort": {"n": 1}}], batchSize=7))) == 30


def check_catalog():
    for name in db.list_collection_names():
        db.drop_collection(name)
    assert db.list_collection_names() == []
    db.create_collection("one")
    raises(errors.OperationFailure, 48, lambda: db.command("create", "one"))
    db.two.insert_one({"a": 1})
    assert sorted(db.list_collection_names()) == ["one", "two"]
    assert db.list_collection_names(filter={"name": "two"}) == ["two"]
    assert "checks" in client.list_database_names()
    assert db.two.create_index([("a", 1), ("b", -1)]) == "a_1_b_-1"
    assert set(db.two.index_information()) == {"_id_", "a_1_b_-1"}
    assert db.two.create_index([("a", 1), ("b", -1)]) == "a_1_b_-1"
    raises(errors.OperationFailure, 67, lambda: db.two.create_index("u", expireAfterSeconds=60))
    assert list(db.two.find({"a": 1}).hint("a_1_b_-1"))[0]["a"] == 1
    raises(errors.OperationFailure, 2, lambda: list(db.two.find().hint("none")))
    db.two.drop_index("a_1_b_-1")
    assert set(db.two.index_information()) == {"_id_"}
    db.two.drop()
    assert db.list_collection_names() == ["one"]
    client.drop_database("checks")
    assert "checks" not in client.list_database_names()


def check_unique_indexes():
    c = db.unique
    c.create_index([("a", 1), ("b", 1)], unique=True)
    assert c.index_information()["a_1_b_1"]["unique"] is True
    c.insert_many([{"_id": 1, "a": 1, "b": "x"}, {"_id": 2, "a": 1}, {"_id": 3, "a": [5, 6], "b": 0}])
    e = raises(errors.DuplicateKeyError, 11000, lambda: c.insert_one({"a": 1.0, "b": "x"}))
    assert e.details["keyPattern"] == {"a": 1, "b": 1} and e.details["keyValue"] == {"a": 1.0, "b": "x"}
    assert e.details["errmsg"] == 'E11000 duplicate key error collection: checks.unique index: a_1_b_1 dup key: { a: 1.0, b: "x" }'
    raises(errors.DuplicateKeyError, 11000, lambda: c.insert_one({"a": 1}))
    raises(errors.DuplicateKeyError, 11000, lambda: c.insert_one({"a": 6, "b": 0}))
    raises(errors.DuplicateKeyError, 11000, lambda: c.update_one({"_id": 2}, {"$set": {"b": "x"}}))
    raises(errors.DuplicateKeyError, 11000, lambda: c.update_one({"_id": 9}, {"$set": {"a": 5, "b": 0}}, upsert=True))
    assert [d["_id"] for d in c.find({"a": 5, "b": 0})] == [3]
    assert c.find_one_and_update({"_id": 1}, {"$inc": {"a": 9}}, return_document=pymongo.ReturnDocument.AFTER) == {"_id": 1, "a": 10, "b": "x"}
    c.insert_one({"_id": 4, "a": 1, "b": "x"})
    c.drop_indexes()
    c.insert_one({"_id": 5, "a": 1, "b": "x"})
    raises(errors.OperationFailure, 11000, lambda: c.create_index("a", unique=True))
    assert set(c.index_information()) == {"_id_"}
    assert c.find_one_and_delete({"_id": 5})["_id"] == 5 and c.count_documents({}) == 4


def check_operators():
    c = db.operators
    c.insert_many([{"_id": 1, "s": "Alpha", "l": [1, 5], "d": [{"k": "a", "n": 1}]}, {"_id": 2, "s": "beta", "l": [7], "d": [{"k": "a", "n": 2}]},
                   {"_id": 3, "s": Regex("^a", "i"), "l": 5}, {"_id": 4, "l": []}])

    def ids(query):
        return [d["_id"] for d in c.find(query).sort("_id", 1)]

    assert ids({"s": {"$regex": "^al", "$options": "i"}}) == [1]
    assert ids({"s": re.compile("A$", re.I)}) == [1, 2]
    assert ids({"s": {"$in": [Regex("^b"), None]}}) == [2, 4]
    assert ids({"s": Regex("^a", "i")}) == [1, 3]
    assert ids({"s": {"$not": Regex("a$")}}) == [3, 4]
    assert ids({"l": {"$elemMatch": {"$gt": 4, "$lt": 6}}}) == [1]
    assert ids({"d": {"$elemMatch": {"k": "a", "n": 2}}}) == [2]
    assert ids({"l": {"$size": 0}}) == [4] and ids({"l": {"$all": [1, 5]}}) == [1] and ids({"l": {"$mod": [5, 2]}}) == [2]
    assert ids({"l": {"$type": "array"}}) == [1, 2, 4] and ids({"s": {"$type": ["regex", "null"]}}) == [3]
    assert ids({"$nor": [{"l": 5}, {"l": 7}]}) == [4] and ids({"l": {"$nin": [5]}}) == [2, 4]
    got = list(c.aggregate([{"$unwind": "$l"}, {"$sort": {"l": 1, "_id": 1}}, {"$project": {"_id": 0, "l": 1, "of": "$_id"}}, {"$skip": 1}]))
    assert got == [{"l": 5, "of": 1}, {"l": 5, "of": 3}, {"l": 7, "of": 2}], got
    assert len(list(c.aggregate([{"$sample": {"size": 3}}, {"$addFields": {"x": 1}}, {"$match": {"x": 1}}]))) == 3
    raises(errors.OperationFailure, 51091, lambda: ids({"s": {"$regex": "("}}))


def check_sessions_and_cursors():
    c = db.cursors
    c.insert_many([{"_id": i} for i in range(10)])
    with client.start_session() as session:
        assert [d["_id"] for d in c.find({}, session=session, batch_size=2)] == list(range(10))
    cursor = c.find({}, batch_size=2)
    next(cursor)
    reply = db.command("killCursors", "cursors", cursors=[Int64(cursor.cursor_id), Int64(5)])
    assert reply["cursorsKilled"] == [cursor.cursor_id] and reply["cursorsNotFound"] == [5]
    raises(errors.CursorNotFound, 43, lambda: list(cursor))
    assert client.admin.command("startSession")["timeoutMinutes"] == 30


def fail(times, **data):
    return client.admin.command("configureFailPoint", "failCommand", mode={"times": times} if times else "off", data=data)["count"]


def check_fail_points():
    c = db.failing
    before = fail(1, failCommands=["insert"], errorCode=10107)  # the driver retries what the label says it may
    c.insert_one({"_id": 1})
    fail(1, failCommands=["insert"], closeConnection=True)
    c.insert_one({"_id": 2})
    fail(1, failCommands=["insert"], writeConcernError={"code": 91, "errmsg": "leaving"})
    raises(errors.WriteConcernError, 91, lambda: c.insert_one({"_id": 3}))  # this driver overlooks the label of such an error
    assert c.count_documents({}) == 3
    fail(1, failCommands=["find"], closeConnection=True)
    assert len(list(c.find())) == 3
    fail(1, failCommands=["getMore"], errorCode=43)
    raises(errors.CursorNotFound, 43, lambda: list(c.find(batch_size=2)))
    fail(1, failCommands=["find"], blockConnection=True, blockTimeMS=10_000)
    raises(errors.ExecutionTimeout, 50, lambda: list(c.find().max_time_ms(50)))
    fail(2, failCommands=["find"], errorCode=91)
    raises(errors.NotPrimaryError if hasattr(errors, "NotPrimaryError") else errors.NotMasterError, 91, lambda: list(c.find()))
    assert fail(0, failCommands=[]) - before == 8


def check_login():
    own = pymongo.MongoClient(LOGIN_URI, serverSelectionTimeoutMS=5000)
    own.checks.secret.insert_one({"_id": 1})
    assert own.admin.command("connectionStatus")["authInfo"]["authenticatedUsers"] == [{"user": "reader", "db": "admin"}]
    host = LOGIN_URI.split("@")[1]
    assert pymongo.MongoClient(f"mongodb://{host}").admin.command("ping")["ok"] == 1
    raises(errors.OperationFailure, 13, lambda: pymongo.MongoClient(f"mongodb://{host}").checks.secret.find_one())
    for login in ("reader:wrong", "nobody:x"):
        raises(errors.OperationFailure, 18, lambda: pymongo.MongoClient(f"mongodb://{login}@{host}").checks.secret.find_one())


def check_tls():
    own = pymongo.MongoClient(TLS_URI, serverSelectionTimeoutMS=5000)
    own.checks.tls.insert_many([{"_id": i, "text": "x" * 100_000} for i in range(100)])
    assert sum(len(d["text"]) for d in own.checks.tls.find()) == 10_000_000
    try:
        pymongo.MongoClient(TLS_URI.split("&tlsCAFile")[0], serverSelectionTimeoutMS=500).admin.command("ping")
        raise AssertionError("a certificate of nobody was trusted")
    except errors.ServerSelectionTimeoutError as e:
        assert "CERTIFICATE_VERIFY_FAILED" in str(e).upper().replace(" ", "_"), e


def check_large_documents():
    c = db.large
    big = {"_id": 1, "text": "x" * (16 * 1024 * 1024 - 100)}
    c.insert_one(big)
    assert c.find_one() == big
    c.insert_many([{"_id": i, "text": "y" * 5_000_000} for i in range(2, 12)])
    assert [len(d["text"]) for d in c.find({"_id": {"$gt": 1}})] == [5_000_000] * 10
    raises(errors.OperationFailure, 17419, lambda: c.update_one({"_id": 1}, {"$set": {"more": "z" * 1000}}))
    c.drop()


def check_every_type_round_trips():
    c = db.types
    document = SON([("_id", ObjectId()), ("double", 1.5), ("nan", float("inf")), ("string", "żółw \u0000 \U0001F422"), ("object", {"a": {"b": []}}),
                    ("array", [1, [2, [3]], {"x": None}]), ("binary", Binary(b"\x00\x01", 0)), ("uuid", Binary(uuid.UUID(int=7).bytes, 4)),
                    ("old", Binary(b"abc", 2)), ("user", Binary(b"", 128)), ("oid", ObjectId("5f5f5f5f5f5f5f5f5f5f5f5f")), ("true", True),
                    ("false", False), ("date", datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)), ("null", None), ("regex", Regex("^a.*", "im")),
                    ("code", Code("f()")), ("scoped", Code("f()", {"x": 1})), ("int", -1), ("timestamp", Timestamp(123456, 7)),
                    ("long", Int64(-2 ** 63)), ("decimal", Decimal128("-0.00000000000000000000000000000000000123E-6000")),
                    ("minkey", MinKey()), ("maxkey", MaxKey()), ("", "an empty name")])
    c.with_options(codec_options=bson.CodecOptions(document_class=SON)).insert_one(document)
    raw = db.get_collection("types", codec_options=bson.CodecOptions(document_class=bson.raw_bson.RawBSONDocument)).find_one()
    assert raw.raw == bson.encode(document)
    c.insert_one(SON([("b", 1), ("_id", "moved")]))
    raw = db.get_collection("types", codec_options=bson.CodecOptions(document_class=bson.raw_bson.RawBSONDocument)).find_one({"_id": "moved"})
    assert raw.raw == bson.encode(SON([("_id", "moved"), ("b", 1)]))


import bson.raw_bson  # noqa: E402

for name, check in [(n, f) for n, f in list(globals().items()) if n.startswith("check_")]:
    check()
    print(name, flush=True)
