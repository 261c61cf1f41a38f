#!/usr/bin/env python3
"""sink.py FOLDER NAME=ADDRESS=CERTIFICATE…: mail servers that take whatever they are sent, and write down every octet
that they hear, in clear or under TLS, in FOLDER/NAME. CERTIFICATE is a file of PEM with its key, or nothing: then
STARTTLS is not offered."""

import pathlib
import socket
import ssl
import sys
import threading


class Sink:
    def __init__(self, folder, name, address, certificate):
        self.capture, self.tls, self.lock = folder / name, None, threading.Lock()
        self.capture.touch()
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.listening = socket.create_server((address, 25))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listening.accept()
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        try:
            self.converse(connection)
        except OSError:
            connection.close()

    def hear(self, lines):
        line = lines.readline()
        with self.lock, open(self.capture, "ab") as out:
            out.write(line)
        return line

    def converse(self, connection):
        connection.sendall(b"220 sink ESMTP\r\n")
        lines = connection.makefile("rb")
        while line := self.hear(lines):
            verb = line[:4].upper()
            if verb == b"EHLO":
                offered = self.tls and not isinstance(connection, ssl.SSLSocket)
                connection.sendall(b"250-sink\r\n250-STARTTLS\r\n250 8BITMIME\r\n" if offered else b"250 8BITMIME\r\n")
            elif verb == b"STAR":
                connection.sendall(b"220 go ahead\r\n")
                connection = self.tls.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
            elif verb == b"DATA":
                connection.sendall(b"354 go\r\n")
                while self.hear(lines) not in (b".\r\n", b""):
                    pass
                connection.sendall(b"250 taken\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                connection.close()
                return
            else:
                connection.sendall(b"250 ok\r\n")


if __name__ == "__main__":
    for sink in sys.argv[2:]:
        Sink(pathlib.Path(sys.argv[1]), *sink.split("="))
    print("ready", flush=True)
    threading.Event().wait()
