#!/usr/bin/env python3
"""Wrong logins from very many addresses, while a member logs in: how long the member waits, and what it costs the daemon.

The addresses are those of 127.0.0.0/8, none of them exempt. Attackers have machines of their own in life: here they give way
to everybody else (nice 19), or the figure would be how long a member waits for the attackers' own TLS.
`logins.py [SECONDS] [CONNECTIONS] [DELAY]`"""

import asyncio
import itertools
import multiprocessing
import os
import pathlib
import ssl
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
import pod  # noqa: E402

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20
ATTACKERS = int(sys.argv[2]) if len(sys.argv) > 2 else 60
DELAY = int(sys.argv[3]) if len(sys.argv) > 3 else 3000
ADDRESSES = 1000


def unverified():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


TLS = unverified()


async def log_in(port, source, name, passwords):
    """The answers to one LOGIN after the other, on one connection."""
    reader, writer = await asyncio.open_connection(pod.HOST, port, ssl=TLS, local_addr=(source, 0))
    answers = []
    try:
        await reader.readline()
        for password in passwords:
            writer.write(f'a LOGIN "{name}" "{password}"\r\n'.encode())
            line = await reader.readline()
            if not line.startswith(b"a "):
                break
            answers.append(line)
    finally:
        writer.close()
    return answers


async def attack(port, addresses, tally, end):
    wrong = ["mp-aaaaa-aaaaa-aaaaa-aaaaa-aaaaaa"] * 9
    while time.monotonic() < end:
        try:
            for answer in await log_in(port, next(addresses), "alice@pod.lab", wrong):
                tally["refused" if b"UNAVAILABLE" in answer else "failed"] += 1
        except (OSError, asyncio.IncompleteReadError):
            tally["cut"] += 1


async def attack_all(port):
    end = time.monotonic() + SECONDS
    addresses = itertools.cycle(f"127.1.{n // 250}.{n % 250 + 1}" for n in range(ADDRESSES))
    tally = {"failed": 0, "refused": 0, "cut": 0}
    await asyncio.gather(*(attack(port, addresses, tally, end) for _ in range(ATTACKERS)))
    return tally


def attacker(port, tallies):
    """A process of its own: who attacks must not slow down who measures."""
    os.nice(19)
    tallies.put(asyncio.run(attack_all(port)))


async def be_a_member(port, password):
    end = time.monotonic() + SECONDS
    waits = []
    while time.monotonic() < end:
        begun = time.monotonic()
        answers = await log_in(port, "127.9.9.9", "alice@pod.lab", [password])
        assert answers and answers[0].startswith(b"a OK"), answers
        waits.append(time.monotonic() - begun)
        await asyncio.sleep(0.05)
    return waits


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def main():
    one = pod.Neighbour("pod.lab", "alice")
    try:
        one.set("guard", exempt=[], login_delay_milliseconds=DELAY)
        one.start()
        port, password = one.port("IMAPS"), one.password("alice")
        asyncio.run(log_in(port, "127.9.9.9", "alice@pod.lab", [password]))
        tallies = multiprocessing.Queue()
        attacking = multiprocessing.Process(target=attacker, args=(port, tallies))
        attacking.start()
        before = processor_seconds(one.serving.pid)
        waits = asyncio.run(be_a_member(port, password))
        cores = (processor_seconds(one.serving.pid) - before) / SECONDS
        tally = tallies.get()
        attacking.join()
        status = pathlib.Path(f"/proc/{one.serving.pid}/status").read_text()
        memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    finally:
        one.remove()
    tried = tally["failed"] + tally["refused"]
    print(f"wrong logins {tried} ({tried / SECONDS:.0f}/s): {tally['failed']} looked at, {tally['refused']} refused unseen, "
          f"{tally['cut']} connections cut")
    cuts = statistics.quantiles(waits, n=100)
    print(f"member: {len(waits)} logins, none refused; p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms, "
          f"slowest {max(waits) * 1000:.0f} ms; daemon: {cores:.2f} cores, {int(memory) // 1024} MiB")


if __name__ == "__main__":
    main()
