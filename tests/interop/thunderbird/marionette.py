"""Thunderbird by its own remote control, Marionette: JSON over TCP, `length:[0, number, command, parameters]` there and
`length:[1, number, error, result]` back."""

import json
import socket
import time


class Refused(Exception):
    """What Thunderbird answers to a command or a script that failed."""


class Marionette:
    def __init__(self, port, patience):
        self.patience = patience  # seconds for anything
        self.number = 0
        self.socket = self.reached(port)
        self.file = self.socket.makefile("rb")
        self.received()  # its greeting
        self.asks("WebDriver:NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": False}})
        self.asks("WebDriver:SetTimeouts", script=patience * 1000)
        self.asks("Marionette:SetContext", value="chrome")

    def reached(self, port):
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=self.patience)
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def received(self):
        length = b""
        while (octet := self.file.read(1)) != b":":
            if not octet:
                raise ConnectionError("Thunderbird has gone")
            length += octet
        return json.loads(self.file.read(int(length)))

    def asks(self, command, **parameters):
        self.number += 1
        said = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(str(len(said)).encode() + b":" + said)
        _, number, error, result = self.received()
        assert number == self.number, (number, self.number)
        if error:
            raise Refused(f"{error['error']}: {error['message']}\n{error['stacktrace']}")
        return result

    def runs(self, script, *arguments):
        """The value of a script in the window; it may `return await` what takes its time."""
        wrapped = "const [...given] = arguments; const done = given.pop();" \
                  "(async (...args) => {" + script + "})(...given).then(value => done({value}), e => done({error: `${e} ${e.stack}`}));"
        answer = self.asks("WebDriver:ExecuteAsyncScript", script=wrapped, args=list(arguments), newSandbox=False)["value"]
        if "error" in answer:
            raise Refused(answer["error"])
        return answer.get("value")

    def windows(self):
        return self.asks("WebDriver:GetWindowHandles")

    def goes_to(self, window):
        self.asks("WebDriver:SwitchToWindow", handle=window)

    def ends(self):
        try:
            self.asks("Marionette:Quit", flags=["eForceQuit"])
        except (ConnectionError, OSError):
            pass  # it may go before it answers
        self.socket.close()
