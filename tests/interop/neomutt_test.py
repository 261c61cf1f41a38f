#!/usr/bin/env python3
"""neomutt: the same as mutt, of which it is a descendant that reads IMAP by code of its own."""

import unittest

import mutt_test


class NeoMutt(mutt_test.Mutt):
    program = "neomutt"
    # As with mutt, GNU SASL would take -PLUS to send, and neomutt 20220429 does not let SCRAM-SHA-256 be named.
    authenticators = 'set smtp_authenticators="plain"'
    opened_inbox = "NeoMutt"
    batch_keeps_a_copy = False


# What is imported is not found anew: its own test runs it.
del mutt_test.Mutt

if __name__ == "__main__":
    unittest.main()
