#!/usr/bin/env python3
"""Debian's OpenSMTPD and a pod, each writing to the other."""

import unittest

import correspondence
import opensmtpd
import world


def setUpModule():
    correspondence.ToThePod.lab = correspondence.FromThePod.lab = world.Pair(opensmtpd.OpenSmtpd)


def tearDownModule():
    correspondence.ToThePod.lab.stop()


class FromOpenSmtpd(correspondence.ToThePod, unittest.TestCase):
    put_off, too_big = "TempFail", "message too large for peer"


class ToOpenSmtpd(correspondence.FromThePod, unittest.TestCase):
    # In clear, as TLS fails: see opensmtpd.py.
    trace = r"from mx.ada.lab \(mx.ada.lab \[.*\]\) by mx.fix.lab \(OpenSMTPD\) with ESMTP id"

    def test_where_tls_fails_though_it_is_offered_mail_goes_without(self):
        self.lab.fix.receives(self.sent("frank@fix.lab", "in clear")["Message-ID"])
        self.lab.fix.logs(["smtp disconnected", "SSL routines"])


if __name__ == "__main__":
    unittest.main()
