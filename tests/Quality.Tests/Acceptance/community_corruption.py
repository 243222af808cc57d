"""What may be wrong with a document of the community, and what is only odd.

A break has the place that is wrong, the rule that must refuse the document, and a function that spoils it; it may return another place.
An oddity must be loaded; it may return the path of a field that nobody described, which must then be counted as drift.
"""
import bson
from raw_bson import Date, Fields, Raw, UNDEFINED, text

# PostgreSQL's timestamps: from Julian day 0 to the last millisecond of the year 294276.
FIRST_DATE = -2440588 * 86_400_000
LAST_DATE = (730 * 146_097 + 101_173 + 10_957) * 86_400_000 - 1
NOT_UTF8 = [b"\xff", b"caf\xe9", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]


def at(fields, path):
    """The object that holds the last name of a path, and that name."""
    *around, last = path.split(".")
    for name in around:
        fields = fields[name]
    return fields, last


def put(path, *choices):
    def spoil(fields, chance):
        inside, name = at(fields, path)
        inside[name] = chance.choice(choices)
    return spoil


def drop(path):
    def spoil(fields, chance):
        inside, name = at(fields, path)
        inside.pop(name, None)
    return spoil


def twice(path, *choices):
    def spoil(fields, chance):
        inside, name = at(fields, path)
        inside.again.append((name, chance.choice(choices)))
    return spoil


def within(path, default, inner, place):
    """Does something to one element of an array, which has at least one afterwards."""
    def spoil(fields, chance):
        holder, name = at(fields, path)
        items = holder[name]
        if not items:
            items.append(default(chance))
        i = chance.randrange(len(items))
        inner(items, i, chance)
        return f"{path}[{i}]{place}"
    return spoil


def element(path, default, name, *choices):
    return within(path, default, lambda items, i, chance: items[i].__setitem__(name, chance.choice(choices)), "." + name)


def instead(path, default, *choices):
    return within(path, default, lambda items, i, chance: items.__setitem__(i, chance.choice(choices)), "")


def anywhere(spoil):
    """An oddity whose place does not matter."""
    def odd(fields, chance):
        spoil(fields, chance)
    return odd


def unknown(path, *choices):
    def odd(fields, chance):
        put(path, *choices)(fields, chance)
        return path
    return odd


def new_id(chance):
    return bson.ObjectId(chance.getrandbits(96).to_bytes(12, "big"))


def invoice(chance):
    return Fields(_id=new_id(chance), amount=1, currency="GBP", info=Fields(status="due", date=Date(0)))


def message(chance):
    return Fields(messageDate=Date(0), message="hello")


INVOICES, MESSAGES, PLAN = "subscriptions.invoices", "messages", "subscriptions.planType."
NO_TEXT = (7, 1.5, True, bson.ObjectId("0" * 24), bson.Regex("x"), bson.Timestamp(1, 2), bson.Code("x"), b"\x01", Fields(a=1), ["a"], bson.MinKey())
NO_DATE = ("2020-06-01", 1590969600000, 1.5e12, bson.Timestamp(1590969600, 1), Fields(date=Date(0)), [])
NO_NUMBER = ("44", "", True, Date(0), Fields(n=1), [1])
NO_ID = ("5ed41a000102030405060708", 7, Fields(oid="5ed41a000102030405060708"), b"123456789012")
TOO_EARLY_OR_LATE = (Date(FIRST_DATE - 1), Date(LAST_DATE + 1), Date(-2**63), Date(2**63 - 1))
WITH_NUL = ("\0", "Ada\0", "a\0😀")
BROKEN_TEXT = tuple(text(t) for t in NOT_UTF8)

BREAKS = {
    "users": [
        ("signUpDate", "required", drop("signUpDate")),
        ("signUpDate", "required", put("signUpDate", None, UNDEFINED)),
        ("signUpDate", "type", put("signUpDate", *NO_DATE)),
        ("signUpDate", "range", put("signUpDate", *TOO_EARLY_OR_LATE)),
        ("subscriptions.startDate", "range", put("subscriptions.startDate", *TOO_EARLY_OR_LATE)),
        ("firstname", "type", put("firstname", *NO_TEXT)),
        ("firstname", "nul", put("firstname", *WITH_NUL)),
        ("lastname", "utf8", put("lastname", *BROKEN_TEXT)),
        ("postCode", "duplicateKey", twice("postCode", "AB1 2CD", None, 5)),
        ("age", "duplicateKey", twice("age", 44, "44")),
        ("age", "type", put("age", *NO_NUMBER)),
        ("age", "maximum", put("age", 131, bson.Int64(2**40), 130.5, bson.Decimal128("130.0000000000000000000000000000001"), 1e300)),
        ("age", "minimum", put("age", -1, bson.Int64(-2**63), -0.25, bson.Decimal128("-1E-6176"))),
        ("age", "exact", put("age", 4.5, bson.Decimal128("44.0000000000000000000000000000001"))),
        ("groupId", "type", put("groupId", *NO_ID)),
        ("fakeDataHelpers", "type", put("fakeDataHelpers", 5, "5", [])),
        ("fakeDataHelpers.messagesPerDay", "range", put("fakeDataHelpers.messagesPerDay", 2**31, -2**31 - 1, 1e10, float("nan"), float("inf"), float("-inf"), bson.Decimal128("NaN"), bson.Decimal128("9E+6144"))),
        ("fakeDataHelpers.messagesPerDay", "exact", put("fakeDataHelpers.messagesPerDay", 1.5, bson.Decimal128("0.1"), 5e-324)),
        ("subscriptions", "type", put("subscriptions", [], "none", 0)),
        ("subscriptions._id", "required", drop("subscriptions._id")),
        ("subscriptions._id", "required", put("subscriptions._id", None)),
        ("subscriptions._id", "type", put("subscriptions._id", *NO_ID)),
        ("subscriptions.planType", "required", drop("subscriptions.planType")),
        (PLAN + "planID", "required", drop(PLAN + "planID")),
        (PLAN + "planID", "required", put(PLAN + "planID", None)),
        (PLAN + "planID", "duplicateKey", twice(PLAN + "planID", "1234")),
        (PLAN + "planID", "nul", put(PLAN + "planID", *WITH_NUL)),
        (PLAN + "planLength", "range", put(PLAN + "planLength", 2**31, -2.0**31 - 1)),
        (PLAN + "paymentType", "validValues", put(PLAN + "paymentType", "", "sometimes", "Repeat", "repeat ")),
        (INVOICES, "type", put(INVOICES, Fields(), "none", 0)),
        ("", "required", instead(INVOICES, invoice, None)),
        ("", "type", instead(INVOICES, invoice, "an invoice", 5, [])),
        ("", "required", element(INVOICES, invoice, "_id", None)),
        ("", "type", element(INVOICES, invoice, "amount", *NO_NUMBER)),
        ("", "type", element(INVOICES, invoice, "info", "paid", [])),
        ("", "utf8", element(INVOICES, invoice, "currency", *BROKEN_TEXT)),
    ],
    "groups": [
        ("startDate", "type", put("startDate", *NO_DATE)),
        ("startDate", "range", put("startDate", *TOO_EARLY_OR_LATE)),
        ("startDate", "duplicateKey", twice("startDate", Date(0), None)),
        ("healthCoach", "type", put("healthCoach", *NO_TEXT)),
        ("healthCoach", "nul", put("healthCoach", *WITH_NUL)),
        ("healthCoach", "utf8", put("healthCoach", *BROKEN_TEXT)),
    ],
    "messages": [
        ("userId", "type", put("userId", *NO_ID)),
        ("latestMessageDate", "type", put("latestMessageDate", *NO_DATE)),
        (MESSAGES, "type", put(MESSAGES, Fields(), "hello", 0)),
        (MESSAGES, "duplicateKey", twice(MESSAGES, [], None)),
        ("", "required", instead(MESSAGES, message, None)),
        ("", "type", instead(MESSAGES, message, "hello", 5, [])),
        ("", "type", element(MESSAGES, message, "message", *NO_TEXT)),
        ("", "nul", element(MESSAGES, message, "message", *WITH_NUL)),
        ("", "utf8", element(MESSAGES, message, "message", *BROKEN_TEXT)),
        ("", "type", element(MESSAGES, message, "messageDate", *NO_DATE)),
        ("", "range", element(MESSAGES, message, "messageDate", *TOO_EARLY_OR_LATE)),
        ("", "duplicateKey", within(MESSAGES, message, lambda items, i, chance: items[i].again.append(("message", "again")), ".message")),
    ],
}

EDGE_DATES = (Date(FIRST_DATE), Date(LAST_DATE), Date(0), Date(-1), Date(-62135596800001), Date(253402300800000))
ODD_TEXTS = ("", " ", "😀" * 500, "👩‍👩‍👧‍👦", "\u0001\u001f\u007f", "\ufeff", "\ufffd", "\uffff", "\U0010ffff", "e\u0301", "\u202eabc", "x" * 20_000, "'; DROP TABLE users; --", "\\.", "\\N", "NULL", "{\"$oid\":1}", "\r\n\t\v")
ODD_NUMBERS = (0.0, -0.0, float("nan"), float("inf"), float("-inf"), 5e-324, -5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1 / 3, 2**53 + 0.0, 1e22, 1e23, 123456789012345680.0,
               2**31 - 1, -2**31, bson.Int64(2**63 - 1), bson.Int64(-2**63), bson.Decimal128("NaN"), bson.Decimal128("Infinity"), bson.Decimal128("-Infinity"),
               bson.Decimal128("-0"), bson.Decimal128("0E+6111"), bson.Decimal128("-0E-6176"), bson.Decimal128("1E-6176"), bson.Decimal128("9.999999999999999999999999999999999E+6144"),
               bson.Decimal128("1234567890123456789012345678901234E-20"), bson.Decimal128("0.00010000"), bson.Decimal128("10000"), bson.Decimal128("99990000.00001"), None, UNDEFINED)
SAME_COST = {"1234": (bson.Decimal128("59.990"), 59.99), "1235": (bson.Decimal128("6.00E+2"), 600.0, bson.Int64(600)), "1236": (bson.Decimal128("35.00"), 35.0), "1237": (bson.Decimal128("379.5"),)}


def same_plan_otherwise(fields, chance):
    plan = fields["subscriptions"]["planType"]
    plan["planCost"] = chance.choice(SAME_COST[plan["planID"]])
    plan["planLength"] = chance.choice((12.0, bson.Int64(12), bson.Decimal128("12.0"), bson.Decimal128("1.2E+1")))


def unknown_twice(fields, chance):
    fields["nickname"] = "Ada"
    fields.again.append(("nickname", b"\x00"))


ODDITIES = {
    "users": [anywhere(odd) for odd in [
        put("firstname", *ODD_TEXTS), put("lastname", *ODD_TEXTS), put("gender", None, UNDEFINED, *ODD_TEXTS), drop("firstname"), drop("age"), drop("groupId"), drop("country"),
        put("age", 0, -0.0, 0.0, 130.0, bson.Int64(130), bson.Decimal128("42"), bson.Decimal128("4.2E+1"), bson.Decimal128("42.000"), bson.Decimal128("-0"), None, UNDEFINED),
        put("signUpDate", *EDGE_DATES), put("subscriptions.startDate", None, UNDEFINED, *EDGE_DATES), put("groupId", None, UNDEFINED),
        drop("fakeDataHelpers"), put("fakeDataHelpers", None, Fields(), Fields(messagesPerDay=None), Fields(messagesPerDay=bson.Decimal128("2E+9"))),
        drop("subscriptions"), put("subscriptions", None), drop("subscriptions.subscriptionID"), put("subscriptions.subscriptionID", None),
        drop(INVOICES), put(INVOICES, None), put(INVOICES, []), same_plan_otherwise, unknown_twice,
        element(INVOICES, invoice, "amount", *ODD_NUMBERS), element(INVOICES, invoice, "amount", *ODD_NUMBERS), element(INVOICES, invoice, "currency", None, *ODD_TEXTS),
        element(INVOICES, invoice, "info", None, Fields(), Fields(status=None, date=None), Fields(date=EDGE_DATES[0]), Fields(status="\U0001f4b8", date=EDGE_DATES[1])),
    ]] + [
        unknown("referrer", "a", 1, None, Fields(campaign="x\0y"), text(b"\xff"), Date(2**63 - 1), [[]]),
        unknown("subscriptions.coupon", "SPRING", 5, ["a", None]),
    ],
    "groups": [anywhere(odd) for odd in [
        put("startDate", None, UNDEFINED, *EDGE_DATES), drop("startDate"), put("healthCoach", None, *ODD_TEXTS), drop("healthCoach"),
    ]] + [unknown("colour", "red", 5, bson.MaxKey(), Raw(0xFF))],
    "messages": [anywhere(odd) for odd in [
        put("userId", None, UNDEFINED), drop("groupId"), drop("latestMessageDate"), put("latestMessageDate", None, *EDGE_DATES), drop(MESSAGES), put(MESSAGES, None), put(MESSAGES, []),
        element(MESSAGES, message, "message", None, UNDEFINED, *ODD_TEXTS), element(MESSAGES, message, "messageDate", None, *EDGE_DATES), instead(MESSAGES, message, Fields()),
        lambda fields, chance: fields.__setitem__(MESSAGES, [Fields(message=str(n)) for n in range(300)]),
    ]] + [unknown("archived", True, "yes")],
}
