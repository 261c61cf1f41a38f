"""Records and messages for DMARC; and what libopendmarc says of them, which knows RFC 7489."""

import ctypes

# Each organization has a top of its own: libopendmarc 1.4.2 takes c.example and a.example for one, whatever list of public
# suffixes it is given.
FROMS = ["a.example", "news.a.example", "deep.news.a.example", "b.test", "x.b.test"]
PROVED = ["a.example", "news.a.example", "other.a.example", "mail.deep.news.a.example", "b.test", "y.b.test", "c.invalid"]
PASS, FAIL = 0, -1


def record(random):
    tags = ["p=" + random.choice(["none", "quarantine", "reject", "reject", "Reject", "nonsense"])]
    for tag, values in (("sp", ["none", "quarantine", "reject"]), ("adkim", ["r", "s"]), ("aspf", ["r", "s"]),
                        ("pct", ["0", "50", "100"]), ("rua", ["mailto:r@a.example"]), ("fo", ["1"]), ("rf", ["afrf"])):
        if random.random() < 0.3:
            tags.append(tag + "=" + random.choice(values))
    if random.random() < 0.05:
        random.shuffle(tags)
    version = random.choice(["v=DMARC1"] * 20 + ["v=DMARC2", "V=DMARC1", "v=dmarc1"])
    return random.choice(["; ", ";", " ; "]).join([version] + tags) + random.choice(["", "", ";"])


def organization(domain):
    return ".".join(domain.split(".")[-2:])


def is_record(records, name):
    """Another version is none (RFC 7489 §6.6.3): whoever asks for the record sorts it out."""
    return records.get(name, "").lower().replace(" ", "").startswith("v=dmarc1;")


def case(random):
    records = {}
    for name in ("a.example", "b.test"):
        if random.random() < 0.85:
            records[name] = record(random)
    for name in ("news.a.example", "x.b.test", "deep.news.a.example"):
        if random.random() < 0.3:
            records[name] = record(random)
    query = {"from": random.choice(FROMS), "spf": [random.choice(["pass", "pass", "fail", "none", "softfail"]), random.choice(PROVED)],
             "dkim": [[random.choice(["pass", "fail"]), random.choice(PROVED)] for _ in range(random.choice([0, 0, 1, 1, 2]))]}
    return records, query


class OpenDmarc:
    def __init__(self):
        self.lib = ctypes.CDLL("libopendmarc.so.2")
        lib = self.lib
        text, handle, integer = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
        for name, result, arguments in (
                ("opendmarc_policy_connect_init", handle, [text, integer]),
                ("opendmarc_policy_connect_shutdown", handle, [handle]),
                ("opendmarc_policy_store_from_domain", integer, [handle, text]),
                ("opendmarc_policy_store_spf", integer, [handle, text, integer, integer, text]),
                ("opendmarc_policy_store_dkim", integer, [handle, text, text, integer, text]),
                ("opendmarc_policy_store_dmarc", integer, [handle, text, text, text]),
                ("opendmarc_get_policy_to_enforce", integer, [handle])):
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments

    def ask(self, records, query):
        """`pass`, `none`, or the policy that is wished for: `fail reject`."""
        own, top = query["from"], organization(query["from"])
        found = own if is_record(records, own) else top if is_record(records, top) else None
        if found is None:
            return "none"
        one = self.lib.opendmarc_policy_connect_init(b"192.0.2.1", 0)
        try:
            self.lib.opendmarc_policy_store_from_domain(one, own.encode())
            result, domain = query["spf"]
            outcome = {"pass": 1, "fail": 2, "softfail": 2}.get(result, 0)
            self.lib.opendmarc_policy_store_spf(one, domain.encode(), outcome, 0, b"")
            for verdict, domain in query["dkim"]:
                self.lib.opendmarc_policy_store_dkim(one, domain.encode(), b"s", 1 if verdict == "pass" else 2, b"")
            stored = self.lib.opendmarc_policy_store_dmarc(one, records[found].encode(), own.encode(),
                                                           top.encode() if found == top != own else None)
            if stored != 0:
                return "none"
            said = self.lib.opendmarc_get_policy_to_enforce(one)
            return {14: "none", 15: "pass", 16: "fail reject", 17: "fail quarantine", 18: "fail none"}.get(said, f"code {said}")
        finally:
            self.lib.opendmarc_policy_connect_shutdown(one)
