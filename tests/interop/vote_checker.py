"""Another count of votes: from the entries of a ledger, with Debian's minisign and Python's TOML. It shares nothing with
Mailpod, and knows questions and elections by approval. docs/votes.md"""

import hashlib
import pathlib
import struct
import subprocess
import tempfile
import tomllib


def parse(entry):
    """When it was accepted, the file, and its signatures. docs/charter-format.md, "The record of acts"."""
    version, accepted_at, length = struct.unpack_from(">BQI", entry)
    assert version == 1
    at = 13 + length
    octets, signatures = entry[13:at], []
    (count,) = struct.unpack_from(">H", entry, at)
    at += 2
    for _ in range(count):
        (length,) = struct.unpack_from(">I", entry, at)
        signatures.append(entry[at + 4:at + 4 + length])
        at += 4 + length
    assert at == len(entry)
    return accepted_at, octets, signatures


def is_signed(octets, signature, key, comment):
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "file").write_bytes(octets)
        (place / "file.minisig").write_bytes(signature)
        done = subprocess.run(["minisign", "-V", "-Q", "-m", place / "file", "-P", key], capture_output=True, text=True)
        return done.returncode == 0 and done.stdout.strip() == comment


class Box:
    def __init__(self, opening, opened, members, keys):
        self.opening, self.opened, self.members, self.keys = opening, opened, set(members), dict(keys)
        self.ballots = {}

    def cast(self, ballot, identity, octets, signatures, received):
        assert self.opened <= received < self.opening["closes"].timestamp()
        comment = f"mailpod ballot pod={ballot['pod']} seq={ballot['charter']} sha256={identity}"
        (signature,) = signatures
        (voter,) = (who for who, key in self.keys.items() if is_signed(octets, signature, key, comment))
        key = (-ballot["issued"].timestamp(), identity)
        self.ballots[voter] = min(self.ballots.get(voter, (key, ballot)), (key, ballot), key=lambda each: each[0])

    def result(self):
        """Votes of each option."""
        last = [ballot for _, ballot in self.ballots.values()]
        names = [each["option"] for each in self.opening.get("candidates", [])] or ["yes", "no"]
        said = [ballot.get("approve", [ballot.get("answer")]) for ballot in last]
        return {"counted": len(last), "members": len(self.members),
                "votes": {name: sum(name in one for one in said) for name in names}}


def count(entries):
    """Of each vote, by its identity, what its ballots say and what its result says."""
    members, keys, boxes, results = set(), {}, {}, {}
    for entry in entries:
        accepted_at, octets, signatures = parse(entry)
        file = tomllib.loads(octets.decode())
        identity = hashlib.sha256(octets).hexdigest()
        if file["type"] == "act" and file["act"] == "admit" and file["kind"] == "member":
            members.add(file["member"])
        elif file["type"] == "act" and file["act"] == "set-citizen-key":
            keys[file["member"]] = file["citizen_key"]
        elif file["type"] == "act" and file["act"] == "expel":
            members.discard(file["member"])
            keys.pop(file["member"], None)
        elif file["type"] == "vote":
            boxes[identity] = Box(file, accepted_at, members, keys)
        elif file["type"] == "ballot":
            boxes[file["vote"]].cast(file, identity, octets, signatures, accepted_at)
        elif file["type"] == "result":
            assert not signatures
            results[file["vote"]] = {"counted": file["counted"], "members": file["members"],
                                     "votes": {each["option"]: each["votes"] for each in file["options"]}}
    return {vote: (box.result(), results.get(vote)) for vote, box in boxes.items()}
