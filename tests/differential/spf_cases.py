"""Policies as people write them, and as they get them wrong; and what python3-spf says of them."""

import ipaddress

CLIENTS = ["192.0.2.1", "192.0.2.77", "198.51.100.9", "203.0.113.200", "2001:db8::1", "2001:db8:1::25"]
DOMAINS = ["a.example", "b.example", "mail.a.example", "c.test", "deep.sub.b.example", "d.test"]
LOCALS = ["alice", "strong-bad", "a.b-c", "", "x+y"]
QUALIFIERS = ["", "", "", "+", "-", "~", "?"]
MACROS = ["%{i}", "%{ir}", "%{d}", "%{d2}", "%{dr}", "%{s}", "%{l}", "%{l1r-}", "%{o}", "%{h}", "%{v}", "%{p}", "%%", "%_",
          "%-", "%{d0}", "%{x}", "%{i", "%(d)", "%{S}", "%{L}", "%{ir}.%{v}._spf"]


class Zone:
    """A DNS of some names: what it has, what fails."""

    def __init__(self):
        self.records = {}
        self.failing = set()

    def add(self, kind, name, record):
        self.records.setdefault((kind, name.lower()), []).append(record)

    def __repr__(self):
        return f"{self.records} failing: {self.failing}"

    def rows(self):
        rows = [[kind, name, [str(r) if kind != "mx" else r[1] for r in
                 (sorted(records, key=lambda r: r[0]) if kind == "mx" else records)]]
                for (kind, name), records in self.records.items() if kind != "ptr"]
        rows += [["ptr", name, records] for (kind, name), records in self.records.items() if kind == "ptr"]
        return rows + [[kind, name, None] for name in self.failing for kind in ("a", "aaaa", "mx", "txt")]


def domain_spec(random):
    if random.careful:
        return random.choice(DOMAINS + ["%{d2}", "%{i}.%{d}", "mail.%{o}", "%{l}.%{d}", "%{ir}.%{v}.a.example"])
    if random.random() < 0.25:
        return random.choice(MACROS) + random.choice([".", "-", ""]) + random.choice(DOMAINS)
    if random.random() < 0.1:
        return random.choice(["nowhere.test", "", ".", "a..example", "x_y.example", "no-dot", "a.example.", "%{d}"])
    return random.choice(DOMAINS)


def cidr(random):
    if random.careful:
        return random.choice(["", "", "", "/24", "/32", "//64", "/24//64"])
    return random.choice(["", "", "", "/24", "/32", "/0", "//64", "/24//64", "/33", "/08", "/-1", "//129", "/", "/24/64"])


def mechanism(random):
    kind = random.choice(["ip4", "ip4", "ip6", "a", "a", "mx", "mx", "include", "include", "exists", "ptr", "all", "odd"])
    q = random.choice(QUALIFIERS)
    if random.careful:
        kind = random.choice(["ip4", "ip4", "ip6", "a", "a", "mx", "mx", "include", "exists", "ptr", "all"])
        if kind == "ip4":
            return q + "ip4:" + random.choice(["192.0.2.1", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.200", "203.0.113.128/25"])
        if kind == "ip6":
            return q + "ip6:" + random.choice(["2001:db8::1", "2001:db8::/32", "2001:db8:1::/64", "2001:DB8:1::25"])
    if kind == "ip4":
        address = random.choice(["192.0.2.1", "192.0.2.0", "198.51.100.0", "203.0.113.200", "192.0.2.256", "192.0.2", "::1"])
        return q + "ip4:" + address + random.choice(["", "", "/24", "/32", "/0", "/33", "/024"])
    if kind == "ip6":
        return q + "ip6:" + random.choice(["2001:db8::1", "2001:db8::", "2001:db8:1::", "192.0.2.1", "nonsense"]) + \
            random.choice(["", "/32", "/64", "/128", "/0", "/129"])
    if kind in ("a", "mx"):
        return q + kind + random.choice(["", ":" + domain_spec(random)]) + cidr(random)
    if kind in ("include", "exists"):
        return q + kind + ":" + domain_spec(random)
    if kind == "ptr":
        return q + random.choice(["ptr", "ptr:" + domain_spec(random)])
    if kind == "all":
        return q + "all"
    return random.choice(["ip4", "include", "a:", "unknown:x", "foo=bar", "foo=%{d}", "redirect=", "exp=%{d}.test", "ALL", "-All",
                          "A", "MX", "Ip4:192.0.2.1", "all:x", "all/24", "ptr/24", "exists", "+", "-", "moo", "include:b.example/24"])


def policy(random):
    terms = [mechanism(random) for _ in range(random.choice([0, 1, 1, 2, 2, 3, 4, 6]))]
    if random.random() < 0.5:
        terms.append(random.choice(["-all", "~all", "?all", "all", "-all"]))
    if random.random() < 0.2:
        terms.append("redirect=" + domain_spec(random))
    random.random() < 0.1 and random.shuffle(terms)
    separator = " " if random.random() < 0.95 else "  "
    if random.careful:
        return " ".join(["v=spf1"] + terms)
    version = random.choice(["v=spf1"] * 20 + ["V=SPF1", "v=spf10", "v=spf2.0/pra", " v=spf1"])
    return separator.join([version] + terms)


def case(random):
    """Three of five without mistakes: else nearly all would end with the first of them."""
    random.careful = random.random() < 0.6
    zone = Zone()
    for name in DOMAINS:
        if random.random() < 0.75:
            zone.add("txt", name, policy(random))
        if random.random() < 0.05 and not random.careful:
            zone.add("txt", name, policy(random))
        if random.random() < 0.2:
            zone.add("txt", name, "some other text")
        for address in random.sample(CLIENTS, random.choice([0, 1, 1, 2])):
            zone.add("aaaa" if ":" in address else "a", name, address)
        for _ in range(random.choice([0, 0, 1, 2, 3])):
            host = random.choice(DOMAINS)
            if host not in [known for _, known in zone.records.get(("mx", name), [])]:
                zone.add("mx", name, (len(zone.records.get(("mx", name), [])) * 10 + 10, host))
    for address in CLIENTS:
        if random.random() < 0.5:
            zone.add("ptr", address, random.choice(DOMAINS))
    if random.random() < 0.1:
        failing = random.choice(DOMAINS)
        zone.failing.add(failing)
        zone.records = {key: value for key, value in zone.records.items() if key[0] == "ptr" or key[1] != failing}
    return zone, {"client": random.choice(CLIENTS), "helo": random.choice(DOMAINS), "local": random.choice(LOCALS),
                  "domain": random.choice(DOMAINS)}


def reverse_pointer(name):
    """The address that a name below in-addr.arpa or ip6.arpa is about."""
    if name.endswith(".in-addr.arpa"):
        return ".".join(reversed(name[:-len(".in-addr.arpa")].split(".")))
    nibbles = "".join(reversed(name[:-len(".ip6.arpa")].split(".")))
    return str(ipaddress.ip_address(int(nibbles, 16)))


def ask_pyspf(spf, zone, query):
    """The result alone."""
    def look_up(name, kind, *_, **__):
        name = name.rstrip(".").lower()
        kind = kind.lower()
        if name in zone.failing:
            raise spf.TempError("DNS")
        found = zone.records.get((kind, reverse_pointer(name) if kind == "ptr" else name), [])
        if kind == "txt":
            return [((name, "TXT"), [record.encode("latin-1")]) for record in found]
        return [((name, kind.upper()), record) for record in found]

    spf.DNSLookup = look_up
    sender = (query["local"] or "postmaster") + "@" + query["domain"]
    return spf.check2(i=query["client"], s=sender, h=query["helo"], timeout=20, querytime=0)[0]
