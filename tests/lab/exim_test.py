#!/usr/bin/env python3
"""Debian's Exim and a pod, each writing to the other."""

import unittest

import correspondence
import exim
import world


def setUpModule():
    correspondence.ToThePod.lab = correspondence.FromThePod.lab = world.Pair(exim.Exim)


def tearDownModule():
    correspondence.ToThePod.lab.stop()


class FromExim(correspondence.ToThePod, unittest.TestCase):
    put_off, too_big = "Connection refused", "552 5.3.4 message too big"


class ToExim(correspondence.FromThePod, unittest.TestCase):
    trace = r"\(helo=mx.ada.lab\) by mx.fix.lab with esmtps \(TLS1.3\)"
    put_off = "451 4.2.0 come back later"


if __name__ == "__main__":
    unittest.main()
