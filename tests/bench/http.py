#!/usr/bin/env python3
"""HTTP: static answers per second, server CPU each, and memory of an idle connection, Mailpod beside nginx in one run.

    tests/bench/http.py [--requests 20000] [--connections 8] [--batch 20] [--idle 500] [--rounds 3] [--peers DIR]

Both serve the same charter: Mailpod from governance/, nginx (Debian's nginx-light, one worker a core, unpacked into build/peers by
packaging/packages.sh: `fetch_missing build/peers "${bench_packages[@]}"`) from a folder. Each connection asks for a batch of requests at
once and reads all answers before the next. Memory is the proportional set size of all of a server's processes.
"""
import argparse
import contextlib
import os
import re
import resource
import socket
import ssl
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from servers import HOST, MAILPOD, ROOT, Mailpod, cpu_seconds, memory

CHARTER = "/.well-known/mailpod/charter/charter-0001.toml"


class WebMailpod(Mailpod):
    """With its pages on two ports more."""

    def __init__(self, folder, port_base, connections):
        super().__init__(folder, port_base, 2)
        self.http, self.https = port_base + 80, port_base + 443
        self.stop()
        pod = self.folder / "pod"
        path = pod / "mailpod.toml"
        text = path.read_text()
        for section, port in (("http", self.http), ("https", self.https)):
            text = re.sub(rf"(?ms)(^\[listen\.{section}\].*?^port = )\d+", rf"\g<1>{port}", text)
            for name in ("connections", "connections_per_address"):
                text = re.sub(rf"(?ms)(^\[listen\.{section}\].*?^{name} = )\d+", rf"\g<1>{connections}", text)
        for name, value in (("requests", 1_000_000), ("lifetime_milliseconds", 3_600_000), ("idle_timeout_milliseconds", 600_000)):
            text = re.sub(rf"(?ms)(^\[http\].*?^{name} = )\d+", rf"\g<1>{value}", text)
        path.write_text(text)
        reading, writing = os.pipe()
        self.process = subprocess.Popen([MAILPOD, "--pod", str(pod), "serve", "--ready-fd", str(writing)], pass_fds=[writing],
                                        stderr=subprocess.DEVNULL)
        os.close(writing)
        if not os.read(reading, 6).startswith(b"ready"):
            raise SystemExit("mailpod did not start")
        os.close(reading)
        self.roots = [self.process.pid]
        self.charter = (pod / "governance/charter-0001.toml").read_bytes()
        self.certificate = (pod / "tls/certificate.pem", pod / "tls/key.pem")

    def end(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    name = "nginx"

    def __init__(self, folder, port_base, peers, like):
        self.folder = folder / "nginx"
        place = self.folder / ("www" + CHARTER)
        place.parent.mkdir(parents=True)
        place.write_bytes(like.charter)
        self.http, self.https = port_base + 80, port_base + 443
        certificate, key = like.certificate
        for name, path in (("certificate.pem", certificate), ("key.pem", key)):
            (self.folder / name).write_bytes(path.read_bytes())
        (self.folder / "nginx.conf").write_text(f"""
user root; worker_processes auto; daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000; keepalive_timeout 600s; sendfile on; tcp_nopush on;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/fastcgi;
  uwsgi_temp_path {self.folder}/uwsgi; scgi_temp_path {self.folder}/scgi;
  server {{
    listen {HOST}:{self.http}; listen {HOST}:{self.https} ssl; server_name pod.lab; root {self.folder}/www;
    ssl_certificate {self.folder}/certificate.pem; ssl_certificate_key {self.folder}/key.pem;
  }}
}}
""")
        program = Path("/usr/sbin/nginx")
        program = program if program.exists() else peers / "usr/sbin/nginx"
        if not program.exists():
            raise SystemExit(f"there is no nginx, neither installed nor in {peers}: see packaging/packages.sh, bench_packages")
        self.process = subprocess.Popen([program, "-c", self.folder / "nginx.conf", "-p", self.folder], stderr=subprocess.DEVNULL)
        self.roots = [self.process.pid]
        for _ in range(100):
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection((HOST, self.http)):
                return
            time.sleep(0.05)
        raise SystemExit((self.folder / "error.log").read_text())

    def end(self):
        self.process.terminate()
        self.process.wait()


UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


def connect(server, secure):
    connection = socket.create_connection((HOST, server.https if secure else server.http), timeout=60)
    return UNVERIFIED.wrap_socket(connection, server_hostname="pod.lab") if secure else connection


def one_answer(connection, request):
    """Its length in octets."""
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(65536)
    head, rest = answer.split(b"\r\n\r\n", 1)
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode())
    length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
    while len(rest) < length:
        rest += connection.recv(65536)
    return len(head) + 4 + length


def ask(server, secure, count, batch):
    """As often on one connection; what comes back is counted, not read, so that what is measured is the server."""
    request = f"GET {CHARTER} HTTP/1.1\r\nHost: pod.lab\r\n\r\n".encode()
    with connect(server, secure) as connection:
        length = one_answer(connection, request)
        room = bytearray(1 << 18)
        for _ in range(count // batch):
            connection.sendall(request * batch)
            left = length * batch
            while left > 0:
                got = connection.recv_into(room, min(left, len(room)))
                if got == 0:
                    raise SystemExit("the server hung up")
                left -= got


def rate(server, secure, options):
    """Requests per second, and CPU microseconds of the server for each."""
    each = options.requests // options.connections
    cpu, begun = cpu_seconds(server.roots), time.monotonic()
    threads = [threading.Thread(target=ask, args=(server, secure, each, options.batch)) for _ in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = each * options.connections
    return count / (time.monotonic() - begun), (cpu_seconds(server.roots) - cpu) / count * 1e6


def idle_memory(server, secure, count):
    """Octets of a connection that has had one answer and waits."""
    request = f"GET {CHARTER} HTTP/1.1\r\nHost: pod.lab\r\n\r\n".encode()
    before = memory(server.roots)
    held = [connect(server, secure) for _ in range(count)]
    for connection in held:
        one_answer(connection, request)
    used = (memory(server.roots) - before) / count
    for connection in held:
        connection.close()
    return used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port-base", type=int, default=22000)
    parser.add_argument("--peers", type=Path, default=ROOT / "build/peers")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        mailpod = WebMailpod(folder, options.port_base, options.idle + 100)
        try:
            nginx = Nginx(folder, options.port_base + 100, options.peers, mailpod)
            try:
                compare(mailpod, nginx, options)
            finally:
                nginx.end()
        finally:
            mailpod.end()


def compare(mailpod, nginx, options):
    print(f"an answer of {len(mailpod.charter)} octets")
    for secure in (False, True):
        found = {server.name: [] for server in (mailpod, nginx)}
        for _ in range(options.rounds):
            for server in (mailpod, nginx):
                found[server.name].append(rate(server, secure, options))
        medians = {server: tuple(statistics.median(column) for column in zip(*rounds)) for server, rounds in found.items()}
        for server, (a_second, cpu) in medians.items():
            print(f"{'https' if secure else 'http '} {server:<8} {a_second:8.0f}/s  {cpu:6.1f} us of CPU each")
        print(f"      mailpod/nginx {medians['mailpod'][0] / medians['nginx'][0]:.2f}", flush=True)
    for server in (mailpod, nginx):
        for secure in (False, True):
            print(f"idle {'https' if secure else 'http '} {server.name:<8} {idle_memory(server, secure, options.idle) / 1000:6.1f} KB")


if __name__ == "__main__":
    main()
