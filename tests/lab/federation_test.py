#!/usr/bin/env python3
"""Two pods and the rest of a small world: letters both ways, conversations, absence."""

import email
import email.policy
import json
import pathlib
import re
import sys
import unittest

import network
import world

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import terminal  # noqa: E402

MUTT = """
set folder="imaps://{name}:993/" spoolfile="+INBOX" imap_user="{user}" imap_pass="{password}"
set ssl_force_tls=yes certificate_file="{certificate}" smtp_url="smtp://{user}@{name}:587/" smtp_pass="{password}"
set smtp_authenticators="scram-sha-256"
set from="{user}" use_envelope_from=yes record="+INBOX" header_cache="" editor="true"
set sort=threads hide_thread_subject=no arrow_cursor=yes
set imap_idle=yes mail_check=1 timeout=1 delete=yes quit=yes confirmappend=no wait_key=no abort_unmodified=no
set fast_reply=yes include=yes mark_old=no beep=no help=no read_inc=0 move=no index_format="%-13.13a %s"
"""


def setUpModule():
    global lab, ada, bee
    lab = world.World()
    ada, bee = lab.ada, lab.bee


def tearDownModule():
    lab.stop()


def send(pod, name, to, subject, **more):
    letter = world.letter(pod.address(name), to[0], subject, **more)
    pod.submit(name, letter, to)
    return letter


class Letters(unittest.TestCase):
    def test_they_cross_by_tls_and_their_octets_are_the_same(self):
        for here, name, there, other in ((ada, "alice", bee, "bob"), (bee, "bob", ada, "alice")):
            letter = send(here, name, [there.address(other)], "Grüße", body=world.ODD_BODY)
            (received,) = there.receives(other, letter["Message-ID"])
            trace, rest = received[:-len(letter.as_bytes())], received[-len(letter.as_bytes()):]
            self.assertEqual(rest, letter.as_bytes())
            words = b" ".join(trace.split()).decode()
            self.assertRegex(words, rf"^Return-Path: <{here.address(name)}> Delivered-To: {there.address(other)} "
                                    rf"Received: from {here.name} \(.*TLS1.3.*\) by {there.name} with ESMTPS id")
            self.assertIn(f"by {here.name} with ESMTPSA id", words)

    def test_one_letter_for_five_people_comes_to_each_once(self):
        people = ["bob@bee.lab", "ben@bee.lab", "frank@fix.lab", "fred@fix.lab", "anna@ada.lab"]
        letter = send(ada, "alice", people, "all of you")
        for pod, name in ((bee, "bob"), (bee, "ben"), (ada, "anna")):
            self.assertEqual(len(pod.receives(name, letter["Message-ID"])), 1)
        lab.postfix.receives(letter["Message-ID"])
        network.eventually(lambda: ada.queue(), lambda: not ada.waiting())
        copies = [each["Delivered-To"] for each in lab.postfix.mail() if each["Message-ID"] == letter["Message-ID"]]
        self.assertEqual(sorted(copies), ["frank@fix.lab", "fred@fix.lab"])

    def test_what_the_other_pod_refuses_comes_back_with_its_words(self):
        letter = send(ada, "alice", ["nobody@bee.lab"], "to nobody")
        report = ada.returned("alice", letter)
        self.assertEqual(report["Auto-Submitted"], "auto-replied")
        status = report.as_string()
        for said in ("Action: failed", "Status: 5.1.1", "Final-Recipient: rfc822; nobody@bee.lab",
                     "no such mailbox here", "Remote-MTA: dns; mx.bee.lab"):
            self.assertIn(said, status)


class Absence(unittest.TestCase):
    def waiting(self, pod, domain, count, reason=""):
        """The entries for a domain, once there are so many that were tried in vain for this reason."""
        def seek():
            found = [entry for entry in pod.queue() for to in entry["recipients"]
                     if to["address"].endswith("@" + domain) and reason in to["last_reply"]]
            return found if len(found) >= count else None
        return network.eventually(lambda: f"{count} for {domain}, {reason}: {pod.queue()} {pod.log()}", seek)

    def copies(self, pod, name, letters):
        return [len(pod.receives(name, letter["Message-ID"])) for letter in letters]

    def caught_up(self, pod):
        network.eventually(lambda: f"an empty queue: {pod.queue()} {pod.log()}", lambda: not pod.waiting())

    def test_a_pod_that_was_down_gets_all_once_when_it_is_back(self):
        bee.stop()
        letters = [send(ada, "alice", ["bob@bee.lab"], f"while you were away {n}") for n in range(10)]
        self.waiting(ada, "bee.lab", 10, "refused")
        bee.start()
        ada.command("queue", "retry")
        self.assertEqual(self.copies(bee, "bob", letters), [1] * 10)
        self.caught_up(ada)

    def test_what_waits_outlives_the_death_of_its_pod(self):
        bee.stop()
        letters = [send(ada, "alice", ["bob@bee.lab"], f"left behind {n}") for n in range(5)]
        self.waiting(ada, "bee.lab", 5, "refused")
        ada.kill()
        bee.start()
        ada.start()
        ada.command("queue", "retry")
        self.assertEqual(self.copies(bee, "bob", letters), [1] * 5)
        self.caught_up(ada)

    def test_a_pod_killed_while_it_sends_loses_nothing(self):
        letters = []
        for number in range(30):
            letters.append(send(ada, "alice", ["bob@bee.lab"], f"among them {number}", body="x" * 20_000))
            if number == 20:
                ada.kill()
                ada.start()
        copies = self.copies(bee, "bob", letters)
        self.caught_up(ada)
        # What was taken while nobody was left to note it is sent again: SMTP knows no better. One a connection.
        self.assertLessEqual(max(copies), 2)
        self.assertLessEqual(sum(copies), 30 + 4)

    def test_a_receiver_killed_while_it_receives_loses_nothing(self):
        letters = []
        for number in range(30):
            letters.append(send(ada, "alice", ["bob@bee.lab"], f"into the dark {number}", body="x" * 20_000))
            if number == 20:
                bee.kill()
                bee.start()
        ada.command("queue", "retry")
        copies = self.copies(bee, "bob", letters)
        self.caught_up(ada)
        self.assertLessEqual(max(copies), 2)
        self.assertLessEqual(sum(copies), 30 + 4)

    def test_an_unreachable_pod_holds_up_nobody_else(self):
        for number in range(20):
            send(ada, "alice", [f"x{number}@gone.lab"], "to nobody")
        letter = send(ada, "alice", ["bob@bee.lab"], "past the dead")
        self.assertEqual(self.copies(bee, "bob", [letter]), [1])
        gone = [entry for entry in ada.waiting() if entry["domains"] == ["gone.lab"]]
        self.assertEqual(len(gone), 20)
        for entry in gone:
            ada.command("queue", "drop", entry["entry"])


    def test_what_cannot_be_delivered_is_warned_about_and_then_given_back(self):
        """bee has less patience than ada."""
        letter = send(bee, "bob", ["nobody@gone.lab"], "to the end")
        delayed = bee.returned("bob", letter, "Action: delayed").as_string()
        self.assertIn("Will-Retry-Until: ", delayed)
        failed = bee.returned("bob", letter, "Action: failed").as_string()
        self.assertIn("Status: 4.4.", failed)
        self.assertIn("Subject: to the end", failed)
        self.caught_up(bee)


class Commands(unittest.TestCase):
    """What an administrator does to the queue."""

    def tearDown(self):
        for entry in ada.waiting():
            ada.command("queue", "drop", entry["entry"])

    def waits(self, subject, domain="closed.lab"):
        letter = send(ada, "alice", ["frank@" + domain], subject)

        def seek():
            return [entry for entry in ada.queue() for to in entry["recipients"]
                    if to["address"] == "frank@" + domain and to["attempts"]]
        return letter, network.eventually(lambda: f"{domain} {ada.queue()}", seek)[0]

    def test_route_sends_an_entry_elsewhere(self):
        letter, entry = self.waits("routed")
        ada.command("queue", "route", entry["entry"], "mx.fix.lab")
        # fix takes no mail for closed.lab, and says so.
        self.assertIn("Relay access denied", " ".join(ada.returned("alice", letter).as_string().split()))

    def test_a_held_entry_waits_until_it_is_released(self):
        _, entry = self.waits("held")
        ada.command("queue", "hold", entry["entry"])
        ada.command("queue", "retry")
        (held,) = ada.queue()
        self.assertTrue(held["held"])
        ada.command("queue", "release", entry["entry"])
        network.eventually(lambda: ada.queue(), lambda: ada.queue()[0]["recipients"][0]["attempts"] >
                           held["recipients"][0]["attempts"])

    def test_what_is_dropped_is_gone(self):
        letter, entry = self.waits("dropped")
        ada.command("queue", "drop", entry["entry"], "--report")
        ada.returned("alice", letter)
        network.eventually(lambda: ada.queue(), lambda: not ada.waiting())

    def test_list_and_show_speak_to_a_person(self):
        _, entry = self.waits("shown")
        self.assertIn("closed.lab", ada.command("queue", "list"))
        shown = ada.command("queue", "show", entry["entry"])
        for said in ("alice@ada.lab", "frank@closed.lab", "mx.closed.lab", "Connection refused"):
            self.assertIn(said, shown)


class Conversation(unittest.TestCase):
    """Alice at one pod and Bob at the other, each with mutt, which keeps what they write beside what they get."""

    def mutt(self, pod, name):
        folder = world.ROOT / f"mutt-{name}"
        folder.mkdir()
        rc = folder / "muttrc"
        rc.write_text(MUTT.format(name=pod.name, user=pod.address(name), password=pod.passwords[name],
                                  certificate=pod.certificate))
        shown = terminal.Terminal(folder, *pod.host.command("mutt", "-F", rc))
        self.addCleanup(shown.close)
        shown.sees("Mutt: =INBOX")
        return shown

    def answers(self, shown, number):
        shown.types_and_sees("=" + "j" * (number - 1), r"\A" + r"  .*\n" * (number - 1) + "->")
        shown.types_and_sees("r", "Compose", "Re: Picnic")
        shown.types_and_sees("y", "Mail sent")

    def tree(self, shown, letters):
        """Who wrote what in answer to what, once all letters are there."""
        drawn = shown.sees("(?s)" + "lab .*Picnic.*" * letters + "Mutt: =INBOX")
        return [line[2:].strip() for line in drawn.splitlines() if "Picnic" in line]

    def test_replies_are_threaded_on_both_sides(self):
        alice, bob = self.mutt(ada, "alice"), self.mutt(bee, "bob")
        for shown in (alice, bob):
            shown.types_and_sees("l~s Picnic\n", "=INBOX|No messages")
        alice.types_and_sees("m", "^To:")
        alice.types_and_sees("bob@bee.lab\n", "^Subject:")
        alice.types_and_sees("Picnic\n", "Compose")
        alice.types_and_sees("y", "Mail sent")
        for shown in (alice, bob):
            self.tree(shown, 1)
        self.answers(bob, 1)
        self.tree(alice, 2)
        self.answers(alice, 2)
        self.tree(bob, 3)
        self.answers(bob, 1)
        for shown in (alice, bob):
            self.assertEqual(self.tree(shown, 4), ["alice@ada.lab Picnic",
                                                   "bob@bee.lab   ├─>Re: Picnic",
                                                   "alice@ada.lab │ └─>Re: Picnic",
                                                   "bob@bee.lab   └─>Re: Picnic"])


if __name__ == "__main__":
    unittest.main()
