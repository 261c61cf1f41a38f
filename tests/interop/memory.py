"""What a process may write to, read by root: also that of one which is not dumpable."""

import base64


class Memory:
    CHUNK = 16 << 20
    OVERLAP = 256

    def __init__(self, process):
        self.process = process

    def regions(self):
        with open(f"/proc/{self.process}/maps") as maps:
            for line in maps:
                place, rights, _, _, _, *name = line.split(maxsplit=5)
                if "w" in rights:
                    begin, end = (int(number, 16) for number in place.split("-"))
                    yield begin, end, name[0].strip() if name else "anonymous"

    def read(self, begin, end):
        """Blocks of (octets, address) that overlap a little."""
        with open(f"/proc/{self.process}/mem", "rb", buffering=0) as memory:
            at = begin
            while at < end:
                memory.seek(at)
                try:
                    octets = memory.read(min(self.CHUNK, end - at))
                except OSError:
                    return  # unmapped meanwhile, or a guard
                if not octets:
                    return
                yield octets, at
                if at + len(octets) >= end:
                    return
                at += max(1, len(octets) - self.OVERLAP)

    def everything(self):
        for begin, end, _ in self.regions():
            for octets, _ in self.read(begin, end):
                yield octets

    def find(self, needles):
        """Where octets are, by the name of each: {name: [place and what stands around it, …]}."""
        found, searched = {}, 0
        for begin, end, name in self.regions():
            for octets, at in self.read(begin, end):
                searched += len(octets)
                for needle, word in needles.items():
                    offset = octets.find(needle)
                    while offset >= 0:
                        around = octets[max(0, offset - 48):offset + len(needle) + 48]
                        found.setdefault(word, []).append(f"{at + offset:#x} in {name} ({begin:#x}-{end:#x}): {around}")
                        offset = octets.find(needle, offset + 1)
        if searched < 1 << 20:
            raise AssertionError(f"only {searched} octets of the process could be read")
        return found


def faces(words):
    """Each word, and what it looks like within base64, whatever stands beside it: {octets: name}."""
    needles = {}
    for name, word in words.items():
        needles[word.encode()] = name
        for shift in range(3):
            needles[base64.b64encode(b"\0" * shift + word.encode())[4:-4]] = name + " in base64"
    return needles
