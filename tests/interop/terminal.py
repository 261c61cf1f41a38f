"""A program in a terminal, as a person sees it: tmux draws the screen, we type and look."""

import os
import re
import select
import shlex
import subprocess
import time

import pod


class Terminal:
    """`folder` must be empty but for what the program needs; the program's HOME."""

    def __init__(self, folder, *command, environment=None, columns=120, lines=40):
        self.folder = folder
        self.screen = ""
        fifo = folder / "drawn"
        os.mkfifo(fifo)
        # Opened for writing too: then it never ends, and opening does not wait for tmux.
        self.drawn = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        words = " ".join(f"{key}={shlex.quote(str(value))}" for key, value in
                         {"HOME": folder, "TERM": "screen", "LC_ALL": "C.UTF-8", **(environment or {})}.items())
        # The program begins when what it draws is being watched.
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(lines),
                  f"read _; exec env -i PATH=$PATH {words} {shlex.join(map(str, command))}")
        self.tmux("set-option", "-g", "remain-on-exit", "on")
        self.tmux("pipe-pane", "-O", f"exec cat >{shlex.quote(str(fifo))}")
        self.types("\n")

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-S", self.folder / "tmux", "-f", "/dev/null", *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=pod.PATIENCE)
        if done.returncode != 0:
            raise AssertionError(f"tmux {arguments}: {done.stdout}")
        return done.stdout

    def look(self):
        self.screen = self.tmux("capture-pane", "-p")
        return self.screen

    def sees(self, *patterns):
        """The screen, once it matches all of these. Looks whenever something was drawn."""
        deadline = time.monotonic() + pod.PATIENCE
        while missing := [pattern for pattern in patterns if not re.search(pattern, self.screen, re.M)]:
            if not select.select([self.drawn], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{missing} is not on the screen:\n{self.look()}")
            os.read(self.drawn, 65536)
            self.look()
        return self.screen

    def types_and_sees(self, text, *patterns):
        """The screen after the program drew something, once it matches. So it should not match before."""
        self.screen = ""
        self.types(text)
        return self.sees(*patterns)

    def types(self, text):
        """A line end is the return key."""
        self.tmux("send-keys", "-l", text.replace("\n", "\r"))

    def close(self):
        subprocess.run(["tmux", "-S", self.folder / "tmux", "kill-server"], check=False, timeout=pod.PATIENCE,
                       stderr=subprocess.DEVNULL)
        os.close(self.drawn)
