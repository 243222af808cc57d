"""BSON as pymongo writes it, and what pymongo refuses to write: dates beyond its years, keys that stand twice, text that is none."""
import struct

import bson

DOCUMENT, ARRAY, DATE = b"\x03", b"\x04", b"\x09"


class Date:
    """A BSON date. Python's own end with the year 9999."""

    def __init__(self, milliseconds):
        self.milliseconds = milliseconds


class Raw:
    """A value given by its bytes."""

    def __init__(self, kind, payload=b""):
        self.kind, self.payload = bytes([kind]), payload


UNDEFINED = Raw(0x06)


def text(utf8):
    """A string of any bytes."""
    return Raw(0x02, struct.pack("<i", len(utf8) + 1) + utf8 + b"\0")


class Fields(dict):
    """A document; what stands in 'again' follows the rest, even with a name that was there."""

    def __init__(self, **fields):
        super().__init__(**fields)
        self.again = []


def encode(fields):
    return wrap([*fields.items(), *fields.again])


def wrap(elements):
    pieces, plain = [], {}
    for name, value in elements:
        if not isinstance(value, (Fields, list, Date, Raw)) and name not in plain:
            plain[name] = value
            continue
        pieces.append(bson.encode(plain)[4:-1])
        plain = {}
        key = name.encode() + b"\0"
        if isinstance(value, Fields):
            pieces += DOCUMENT, key, encode(value)
        elif isinstance(value, list):
            pieces += ARRAY, key, wrap((str(i), item) for i, item in enumerate(value))
        elif isinstance(value, Date):
            pieces += DATE, key, struct.pack("<q", value.milliseconds)
        elif isinstance(value, Raw):
            pieces += value.kind, key, value.payload
        else:
            plain = {name: value}
    pieces.append(bson.encode(plain)[4:-1])
    body = b"".join(pieces)
    return struct.pack("<i", len(body) + 5) + body + b"\0"
