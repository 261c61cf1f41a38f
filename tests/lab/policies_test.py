#!/usr/bin/env python3
"""What domains ask of TLS, by DANE and by MTA-STS: what leaves, and what must not. Each domain has a server of its own
that writes down all it hears; what a policy keeps is proved by what it did not hear."""

import subprocess
import sys
import unittest

import authority
import names
import network
import pods
import world

ADA, PEER, WEB, FALSE_WEB, CLOSED = 11, 101, 81, 82, 99
SOA = "{zone}. 60 SOA ns.lab. hostmaster.lab. 1 1 1 1 1\n{zone}. 60 NS ns.lab.\n"

# Domains and what becomes of mail for them: None, it goes; else what it waits for.
NO_TLS = "451 4.7.10 the host does not begin TLS"
NOT_KNOWN = "451 4.7.5 the host's certificate does not show that it is the host"
DANE = {
    "right": None,
    "next": None,                     # the old key's record stands beside the new one's
    "authority": None,                # DANE-TA
    "insecure": None,                 # records that nobody signs: as if there were none
    "useless": None,                  # PKIX-EE: TLS with whomever
    "wrong": NOT_KNOWN,
    "othername": NOT_KNOWN,           # DANE-TA, but the certificate is for another name
    "stripped": NO_TLS,
    "uselessstripped": NO_TLS,
    "bogus": "451 4.4.3 DNS does not say which certificate",
}
STS = {
    "good": None,
    "trial": None,                    # mode: testing
    "off": None,                      # mode: none
    "impostor": NOT_KNOWN,
    "unlisted": "451 4.7.5 the domain's MTA-STS policy does not name this host",
    "clear": NO_TLS,
}
# Those whose policy cannot be had: mail goes, for there is nothing that would keep it, and the log says why.
UNFETCHED = {
    "redirect": "answered with something else",
    "html": "answered with something else",
    "huge": "content",
    "falseweb": "has not shown a certificate for its name",
    "unreachable": "(refused|timed out|unreachable|No route)",
}
ASKED = "asked"  # as `clear`; one letter asks to be sent in any case
WITH_POLICY = (*STS, *UNFETCHED, ASKED)
WITHOUT_TLS = {"stripped", "uselessstripped", "clear", "trial", "off", ASKED, *UNFETCHED}


def make_certificates(signed):
    """{domain: a file of PEM} for all that have TLS."""
    made = {}
    for domain in (*DANE, *STS):
        if domain in WITHOUT_TLS:
            continue
        host = "mx." + domain + (".sec.lab" if domain in DANE else ".lab")
        made[domain] = signed.sign("mx.else.lab" if domain == "othername" else host)
    # By nobody, for the right name.
    folder = world.ROOT / "impostor"
    folder.mkdir()
    network.make_certificate(folder, "mx.impostor.lab")
    made["impostor"] = folder / "both.pem"
    made["impostor"].write_bytes((folder / "certificate.pem").read_bytes() + (folder / "key.pem").read_bytes())
    return made


def tlsa_lines(domain, certificates, signed):
    nobody = "3 1 1 " + "00" * 32
    der = authority.openssl("x509", "-in", signed.certificate, "-outform", "DER")
    records = {
        "right": [authority.tlsa(certificates["right"])],
        "next": [nobody, authority.tlsa(certificates["next"])],
        "authority": ["2 0 0 " + der.hex()],
        "othername": ["2 0 0 " + der.hex()],
        "useless": ["1" + nobody[1:]],
        "uselessstripped": ["1" + nobody[1:]],
        "wrong": [nobody],
        "stripped": [nobody],
        "insecure": [nobody],
        "bogus": [authority.tlsa(certificates["bogus"])],
    }[domain]
    return "".join(f"_25._tcp.mx.{domain}.sec.lab. 60 TLSA {record}\n" for record in records)


class Lab:
    def __init__(self):
        network.make()
        self.hosts = {"ada": network.Host("ada", ADA), "peer": network.Host("peer", PEER),
                      "web": network.Host("web", WEB)}
        network.ip("addr", "add", f"192.0.2.{FALSE_WEB}/24", "dev", "eth0", at="web")
        self.addresses = {}
        for number, domain in enumerate((*DANE, *WITH_POLICY), PEER + 1):
            self.addresses[domain] = f"192.0.2.{number}"
            network.ip("addr", "add", f"192.0.2.{number}/24", "dev", "eth0", at="peer")
        self.signed = authority.Authority(world.ROOT / "authority")
        self.certificates = make_certificates(self.signed)
        self.make_names()
        self.start_servers()
        anchor = world.ROOT / "anchor"
        anchor.write_text(self.names.trust_anchor("sec.lab"))
        self.ada = pods.Pod(self.hosts["ada"], world.ROOT / "ada", "ada.lab", ["alice"],
                            {**world.IMPATIENT, "dns.trust_anchor": f'"{anchor}"',
                             "sending.authorities": f'"{self.signed.certificate}"'})

    def make_names(self):
        zone = "ada MX 10 mx.ada\nmx.ada A 192.0.2.11\nsec NS ns\n"
        for domain in WITH_POLICY:
            web = {"falseweb": FALSE_WEB, "unreachable": CLOSED}.get(domain, WEB)
            zone += f'{domain} MX 10 mx.{domain}\nmx.{domain} A {self.addresses[domain]}\n' \
                f'mta-sts.{domain} A 192.0.2.{web}\n_mta-sts.{domain} TXT "v=STSv1; id=1;"\n'
        secure, apart = SOA.format(zone="sec.lab"), {}
        for domain in DANE:
            host = f"mx.{domain}.sec.lab"
            secure += f"{domain}.sec.lab. 60 MX 10 {host}.\n{host}. 60 A {self.addresses[domain]}\n"
            records = tlsa_lines(domain, self.certificates, self.signed)
            if domain in ("insecure", "bogus"):
                below = "_tcp." + host
                apart[below] = SOA.format(zone=below) + records
                secure += f"{below}. 60 NS ns.lab.\n"
                if domain == "bogus":
                    secure += f"{below}. 60 DS 4711 13 2 {'ab' * 32}\n"
            else:
                secure += records
        self.names = names.Names(world.ROOT / "names", zone, signed={"sec.lab": secure}, unsigned=apart)

    def start_servers(self):
        self.captures, policies = world.ROOT / "captures", world.ROOT / "policies"
        self.captures.mkdir()
        policies.mkdir()
        for domain in WITH_POLICY:
            mode = {"trial": "testing", "off": "none"}.get(domain, "enforce")
            mx = "*.other.lab" if domain in ("unlisted", "trial") else f"mx.{domain}.lab"
            (policies / f"mta-sts.{domain}.lab").write_text(
                f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n")
        sinks = [f"{domain}={address}={self.certificates.get(domain, '')}" for domain, address in self.addresses.items()]
        true = self.signed.sign("web.lab", *(f"mta-sts.{domain}.lab" for domain in WITH_POLICY))
        false = self.signed.sign("false.lab", "mta-sts.other.lab")
        with open(world.ROOT / "servers.log", "ab") as log:
            self.await_ready(self.hosts["peer"], log, names.FOLDER / "sink.py", self.captures, *sinks)
            for number, certificate in ((WEB, true), (FALSE_WEB, false)):
                self.await_ready(self.hosts["web"], log, names.FOLDER / "policy_web.py", f"192.0.2.{number}",
                                 certificate, policies)

    def await_ready(self, host, log, *command):
        process = host.start(sys.executable, *command, stdout=subprocess.PIPE, stderr=log)
        with process.stdout:
            if process.stdout.readline() != b"ready\n":
                raise AssertionError((world.ROOT / "servers.log").read_text())

    def stop(self):
        self.ada.stop()
        self.names.stop()
        for name in ("peer", "web"):
            self.hosts[name].stop()


def setUpModule():
    global lab, ada, letters
    lab = Lab()
    ada = lab.ada
    letters = {}
    for domain in (*DANE, *STS, *UNFETCHED):
        to = f"frank@{domain}" + (".sec.lab" if domain in DANE else ".lab")
        letters[domain] = world.letter("alice@ada.lab", to, "by way of " + domain, "canary\r\n")
        ada.submit("alice", letters[domain], [to])


def tearDownModule():
    lab.stop()


class Policies(unittest.TestCase):
    def heard(self, domain):
        return (lab.captures / domain).read_bytes()

    def goes(self, domain):
        network.eventually(lambda: f"{domain}: {ada.queue()} {ada.log()}", lambda: b"canary" in self.heard(domain))

    def is_kept(self, domain, reason):
        """It was tried, more than once, and its server has heard nothing of it."""
        def seek():
            return [to for entry in ada.queue() for to in entry["recipients"]
                    if to["address"].startswith(f"frank@{domain}.") and to["attempts"] > 1]
        (waiting,) = network.eventually(lambda: f"{domain} waits: {ada.queue()} {ada.log()}", seek)
        self.assertIn(reason, waiting["last_reply"])
        for word in (b"MAIL", b"RCPT", b"DATA", b"canary"):
            self.assertNotIn(word, self.heard(domain))

    def test_of_dane(self):
        for domain, reason in DANE.items():
            with self.subTest(domain):
                self.is_kept(domain, reason) if reason else self.goes(domain)

    def test_of_mta_sts(self):
        for domain, reason in STS.items():
            with self.subTest(domain):
                self.is_kept(domain, reason) if reason else self.goes(domain)

    def test_a_policy_that_cannot_be_had_keeps_nothing_and_is_told_of(self):
        for domain, reason in UNFETCHED.items():
            with self.subTest(domain):
                self.goes(domain)
                self.assertRegex(ada.log(), rf'queue.policy_unfetched host=mta-sts.{domain}.lab reason=".*{reason}')

    def test_what_has_tls_has_heard_nothing_of_the_letter_before_it(self):
        for domain, reason in {**DANE, **STS}.items():
            if reason or domain in WITHOUT_TLS:
                continue
            with self.subTest(domain):
                self.goes(domain)
                before, _, after = self.heard(domain).partition(b"STARTTLS\r\n")
                self.assertNotIn(b"canary", before)
                self.assertIn(b"canary", after)

    def test_a_letter_that_asks_so_goes_in_any_case(self):
        """RFC 8689 §5."""
        plain = world.letter("alice@ada.lab", f"frank@{ASKED}.lab", "as usual", "canary\r\n")
        ada.submit("alice", plain, [f"frank@{ASKED}.lab"])
        letter = world.letter("alice@ada.lab", f"frank@{ASKED}.lab", "in any case", "sparrow\r\n")
        letter["TLS-Required"] = "No"
        ada.submit("alice", letter, [f"frank@{ASKED}.lab"])
        network.eventually(lambda: f"it: {ada.queue()} {ada.log()}", lambda: b"sparrow" in self.heard(ASKED))

        def waiting():
            return [to for entry in ada.queue() for to in entry["recipients"]
                    if to["address"] == f"frank@{ASKED}.lab" and NO_TLS in to["last_reply"]]
        network.eventually(lambda: f"the other one waits: {ada.queue()} {ada.log()}", waiting)
        self.assertNotIn(b"canary", self.heard(ASKED))


class Restart(unittest.TestCase):
    """After all the others: nobody's policy can be had any more."""

    def test_a_policy_outlives_the_pod(self):
        def waiting():
            return [to for entry in ada.queue() for to in entry["recipients"]
                    if to["address"] == "frank@impostor.lab" and NOT_KNOWN in to["last_reply"]]
        network.eventually(lambda: f"one that waits: {ada.queue()} {ada.log()}", waiting)
        ada.stop()
        lab.hosts["web"].stop()
        ada.start()
        ada.submit("alice", world.letter("alice@ada.lab", "frank@impostor.lab", "later", "sparrow\r\n"),
                   ["frank@impostor.lab"])
        network.eventually(lambda: f"two that wait: {ada.queue()} {ada.log()}", lambda: len(waiting()) == 2)
        self.assertNotIn(b"MAIL", (lab.captures / "impostor").read_bytes())


if __name__ == "__main__":
    unittest.main()
