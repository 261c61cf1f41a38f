#!/usr/bin/env python3
"""What the pod publishes by HTTP, asked for by curl, by raw sockets, and by an independent checker of ledgers."""

import json
import plistlib
import socket
import ssl
import subprocess
import time
import unittest
import xml.etree.ElementTree as xml

import ledger_checker
import pod

WELL_KNOWN = "/.well-known/mailpod"


class WebPod(pod.Neighbour):
    """A pod that serves pages, too, on two ports more."""

    def __init__(self, domain, *members):
        super().__init__(domain, *members)
        self.http, self.https = self.base + 80, self.base + 443
        self.implicit_tls = [self.base + offset for offset in (465, 993)]  # submissions and imaps
        self.set("listen.http", address=pod.HOST, port=self.http)
        self.set("listen.https", address=pod.HOST, port=self.https)

    def curl(self, path, *arguments, host=None, check=True):
        """The answer's status, its fields in lower case, and its content, by HTTPS."""
        host = host or self.domain
        trust = ("--cacert", str(self.path / "tls/certificate.pem")) if host == self.domain else ("--insecure",)
        done = subprocess.run(["curl", "--silent", "--show-error", "--include", "--path-as-is", *trust, "--resolve",
                               f"{host}:{self.https}:{pod.HOST}", *arguments, f"https://{host}:{self.https}{path}"],
                              capture_output=True, timeout=pod.PATIENCE)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr.decode())
        return split(done.stdout)

    def raw(self, octets, until_closed=True):
        """What comes back for these octets in clear."""
        with socket.create_connection((pod.HOST, self.http), timeout=pod.PATIENCE) as connection:
            connection.sendall(octets)
            return read_all(connection) if until_closed else connection.recv(65536)


def split(answer):
    head, _, content = answer.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, content = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return int(first.split()[1]), fields, content


def read_all(connection):
    out = b""
    while True:
        more = connection.recv(65536)
        if not more:
            return out
        out += more


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pod = WebPod("pod.lab", "alice")
        cls.pod.set("http", head_timeout_milliseconds=1000, idle_timeout_milliseconds=2000)
        cls.pod.start()

    @classmethod
    def tearDownClass(cls):
        cls.pod.remove()

    def test_the_front_page_leads_to_the_charter_and_the_ledger(self):
        status, fields, content = self.pod.curl("/")
        self.assertEqual(status, 200)
        self.assertEqual(fields["content-type"], "text/html; charset=utf-8")
        self.assertIn("default-src 'none'", fields["content-security-policy"])
        links = [part.split(b'"')[0].decode() for part in content.split(b'href="')[1:]]
        self.assertGreaterEqual(len(links), 4)
        for link in links:
            self.assertEqual(self.pod.curl(link)[0], 200, link)

    def test_head_says_what_get_would(self):
        _, get, content = self.pod.curl("/")
        status, head, nothing = self.pod.curl("/", "--head")
        self.assertEqual((status, nothing), (200, b""))
        self.assertEqual(head["content-length"], str(len(content)))
        self.assertEqual(head["etag"], get["etag"])

    def test_what_is_known_is_not_sent_again(self):
        tag = self.pod.curl("/")[1]["etag"]
        status, _, content = self.pod.curl("/", "--header", f"If-None-Match: {tag}")
        self.assertEqual((status, content), (304, b""))

    def test_a_range_is_answered_by_the_whole(self):
        status, fields, content = self.pod.curl("/", "--range", "0-3")
        self.assertEqual(status, 200)
        self.assertEqual(fields["accept-ranges"], "none")
        self.assertGreater(len(content), 4)

    def test_what_is_not_there_is_not_there(self):
        for path in ("/nothing", f"{WELL_KNOWN}/charter/pod.key", f"{WELL_KNOWN}/charter/../../pod.key",
                     f"{WELL_KNOWN}/charter/..%2f..%2fpod.key", f"{WELL_KNOWN}/charter/acts/000001.entry.tmp",
                     f"{WELL_KNOWN}/charter/acts/1.entry", f"{WELL_KNOWN}/charter/charter-1.toml",
                     f"{WELL_KNOWN}/charter/acts/..", f"{WELL_KNOWN}/ledger/../../pod.key",
                     f"{WELL_KNOWN}/ledger/tile/0/../../../../pod.key", f"{WELL_KNOWN}/ledger/tile/0/999",
                     f"{WELL_KNOWN}/ledger/%2e%2e/charter-0001.toml", f"{WELL_KNOWN}/ledger/tile/entries/00"):
            status, _, content = self.pod.curl(path)
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"mailpod", content)

    def test_charters_and_acts_are_what_lies_there(self):
        governance = self.pod.path / "governance"
        _, _, listing = self.pod.curl(f"{WELL_KNOWN}/charter/")
        names = listing.decode().split()
        self.assertIn("charter-0001.toml", names)
        self.assertTrue(any(name.endswith(".minisig") for name in names))
        for name in names:
            self.assertEqual(self.pod.curl(f"{WELL_KNOWN}/charter/{name}")[2], (governance / name).read_bytes())
        acts = sorted((governance / "acts").glob("*.entry"))
        self.assertTrue(acts)
        for act in acts:
            status, fields, content = self.pod.curl(f"{WELL_KNOWN}/charter/acts/{act.name}")
            self.assertEqual((status, content), (200, act.read_bytes()))
            self.assertIn("immutable", fields["cache-control"])

    def test_an_independent_checker_finds_the_ledger_sound(self):
        shown = json.loads(self.pod.run("--json", "ledger", "show").stdout)
        place = self.pod.folder / "fetched"
        for path in (self.pod.path / "governance/ledger").rglob("*"):
            if path.is_file() and (path.name == "checkpoint" or "tile" in path.parts):
                name = path.relative_to(self.pod.path / "governance/ledger")
                status, fields, content = self.pod.curl(f"{WELL_KNOWN}/ledger/{name}")
                self.assertEqual(status, 200, name)
                self.assertIn("max-age=10" if path.name == "checkpoint" else "immutable", fields["cache-control"])
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content)
        origin, _, entries = ledger_checker.check(place, ledger_checker.Verifier(shown["key"]))
        self.assertEqual(origin, "pod.lab/ledger")
        self.assertEqual(len(entries), shown["leaves"])

    def test_the_policy_is_that_of_its_own_host(self):
        status, fields, content = self.pod.curl("/.well-known/mta-sts.txt", host="mta-sts.pod.lab")
        self.assertEqual(status, 200)
        self.assertEqual(fields["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(content, b"version: STSv1\r\nmode: testing\r\nmx: pod.lab\r\nmax_age: 86400\r\n")
        for other in ("pod.lab", "mta-sts.other.lab"):
            self.assertEqual(self.pod.curl("/.well-known/mta-sts.txt", "--header", f"Host: {other}")[0], 404, other)

    def test_mail_programs_find_the_servers(self):
        for path, host in (("/.well-known/autoconfig/mail/config-v1.1.xml", "pod.lab"),
                           ("/mail/config-v1.1.xml?emailaddress=alice@pod.lab", "autoconfig.pod.lab")):
            status, _, content = self.pod.curl(path, host=host)
            self.assertEqual(status, 200)
            provider = xml.fromstring(content).find("emailProvider")
            self.assertEqual(provider.find("domain").text, "pod.lab")
            first = provider.find("incomingServer")
            self.assertEqual((first.find("hostname").text, first.find("port").text, first.find("socketType").text),
                             ("pod.lab", str(self.pod.port("IMAPS")), "SSL"))
            self.assertEqual(provider.find("outgoingServer/port").text, str(self.pod.port("SUBMISSIONS")))
        self.assertEqual(self.pod.curl("/mail/config-v1.1.xml", host="autoconfig.other.lab")[0], 404)
        status, _, content = self.pod.curl("/autodiscover/autodiscover.xml", "--data", "<xml/>", host="autodiscover.pod.lab")
        self.assertEqual(status, 200)
        self.assertIn(str(self.pod.port("IMAPS")), content.decode())
        self.assertIsNotNone(xml.fromstring(content))
        status, _, content = self.pod.curl(f"{WELL_KNOWN}/mail.mobileconfig")
        profile = plistlib.loads(content)
        self.assertEqual(profile["PayloadContent"][0]["IncomingMailServerPortNumber"], self.pod.port("IMAPS"))

    def test_who_finds_a_weakness_knows_whom_to_tell(self):
        _, fields, content = self.pod.curl("/.well-known/security.txt")
        lines = dict(line.split(": ", 1) for line in content.decode().splitlines())
        self.assertEqual(lines["Contact"], "mailto:postmaster@pod.lab")
        self.assertGreater(lines["Expires"], time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 86400)))
        self.assertEqual(fields["content-type"], "text/plain; charset=utf-8")

    def test_the_card_is_the_pods(self):
        key = json.loads(self.pod.run("--json", "ledger", "show").stdout)["key"]
        status, _, content = self.pod.curl(f"{WELL_KNOWN}/pod")
        self.assertEqual(status, 200)
        self.assertEqual(content.decode(), self.pod.run("card", "show").stdout)
        path = self.pod.folder / "card"
        path.write_bytes(content)
        self.assertIn("this is the card of pod.lab", self.pod.run("card", "verify", str(path), "--key", key).stdout)
        card = json.loads(self.pod.run("--json", "card", "verify", str(path), "--key", key).stdout)
        self.assertEqual((card["pod"], card["hosts"], card["charter_seq"]), ("pod.lab", ["pod.lab"], 1))
        path.write_bytes(content.replace(b"host pod.lab", b"host evil.lab"))
        self.assertNotEqual(self.pod.run("card", "verify", str(path), "--key", key, check=False).returncode, 0)

    def test_the_clear_port_shows_the_same(self):
        answer = self.pod.raw(b"GET /.well-known/security.txt HTTP/1.1\r\nHost: pod.lab\r\nConnection: close\r\n\r\n")
        status, fields, content = split(answer)
        self.assertEqual((status, content), (200, self.pod.curl("/.well-known/security.txt")[2]))
        self.assertNotIn("strict-transport-security", fields)

    def test_requests_that_come_at_once_are_answered_in_order(self):
        one = b"GET /.well-known/security.txt HTTP/1.1\r\nHost: pod.lab\r\n\r\n"
        other = b"GET /nothing HTTP/1.1\r\nHost: pod.lab\r\n\r\n"
        last = b"GET / HTTP/1.1\r\nHost: pod.lab\r\nConnection: close\r\n\r\n"
        answer = self.pod.raw(one + other + one + last)
        self.assertEqual([part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]], [b"200", b"404", b"200", b"200"])

    def test_what_could_be_two_requests_is_none(self):
        evil = b"GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n"
        for head, code in ((b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"400"),
                           (b"Transfer-Encoding: gzip, chunked\r\n", b"501"), (b"Content-Length: 3, 3\r\n", b"400"),
                           (b"Transfer-Encoding:\x0bchunked\r\n", b"400"), (b"X: y\r\n Content-Length: 3\r\n", b"400"),
                           (b"Host: other\r\n", b"400")):
            answer = self.pod.raw(b"POST / HTTP/1.1\r\nHost: pod.lab\r\n" + head + b"\r\n0\r\n\r\n" + evil)
            self.assertEqual([part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]], [code], head)

    def test_a_slow_client_holds_nobody_up(self):
        with socket.create_connection((pod.HOST, self.pod.http), timeout=pod.PATIENCE) as slow:
            begun = time.monotonic()
            slow.sendall(b"GET / HTTP/1.1\r\nHost: pod.lab\r\n")
            answer = b""
            slow.settimeout(0.2)
            while not answer and time.monotonic() < begun + pod.PATIENCE:
                slow.sendall(b"X: y\r\n")  # one line each fifth of a second, for ever
                try:
                    answer = slow.recv(65536)
                except TimeoutError:
                    self.assertEqual(self.pod.curl("/.well-known/security.txt")[0], 200)
            self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
            self.assertLess(time.monotonic() - begun, 5)

    def test_who_speaks_another_protocol_by_tls_is_told_at_once(self):
        for offered, agreed in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), ([], None), (["h2"], None),
                                (["imap"], None)):
            context = ssl.create_default_context(cafile=str(self.pod.path / "tls/certificate.pem"))
            if offered:
                context.set_alpn_protocols(offered)
            with socket.create_connection((pod.HOST, self.pod.https), timeout=pod.PATIENCE) as connection:
                if offered and not agreed:
                    with self.assertRaises(ssl.SSLError):
                        context.wrap_socket(connection, server_hostname="pod.lab")
                else:
                    with context.wrap_socket(connection, server_hostname="pod.lab") as secure:
                        self.assertEqual(secure.selected_alpn_protocol(), agreed)

    def test_no_browser_is_led_to_the_mail_servers(self):
        """The certificate is the same; what a page makes a browser say there is not to be taken for commands."""
        for port in self.pod.implicit_tls:
            for offered, welcome in ((["http/1.1"], False), (["h2", "http/1.1"], False), ([], True), (["unknown"], True),
                                     (["unknown", "http/1.1"], True)):
                context = ssl.create_default_context(cafile=str(self.pod.path / "tls/certificate.pem"))
                if offered:
                    context.set_alpn_protocols(offered)
                with self.subTest(port=port, offered=offered), \
                        socket.create_connection((pod.HOST, port), timeout=pod.PATIENCE) as connection:
                    if welcome:
                        context.wrap_socket(connection, server_hostname="pod.lab").close()
                    else:
                        with self.assertRaises(ssl.SSLError):
                            context.wrap_socket(connection, server_hostname="pod.lab")

    def test_browsers_are_told_to_insist_where_it_is_set(self):
        self.assertNotIn("strict-transport-security", self.pod.curl("/")[1])
        self.pod.set("http", strict_transport_seconds=3600)
        self.addCleanup(self.pod.run, "reload")
        self.addCleanup(self.pod.set, "http", strict_transport_seconds=0)
        self.pod.run("reload")
        self.assertEqual(self.pod.curl("/")[1]["strict-transport-security"], "max-age=3600")

    def test_check_says_which_names_a_certificate_needs(self):
        found = self.pod.run("check", check=False).stdout
        self.assertIn("no certificate is for mta-sts.pod.lab", found)
        self.assertIn("no certificate is for autoconfig.pod.lab", found)


class Witness(unittest.TestCase):
    """One pod asks another by HTTPS to cosign its ledger."""

    @classmethod
    def setUpClass(cls):
        cls.log, cls.witness = pod.Neighbour("log.lab", "alice"), WebPod("witness.lab")
        cls.witness.start()

    @classmethod
    def tearDownClass(cls):
        cls.log.remove()
        cls.witness.remove()

    def shown(self, which):
        return json.loads(which.run("--json", "ledger", "show").stdout)

    def ask(self, body):
        return self.witness.curl(f"{WELL_KNOWN}/witness/add-checkpoint", "--data-binary", body)

    def test_a_cosignature_is_given_for_what_grew_and_for_nothing_else(self):
        first = self.shown(self.log)
        status, _, _ = self.ask("old 0\n\n" + first["checkpoint"])
        self.assertEqual(status, 404, "nobody here watches that ledger yet")
        checkpoint = self.log.folder / "checkpoint"
        checkpoint.write_text(first["checkpoint"])
        self.witness.run("ledger", "witness", str(checkpoint), "--key", first["key"])
        self.log.newcomer("bob")
        proof = self.log.run("ledger", "prove", "--since", str(first["leaves"])).stdout
        newest = self.shown(self.log)
        status, fields, content = self.ask(proof.replace(f"old {first['leaves']}", "old 1"))
        self.assertEqual((status, fields["content-type"], content),
                         (409, "text/x.tlog.size", f"{first['leaves']}\n".encode()))
        lines = proof.splitlines()
        status, _, _ = self.ask("\n".join([lines[0], *lines[2:]]) + "\n")
        self.assertEqual(status, 422, "a hash is missing")
        unsigned = proof[:proof.index("\n— ")] + "\n— other.lab/ledger AAAAAAAA" + "A" * 80 + "\n"
        self.assertIn(self.ask(unsigned)[0], (400, 403))
        self.assertEqual(self.ask("nonsense")[0], 400)
        status, _, content = self.ask(proof)
        self.assertEqual(status, 200)
        self.assertTrue(content.decode().startswith("— witness.lab/witness "))
        cosigned = self.log.folder / "cosigned"
        cosigned.write_text(newest["checkpoint"] + content.decode())
        key = self.shown(self.witness)["witness_key"]
        self.assertIn("1 new", self.log.run("ledger", "cosign-add", str(cosigned), "--witness", key).stdout)
        status, _, content = self.ask(proof)
        self.assertEqual(status, 409, "that size is behind us")
        self.assertEqual(content, f"{newest['leaves']}\n".encode())

    def test_what_was_cosigned_is_remembered_over_a_kill(self):
        before = self.shown(self.log)
        checkpoint = self.log.folder / "checkpoint"
        checkpoint.write_text(before["checkpoint"])
        self.witness.run("ledger", "witness", str(checkpoint), "--key", before["key"])
        self.log.newcomer("carol")
        proof = self.log.run("ledger", "prove", "--since", str(before["leaves"])).stdout
        self.assertEqual(self.ask(proof)[0], 200)
        self.witness.stop(9)
        self.witness.start()
        status, _, content = self.ask(proof)
        self.assertEqual((status, content), (409, f"{self.shown(self.log)['leaves']}\n".encode()))


if __name__ == "__main__":
    unittest.main()
