"""Checks a copy of a pod's ledger by what the standards say alone: Ed25519 (RFC 8032 §5.1.7), the Merkle tree of RFC 6962
§2.1, and c2sp.org's signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature and tlog-proof. Shares nothing with Mailpod.

    python3 ledger_checker.py FOLDER VERIFIER_KEY
"""

import base64
import hashlib
import pathlib
import struct
import sys

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    (x1, y1), (x2, y2) = p, q
    k = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P) % P)


def times(n, p):
    out = (0, 1)
    while n:
        if n & 1:
            out = add(out, p)
        p, n = add(p, p), n >> 1
    return out


def point(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - xx) % P == 0 and y < P, "no point of the curve"
    return (P - x if x & 1 != sign else x, y)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return len(signature) == 64 and s < ORDER and times(s, BASE) == add(point(signature[:32]), times(h, point(key)))


class Verifier:
    """`name+id+base64`."""

    def __init__(self, text):
        self.name, key_id, octets = text.split("+", 2)
        octets = base64.b64decode(octets, validate=True)
        self.kind, self.key = octets[0], octets[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + octets).digest()[:4]
        assert self.id.hex() == key_id, "the key's id"

    def signed(self, note):
        """The note's text if we signed it; with the time, if we are a witness."""
        text, lines = note.rsplit("\n\n", 1)
        text += "\n"
        for line in lines.splitlines():
            dash, name, octets = line.split(" ")
            octets = base64.b64decode(octets, validate=True)
            if (dash, name, octets[:4]) != ("—", self.name, self.id):
                continue
            message, signature, seconds = text.encode(), octets[4:], None
            if self.kind == 4:
                (seconds,), signature = struct.unpack(">Q", signature[:8]), signature[8:]
                message = f"cosignature/v1\ntime {seconds}\n".encode() + message
            assert is_signed(self.key, message, signature), "a signature does not hold"
            return text, seconds
        raise AssertionError(f"not signed by {self.name}")


def sha(octets):
    return hashlib.sha256(octets).digest()


def tree_hash(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha(b"")
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + tree_hash(leaves[:middle]) + tree_hash(leaves[middle:]))


def head(text):
    origin, size, root = text.splitlines()[:3]
    return origin, int(size), base64.b64decode(root, validate=True)


def tile_path(level, index, width):
    path = f"{index % 1000:03}"
    while index := index // 1000:
        path = f"x{index % 1000:03}/{path}"
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def tiles(level, count):
    return [(tile_path(level, i, min(256, count - 256 * i)), min(256, count - 256 * i)) for i in range(-(-count // 256))]


def check(folder, verifier):
    """The origin, the root and every entry of a ledger that is sound."""
    folder = pathlib.Path(folder)
    origin, size, root = head(verifier.signed((folder / "checkpoint").read_text())[0])
    entries = []
    for path, width in tiles("entries", size):
        octets = (folder / path).read_bytes()
        for _ in range(width):
            length = int.from_bytes(octets[:2], "big")
            entries.append(octets[2:2 + length])
            octets = octets[2 + length:]
        assert not octets, f"{path} is too long"
    row, level = [sha(b"\0" + entry) for entry in entries], 0
    assert tree_hash(row) == root, "the entries do not add up to the root"
    while row:
        for i, (path, width) in enumerate(tiles(level, len(row))):
            assert (folder / path).read_bytes() == b"".join(row[256 * i:256 * i + width]), path
        row, level = [tree_hash(row[i:i + 256]) for i in range(0, len(row) - 255, 256)], level + 1
    return origin, root, entries


def check_inclusion(text, entry, verifier):
    """The index of an entry that a tlog-proof is about."""
    lines, note = text.split("\n\n", 1)
    mark, index, *path = lines.splitlines()
    assert mark == "c2sp.org/tlog-proof@v1"
    index, (_, size, root) = int(index.removeprefix("index ")), head(verifier.signed(note)[0])
    at, last, out = index, size - 1, sha(b"\0" + entry)
    for line in path:
        sibling = base64.b64decode(line, validate=True)
        if at & 1 or at == last:
            out = sha(b"\1" + sibling + out)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            out = sha(b"\1" + out + sibling)
        at, last = at >> 1, last >> 1
    assert last == 0 and out == root, "the proof leads elsewhere"
    return index


if __name__ == "__main__":
    print(*check(sys.argv[1], Verifier(sys.argv[2]))[:1])
