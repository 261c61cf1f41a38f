#!/usr/bin/env python3
"""What DNS can do to a letter: every domain of world.ZONE is written to at once, and each letter's fate is looked at."""

import unittest

import network
import world

NOW_OR_NEVER = {
    "null": ("5.1.10", "this domain takes no mail"),
    "nothing": ("5.4.4", "this domain has no host that takes mail"),
    "absent": ("5.1.2", "there is no such domain"),
    "mine": ("5.4.6", "mail for this domain leads back to this server"),
}
DNS_SILENT = ("servfail", "lame", "silent")


def setUpModule():
    global lab, ada, letters
    lab = world.World()
    ada = lab.ada
    letters = {}
    for domain in (*world.TO_FIX, *NOW_OR_NEVER, *DNS_SILENT, "gone", "closed"):
        letters[domain] = world.letter("alice@ada.lab", f"frank@{domain}.lab", "by way of " + domain)
        ada.submit("alice", letters[domain], [f"frank@{domain}.lab"])


def tearDownModule():
    lab.stop()


class Ways(unittest.TestCase):
    def waits(self, domain, *reasons):
        """The letter's entry, once it was tried in vain for one of these reasons."""
        def seek():
            return [entry for entry in ada.queue() for to in entry["recipients"]
                    if to["address"] == f"frank@{domain}.lab" and any(reason in to["last_reply"] for reason in reasons)]
        return network.eventually(lambda: f"{domain} {reasons}: {ada.queue()} {ada.log()}", seek)[0]

    def test_every_way_to_the_other_server_is_found(self):
        """By MX, by an alias, by an MX that is an alias, by address alone, by IPv6 alone, past dead hosts, by slow DNS."""
        for domain in world.TO_FIX:
            with self.subTest(domain):
                received = lab.postfix.receives(letters[domain]["Message-ID"])
                self.assertEqual(received["X-Original-To"], f"frank@{domain}.lab")

    def test_where_no_mail_can_ever_go_is_told_at_once(self):
        for domain, (status, words) in NOW_OR_NEVER.items():
            with self.subTest(domain):
                report = ada.returned("alice", letters[domain]).as_string()
                self.assertIn("Status: " + status, report)
                self.assertIn(words, " ".join(report.split()))
                self.assertIn(f"Final-Recipient: rfc822; frank@{domain}.lab", report)

    def test_where_dns_fails_the_letter_waits(self):
        for domain in DNS_SILENT:
            with self.subTest(domain):
                self.waits(domain, "451 4.4.3 DNS does not answer")

    def test_where_no_host_answers_the_letter_waits(self):
        self.waits("closed", "refused")
        self.waits("gone", "timed out", "unreachable", "No route")


if __name__ == "__main__":
    unittest.main()
