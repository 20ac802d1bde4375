"""Measures `lostkey serve`: mail against other sinks, a million messages, and the start. See .ci/bench-serve."""

import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
SESSIONS = 20
ROUNDS = int(os.environ.get("ROUNDS", "5"))
STARTS = 21
MIB = 1024 * 1024

# What, bytes of a message, whether connections are kept, and the aims: by sink, or messages a second.
CASES = [
    ("4 KiB, connections kept", 4096, True, {"smtp-sink": 1.0}),
    ("4 KiB, a connection each", 4096, False, {"smtp-sink": 0.9}),
    ("100 KiB, connections kept", 102400, True, {"rate": 1000}),
    ("100 KiB, a connection each", 102400, False, {"rate": 1000}),
]
# How long one measurement is to take, in seconds, and the most messages that it may have.
SECONDS = 1.5
MESSAGES = {4096: 20_000, 102400: 3_000}


class Sink:
    """A mail sink in a process of its own."""

    def __init__(self, name, port, command, env=None):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        self.wait()

    def wait(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit(f"{self.name} does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        return cpu(self.process.pid)


def cpu(pid):
    """The processor time that all threads of a process have used, in seconds."""
    tasks = pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def rss(pid, field="VmRSS"):
    """The memory of a process, in MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Serve:
    """A running `lostkey serve` on free ports."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        self.file = pathlib.Path(self.folder.name) / "ports.json"
        command = [program, "serve", "--ports-file", str(self.file)]
        for port in ["--smtp", "--smtps", "--http", "--twilio", "--proxy", "--console"]:
            command += [port, "127.0.0.1:0"]
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while not self.file.exists():
            if self.process.poll() is not None:
                sys.exit("serve has ended")
            time.sleep(0.0002)
        self.ready = time.perf_counter() - begun
        self.ports = json.loads(self.file.read_text())
        self.name = "serve"
        self.port = int(self.ports["smtp"].rsplit(":", 1)[1])

    def get(self, path):
        with urllib.request.urlopen(self.ports["http"] + path) as answer:
            return json.load(answer)

    def cpu(self):
        return cpu(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            sys.exit("serve has not stopped well")
        self.folder.cleanup()


class Source:
    """postfix's smtp-source."""

    def __init__(self, rooms):
        self.program = rooms / "postfix/usr/sbin/smtp-source"
        self.env = {**os.environ, "LD_LIBRARY_PATH": str(rooms / "postfix/usr/lib/postfix")}

    def send(self, port, size, kept, count):
        """Sends messages; returns how many seconds it took."""
        command = [self.program, "-s", str(SESSIONS), "-l", str(size), "-m", str(count)]
        command += ["-f", "app@app.test", "-t", "ana@a.test", "-M", "app.test"]
        command += ["-d"] if kept else []
        begun = time.perf_counter()
        subprocess.run([*command, f"inet:127.0.0.1:{port}"], env=self.env, check=True)
        return time.perf_counter() - begun


def told(is_met):
    return "met" if is_met else "MISSED"


def mail(program, rooms, source):
    """Messages a second of each sink, which take turns."""
    serve = Serve(program)
    ports = [free_port() for _ in range(3)]
    sinks = [
        Sink("smtp-sink", ports[0], [
            rooms / "postfix/usr/sbin/smtp-sink", *(["-u", "nobody"] if os.geteuid() == 0 else []),
            f"inet:127.0.0.1:{ports[0]}", "1000",
        ], source.env),
        serve,
        Sink("aiosmtpd", ports[1], [rooms / "python/bin/python", HERE / "aiosmtpd_sink.py", str(ports[1])]),
        Sink("smtp-server", ports[2], ["node", HERE / "sink.js", str(ports[2])], {
            **os.environ, "NODE_PATH": str(rooms / "node/node_modules"),
        }),
    ]
    print(f"messages/s from smtp-source, {SESSIONS} sessions, median of {ROUNDS} (least to most); µs of the sink's processor a message")
    for name, size, kept, aims in CASES:
        print(f"\n{name}")
        counts = {}
        for sink in sinks:
            few = 300
            fast = few / source.send(sink.port, size, kept, few)
            counts[sink.name] = max(few, min(MESSAGES[size], int(fast * SECONDS)))
        rates = {sink.name: [] for sink in sinks}
        work = {sink.name: [] for sink in sinks}
        for turn in range(ROUNDS):
            # Each goes first in turn, so that none has the better place.
            for sink in sinks[turn % len(sinks):] + sinks[: turn % len(sinks)]:
                count, before = counts[sink.name], sink.cpu()
                rates[sink.name].append(count / source.send(sink.port, size, kept, count))
                work[sink.name].append((sink.cpu() - before) / count * 1e6)
        ours = rates["serve"]
        for sink in sinks:
            all_, cost = rates[sink.name], statistics.median(work[sink.name])
            ratio = statistics.median(one / other for one, other in zip(ours, all_))
            line = f"  {sink.name:<12} {statistics.median(all_):>8.0f} ({min(all_):.0f} to {max(all_):.0f}) {cost:>6.0f} µs"
            if sink.name != "serve":
                line += f"   serve is {ratio:.2f} ×"
                if sink.name in aims:
                    line += f", aim {aims[sink.name]}: {told(ratio >= aims[sink.name])}"
            elif "rate" in aims:
                line += f"   aim {aims['rate']} messages/s: {told(statistics.median(all_) >= aims['rate'])}"
            print(line, flush=True)
    for sink in sinks:
        sink.stop()


def million(program, _rooms, source):
    """A million messages: memory stays where the limit of the inbox has put it."""
    serve, step, sent = Serve(program), 100_000, 0
    print(f"\na million messages of 4 KiB\n  {rss(serve.process.pid):7.1f} MiB before", flush=True)
    sizes = []
    begun = time.perf_counter()
    while sent < 1_000_000:
        source.send(serve.port, 4096, True, step)
        sent += step
        sizes.append(rss(serve.process.pid))
        print(f"  {sizes[-1]:7.1f} MiB after {sent:>9,}", flush=True)
    rate = sent / (time.perf_counter() - begun)
    kept = serve.get("/control/v1/mail")
    print(f"  {rate:.0f} messages/s; serve says: {json.dumps(kept)}")
    print(f"  flat from the first {step:,} on: {told(sizes[-1] < sizes[0] * 1.1)}")
    serve.stop()


def start(program, _rooms, _source):
    """How soon it is ready, and what it needs at rest."""
    ready = []
    for _ in range(STARTS):
        serve = Serve(program)
        ready.append(serve.ready * 1000)
        serve.stop()
    middle = statistics.median(ready)
    print(f"\nready after {middle:.1f} ms ({min(ready):.1f} to {max(ready):.1f}), aim 50 ms: {told(middle < 50)}")
    serve = Serve(program)
    time.sleep(2)
    before, seconds = serve.cpu(), 10
    time.sleep(seconds)
    share = (serve.cpu() - before) / seconds * 100
    size = rss(serve.process.pid)
    print(f"at rest: {size:.1f} MiB, aim 30 MiB: {told(size < 30)}")
    print(f"at rest: {share:.4f} % of a processor over {seconds} s, aim 0 %: {told(share < 0.01)}")
    print(f"program: {os.path.getsize(program) / MIB:.1f} MiB")
    serve.stop()


def main():
    program, rooms, *parts = sys.argv[1:]
    rooms = pathlib.Path(rooms)
    source = Source(rooms)
    known = {"start": start, "mail": mail, "million": million}
    for part in parts or known:
        if part not in known:
            sys.exit(f"`{part}` is no part: they are {', '.join(known)}")
        known[part](program, rooms, source)


main()
