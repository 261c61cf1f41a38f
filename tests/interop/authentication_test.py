#!/usr/bin/env python3
"""Who a message is from, over a real connection: one pod signs and sends, another examines, the tests' own name server says what
each domain has published."""

import email
import email.policy
import re
import smtplib
import unittest

import names
import pod


def text_record(text):
    octets = text.encode()
    return b"".join(bytes([len(octets[at:at + 255])]) + octets[at:at + 255] for at in range(0, len(octets), 255))


class Authentication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = names.Names()
        cls.addClassCleanup(cls.names.close)
        cls.here = pod.Neighbour("here.lab", "alice")
        cls.addClassCleanup(cls.here.remove)
        cls.there = pod.Neighbour("there.lab", "carol", "dave")
        cls.addClassCleanup(cls.there.remove)
        for one, other in ((cls.here, cls.there), (cls.there, cls.here)):
            cls.names.mail_for(one.domain, f"mail.{one.domain}")
            one.set("sending", port=other.port("SMTP"), loopback=True, retry_seconds=[3600])
            one.set("dns", servers=[f"127.0.0.1@{cls.names.port}"], timeout_milliseconds=5000)
            one.set("authentication", exempt=[])
            cls.publish(one.domain, "v=spf1 ip4:127.0.0.1 -all")
            for line in one.run("dkim", "records").stdout.splitlines():
                if found := re.match(r"(\S+)\. IN TXT \( (.*) \)", line):
                    cls.publish(found[1], "".join(re.findall(r'"([^"]*)"', found[2])))
        cls.publish("_dmarc.here.lab", "v=DMARC1; p=reject")
        cls.publish("elsewhere.lab", "v=spf1 ip4:127.0.0.1 -all")
        cls.publish("_dmarc.bank.lab", "v=DMARC1; p=reject")
        cls.publish("_dmarc.shop.lab", "v=DMARC1; p=quarantine")
        cls.here.start()
        cls.there.start()

    @classmethod
    def publish(cls, name, text):
        cls.names.records[name, names.TXT] = [text_record(text)]

    def read(self, one_pod, name, subject, mailbox="INBOX"):
        client = one_pod.imap(name)
        number, = pod.wait_for(client, mailbox, ("SUBJECT", f'"{subject}"'))
        octets = client.fetch(number, "(BODY.PEEK[])")[1][0][1]
        client.logout()
        return email.message_from_bytes(octets, policy=email.policy.default)

    def send_as_alice(self, subject, recipient):
        message = pod.message(subject, sender="alice@here.lab", to=recipient)
        with self.here.submission("alice") as client:
            client.sendmail("alice@here.lab", [recipient], message.as_bytes())

    def send_as_anybody(self, subject, author, recipient="carol@there.lab"):
        with self.there.exchange() as client:
            client.sendmail("mallory@elsewhere.lab", [recipient], pod.message(subject, sender=author, to=recipient).as_bytes())

    def test_what_a_pod_has_signed_passes_at_another(self):
        self.send_as_alice("signed", "carol@there.lab")
        results = " ".join(self.read(self.there, "carol", "signed")["Authentication-Results"].split())
        self.assertTrue(results.startswith("there.lab; spf=pass smtp.mailfrom=here.lab;"), results)
        self.assertEqual(results.count("dkim=pass header.d=here.lab"), 2, results)
        self.assertIn("dmarc=pass header.from=here.lab policy.dmarc=reject", results)

    def test_whoever_forges_is_refused_or_set_aside(self):
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            self.send_as_anybody("forged", "security@bank.lab")
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertIn(b"5.7.26", refused.exception.smtp_error)
        self.send_as_anybody("offer", "offers@shop.lab")
        message = self.read(self.there, "carol", "offer", "Junk")
        self.assertIn("shop.lab", message["Mailpod-Reason"])
        self.assertIn("dmarc=fail header.from=shop.lab policy.dmarc=quarantine", message["Authentication-Results"])
        self.send_as_anybody("honest", "mallory@elsewhere.lab")
        message = self.read(self.there, "carol", "honest")
        self.assertIn("spf=pass", message["Authentication-Results"])
        self.assertIsNone(message["Mailpod-Reason"])

    def test_what_is_forwarded_tells_what_was_found_out_before(self):
        self.there.run("forward", "set", "dave", "alice@here.lab", stdin=self.there.password("dave") + "\n")
        self.send_as_anybody("onward", "mallory@elsewhere.lab", "dave@there.lab")
        message = self.read(self.here, "alice", "onward")
        self.assertIn("arc=pass", message["Authentication-Results"])
        self.assertIn("spf=pass smtp.mailfrom=there.lab", message["Authentication-Results"])
        self.assertIn("i=1; there.lab; spf=pass smtp.mailfrom=elsewhere.lab", " ".join(message["ARC-Authentication-Results"].split()))


if __name__ == "__main__":
    unittest.main()
