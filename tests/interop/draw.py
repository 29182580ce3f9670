#!/usr/bin/env python3
"""Draws a spot check again from an exported log, with nothing but Python.

usage: draw.py DIR ANNOUNCEMENT     (the folder of `sealdock log export --tiles`, the number after the Q)
"""
import hashlib, json, os, sys

folder, announced = sys.argv[1], int(sys.argv[2])
sha = lambda data: hashlib.sha256(data).digest()

def name(index):
    parts = ["%03d" % (index % 1000)]
    while index := index // 1000:
        parts.insert(0, "x%03d" % (index % 1000))
    return "/".join(parts)

size = int(open(os.path.join(folder, "checkpoint"), encoding="utf-8").read().split("\n")[1])
entries = []
for first in range(0, size, 256):
    width = min(256, size - first)
    path = os.path.join(folder, "tile/entries", name(first // 256) + ("" if width == 256 else ".p/%d" % width))
    data = open(path, "rb").read()
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2:2 + length])
        data = data[2 + length:]

def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha(b"\1" + root(leaves[:half]) + root(leaves[half:]))

events = [json.loads(entry)["event"] for entry in entries]
check = events[announced]
seed = root([sha(b"\0" + entry) for entry in entries[:check["at_size"]]]).hex()
before = list(enumerate(events))[:announced]
classes = {int(e["clip"][1:]): e["class"] for _, e in before if e["type"] == "clip.classed"}
gone = {int(c[1:]) for _, e in before if e["type"] == "clip.disposed" for c in e["clips"]}
out_of = [n for n, e in before if e["type"] == "clip.stored" and check["from"] <= n < check["to"]
          and n not in gone and ("class" not in check or classes.get(n) == check["class"])]
score = lambda n: sha(b"sealdock spot check v1\n%s\n%d\n" % (seed.encode(), n))
for n in sorted(out_of, key=score)[:check["count"]]:
    print("C%d" % n)
