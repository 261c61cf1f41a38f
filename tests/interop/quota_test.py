#!/usr/bin/env python3
"""A member whose vault fills up: what their mail program hears, what other servers hear, and what the member is told."""

import json
import re
import unittest

import pod

LINE = "x" * 70 + "\r\n"


def large(octets):
    return pod.message(subject="large", body=LINE * (octets // len(LINE)), to="frida@pod.lab")


class Quota(pod.OnePod):
    def setUp(self):
        if not hasattr(self.pod, "hoarder"):
            self.pod.hoarder = self.pod.newcomer("frida")
        self.pod.as_maintainer("member", "quota", "frida", "--mib", "1")

    def shown(self):
        return json.loads(self.pod.run("--json", "member", "show", "frida").stdout)

    def answer(self):
        with self.pod.exchange() as exchange:
            exchange.ehlo("elsewhere.example")
            exchange.mail("somebody@elsewhere.example")
            code, text = exchange.rcpt("frida@pod.lab")
            return code, text.decode()

    def test_a_vault_from_empty_to_full(self):
        client = self.pod.imap("frida", self.pod.hoarder)
        offered = client.capability()[1][0].decode().split()
        self.assertLess({"QUOTA", "QUOTA=RES-STORAGE", "QUOTA=RES-MESSAGE", "QUOTA=RES-MAILBOX"}, set(offered))
        self.assertIn('"" (STORAGE 0 1024', client.getquota('""')[1][0].decode())
        kind, (root, quota) = client.getquotaroot("INBOX")
        self.assertEqual((kind, root[0].decode()), ("OK", 'INBOX ""'))

        octets = bytes(large(900 * 1024))
        self.assertEqual(client.append("INBOX", None, None, octets)[0], "OK")
        used = int(re.search(r"STORAGE (\d+) 1024", client.getquota('""')[1][0].decode())[1])
        self.assertEqual(used, -(-len(octets) // 1024))
        pod.wait_for(client, "INBOX", ["SUBJECT", '"80 % full"'])

        kind, (why,) = client.append("INBOX", None, None, octets)
        self.assertEqual((kind, why[:11]), ("NO", b"[OVERQUOTA]"))
        client.select("INBOX")
        kind, (why,) = client.copy("1", "Archive")
        self.assertEqual((kind, why[:11]), ("NO", b"[OVERQUOTA]"))
        self.assertEqual(client.uid("MOVE", "1", "Archive")[0], "OK")

        # From outside it is taken until it is full, and a little beyond.
        with self.pod.exchange() as exchange:
            exchange.send_message(large(200 * 1024), "somebody@elsewhere.example", "frida@pod.lab")
        pod.wait_for(client, "INBOX", ["SUBJECT", '"mailbox is full"'])
        shown = self.shown()
        self.assertGreater(shown["usage_octets"], shown["quota_octets"])
        self.assertIn("full_since", shown)
        self.assertIn("the vault of frida@pod.lab is 100 % full", self.pod.run("status").stdout)
        self.assertEqual(self.answer()[0], 250)
        with self.pod.exchange() as exchange:
            exchange.send_message(large(100 * 1024), "somebody@elsewhere.example", "frida@pod.lab")
        pod.wait_for(client, "INBOX", ["SUBJECT", "large", "SMALLER", str(150 * 1024)])
        code, text = self.answer()
        self.assertEqual((code, text[:5]), (452, "4.2.2"))

        # It stays so for one who is not logged in, also after a restart: a closed vault has said what it held.
        before = self.shown()
        client.logout()
        self.pod.stop()
        self.pod.start()
        self.assertEqual(self.answer()[0], 452)
        self.assertEqual(self.shown()["usage_octets"], before["usage_octets"])
        self.assertEqual(self.shown()["usage_messages"], before["usage_messages"])

    def test_quotas_are_the_maintainers_to_set(self):
        client = self.pod.imap("alice")
        kind, (why,) = client.setquota('""', "(STORAGE 100000)")
        self.assertEqual((kind, why[:8]), ("NO", b"[NOPERM]"))
        refused = self.pod.run("member", "quota", "alice", "--mib", "10", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("maintainer-key", refused.stderr)


if __name__ == "__main__":
    unittest.main()
