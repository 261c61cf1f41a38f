"""Messages whose octets follow from their name alone, so that nobody has to keep them."""

import random

LARGE = 300 * 1024  # octets; above 256 KiB a message is spooled on its way in


def octets(token, size):
    dice = random.Random(token)
    head = (f"From: Alice <alice@pod.lab>\r\nTo: pod@pod.lab\r\nSubject: {token}\r\n"
            f"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <{token}@elsewhere.lab>\r\n"
            f"X-Storm: {token} {size}\r\n\r\n").encode()
    lines = [head]
    left = size - len(head)
    while left > 0:
        text = dice.randbytes(35).hex().encode()[:max(left - 2, 1)]
        # Some lines begin with a dot, which SMTP must stuff.
        lines.append((b"." + text[1:] if dice.random() < 0.1 else text) + b"\r\n")
        left -= len(lines[-1])
    return b"".join(lines)


def is_the_pods_own(octets):
    """Whether the pod wrote it to its member: of a password that was made, a vault that fills up."""
    return b"\r\nFrom: Mailpod <postmaster@" in octets.partition(b"\r\n\r\n")[0]


def name_in(header):
    """(token, size) from the X-Storm field, or nothing."""
    for line in header.split(b"\r\n"):
        if line.startswith(b"X-Storm: "):
            token, size = line[9:].decode().split()
            return token, int(size)
    return None


TRACE = (b"Return-Path: ", b"Delivered-To: ", b"Received: ", b"\t", b" ")


def is_whole(stored, token, size):
    """Whether these are the octets sent; only trace fields may stand before them."""
    sent = octets(token, size)
    if not stored.endswith(sent):
        return False
    trace = stored[:len(stored) - len(sent)]
    return trace == b"" or (trace.endswith(b"\r\n") and
                            all(line.startswith(TRACE) for line in trace[:-2].split(b"\r\n")))
