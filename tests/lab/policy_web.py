#!/usr/bin/env python3
"""policy_web.py ADDRESS CERTIFICATE FOLDER: a web server of MTA-STS policies. What FOLDER/HOST holds is the policy of
the host that is asked for; some hosts have manners of their own, by the first label behind `mta-sts.`."""

import http.server
import pathlib
import ssl
import sys

HUGE = 100_000  # octets


class Answering(http.server.BaseHTTPRequestHandler):
    folder = None

    def do_GET(self):  # noqa: N802
        host = self.headers["Host"]
        manner = host.split(".")[1]
        policy = (self.folder / host).read_bytes()
        if self.path != "/.well-known/mta-sts.txt":
            # Where the redirect leads there is a policy.
            self.answer(200 if manner == "redirect" else 404, policy)
        elif manner == "redirect":
            self.answer(302, b"", Location=f"https://{host}/elsewhere")
        elif manner == "huge":
            self.answer(200, policy + b"\n" * HUGE)
        elif manner == "html":
            self.answer(200, policy, kind="text/html")
        else:
            self.answer(200, policy, kind="text/plain; charset=utf-8")

    def answer(self, status, content, kind="text/plain", **fields):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **fields}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, words, *arguments):
        print(self.headers["Host"], words % arguments, file=sys.stderr, flush=True)


if __name__ == "__main__":
    address, certificate, folder = sys.argv[1:]
    Answering.folder = pathlib.Path(folder)
    server = http.server.ThreadingHTTPServer((address, 443), Answering)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()
