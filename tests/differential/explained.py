"""Where we and others differ, and why: each row says of which cases it holds."""

import dataclasses
import re
from collections.abc import Callable

import dmarc_cases


@dataclasses.dataclass
class Row:
    name: str
    holds: Callable  # of a case, what we say, what they say


REASONS = {}


def row(name, reason, holds):
    REASONS[name] = reason
    return Row(name, holds)


def reachable(zone, domain):
    """The policies that an evaluation may come to; behind a macro that may be any."""
    domains, seen, texts = [domain], set(), []
    while domains:
        name = domains.pop()
        if name in seen:
            continue
        seen.add(name)
        for text in zone.records.get(("txt", name), []):
            texts.append(text)
            for target in re.findall(r"(?i)(?:include:|redirect=)(\S+)", text):
                domains += [key[1] for key in zone.records if key[0] == "txt"] if "%" in target else [target.split("/")[0].lower()]
    return " | ".join(texts)


def spf(name, reason, ours=None, theirs=None, pattern=None, holds=lambda case: True):
    def check(case, we, they):
        zone, query = case
        return (ours is None or we in ours) and (theirs is None or they in theirs) and \
            (pattern is None or re.search(pattern, reachable(zone, query["domain"]))) and holds(case)
    return row(name, reason, check)


def refers_to_itself(case):
    """A policy that includes, or leads to, itself."""
    zone, query = case
    return "%" in reachable(zone, query["domain"]) or any(
        re.search(rf"(?i)(include:|redirect=){re.escape(name)}(\s|$|/)", text)
        for (kind, name), texts in zone.records.items() if kind == "txt" for text in texts)


SPF = [
    spf("recursion", "python3-spf refuses a policy that names itself before it is evaluated; RFC 7208 §4.6.4 and §5.2 leave that to "
        "the limits of what is evaluated", theirs=["permerror"], holds=refers_to_itself),
    spf("syntax first", "a syntax error anywhere in a record is permerror (RFC 7208 §4.6), before its terms are looked at; python3-spf "
        "reads macros and lengths of prefixes when it comes to them", ours=["permerror"]),
    spf("void addresses", "two lookups of terms may lead to nothing (RFC 7208 §4.6.4); python3-spf also counts the addresses of names "
        "that ptr and mx lead to", ours=["pass", "neutral", "fail", "softfail", "none"], theirs=["permerror"],
        pattern=r"(?i)(^|[\s+?~-])(mx|ptr)"),
    spf("hosts that fail", "of several hosts one matches and another has no answer (RFC 7208 §5.4): we end with the match, python3-spf "
        "looks all up before", theirs=["temperror"], pattern=r"(?i)(^|[\s+?~-])(mx|ptr)", holds=lambda case: case[0].failing),
]


def dkim(name, reason, holds):
    return row(name, reason, holds)


def we_said(words):
    return lambda case, we, they: any(words in said for said in case["said"])


BOTH = [
    dkim("two keys", "of several keys at one name none counts (RFC 6376 §3.6.2.2 leaves it open); the others were given the first alone",
         lambda case, we, they: case["record"] == "two" and we == "fail"),
    dkim("length", "we take no signature with l=, for what is appended is not signed (RFC 6376 §8.2 lets a verifier)", we_said("policy: l=")),
    dkim("v last", "a key record's v= must be its first tag (RFC 6376 §3.6.1)",
         lambda case, we, they: case["record"] == "v last" and we == "fail"),
    dkim("second signature", "one signature that is broken says nothing of another (RFC 6376 §6.1); here the first alone is looked at",
         lambda case, we, they: case["changed"] == "signature above" and we == "pass"),
]
DKIMPY = BOTH + [
    dkim("h of the key", "a key whose h= does not name sha256 verifies no such signature (RFC 6376 §3.6.1); python3-dkim does not look",
         lambda case, we, they: case["record"] == "h=sha1" and we == "fail"),
    dkim("second from", "a From that is not signed stands above: the signature holds for the lowest (RFC 6376 §5.4.2), and the message is "
         "refused for its two authors (RFC 6376 §8.15)", lambda case, we, they: case["changed"] == "second from" and we == "pass"),
]
OPENDKIM = BOTH + [
    dkim("no line end", "where a body does not end with CRLF, relaxed adds it too (RFC 6376 §3.4.4); libopendkim does so for simple "
         "alone. No mail comes like that",
         lambda case, we, they: case["canonical"].endswith("/relaxed") and not case["message"].endswith(b"\r\n") and we == "pass"),
]


def dmarc(name, reason, holds):
    return row(name, reason, holds)


def records_of(case):
    return " | ".join(case[0].values())


def has_another_organization(case):
    """No record stands where a list of public suffixes would have it, so that the walk ends with another."""
    records, query = case
    organization = dmarc_cases.organization(query["from"])
    record = records.get(organization, "")
    # One without a policy, and without anybody to report to, is none: RFC 9989 §4.7.
    return not dmarc_cases.is_record(records, organization) or ("p=nonsense" in record and "rua=" not in record)


def is_shown_by_a_sibling(case):
    _, query = case
    proved = [domain for result, domain in [query["spf"], *query["dkim"]] if result == "pass"]
    return any(domain.split(".")[-2:] == query["from"].split(".")[-2:] and not domain.endswith(query["from"]) and
               not query["from"].endswith(domain) for domain in proved)


DMARC = [
    dmarc("siblings", "relaxed alignment joins all domains of one organization, strict only the same (RFC 9989 §4.10.2, RFC 7489 §3.1); "
          "libopendmarc 1.4.2 compares siblings by their length: x.b.test is y.b.test for it even where strict, and "
          "news.a.example and other.a.example are not joined",
          lambda case, we, they: is_shown_by_a_sibling(case) and "pass" in (we, they)),
    dmarc("several signatures", "one signature that holds and aligns is enough (RFC 9989 §5.3.4, RFC 7489 §6.6.2); libopendmarc keeps one of "
          "several, of the domain that is nearer, though it failed",
          lambda case, we, they: we == "pass" and {result for result, _ in case[1]["dkim"]} == {"pass", "fail"}),
    dmarc("tree walk", "whose record counts, and who belongs together, is found by the records on the walk up the tree (RFC 9989 "
          "§4.10); RFC 7489 §3.2 took the domain below the public suffix, which has none here",
          lambda case, we, they: has_another_organization(case)),
    dmarc("p unknown", "with p= unknown and rua= there the record counts as p=none (RFC 9989 §4.7, RFC 7489 §6.6.3); libopendmarc has none",
          lambda case, we, they: "p=nonsense" in records_of(case) and they == "none"),
    dmarc("v in capitals", "names of tags are compared with case (RFC 6376 §3.2), so V=DMARC1 begins no record; for libopendmarc it does",
          lambda case, we, they: "V=DMARC1" in records_of(case) or "v=dmarc1" in records_of(case)),
    dmarc("pct", "pct=0 is read as t=y, which makes a policy one step milder (RFC 9989 §A.6); libopendmarc leaves sampling to its caller",
          lambda case, we, they: "pct=0" in records_of(case) and we.startswith("fail") and they.startswith("fail")),
]
