"""Emails by smtplib, curl, swaks and msmtp against `lostkey serve`: each comes back byte for byte.

LOSTKEY_PORTS names the ports file that `serve` writes.
"""

import json
import os
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

# Requests of this script itself never use the proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

with open(os.environ["LOSTKEY_PORTS"], encoding="utf-8") as file:
    PORTS = json.load(file)

FROM = "app@example.test"

# Lines that begin with dots, a long line, bytes beyond ASCII, and no line end of its own at the end.
RAW = (
    "Subject: Your code\r\nFrom: app@example.test\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ".one dot\r\n..two dots\r\n.\u00e9\r\nYour code is 042137.\r\n" + "x" * 900 + "\r\n"
).encode()


def get(path):
    with DIRECT.open(PORTS["http"] + path, timeout=10) as answer:
        return answer.read()


def stored(to):
    """The only message to a mailbox, as it is stored. Only its envelope names the mailbox."""
    query = urllib.parse.quote(f"addressed:{to}")
    found = json.loads(get(f"/api/v1/search?query={query}"))["messages"]
    assert len(found) == 1, found
    return get(f"/api/v1/message/{found[0]['ID']}/raw")


def address(name):
    host, port = PORTS[name].rsplit(":", 1)
    return host, int(port)


class Smtplib(unittest.TestCase):
    def setUp(self):
        self.context = ssl.create_default_context(cafile=PORTS["ca"])

    def delivers(self, client, to):
        client.sendmail(FROM, [to], RAW, mail_options=["BODY=8BITMIME"])
        client.quit()
        self.assertEqual(stored(to), RAW)

    def test_plain(self):
        self.delivers(smtplib.SMTP(*address("smtp")), "py-plain@example.test")

    def test_auth(self):
        client = smtplib.SMTP(*address("smtp"))
        client.login("app", "secret")
        self.delivers(client, "py-auth@example.test")

    def test_starttls(self):
        client = smtplib.SMTP(*address("smtp"))
        client.starttls(context=self.context)
        client.login("app", "secret")
        self.delivers(client, "py-starttls@example.test")

    def test_implicit_tls(self):
        client = smtplib.SMTP_SSL(*address("smtps"), context=self.context)
        self.delivers(client, "py-tls@example.test")


class Commands(unittest.TestCase):
    def setUp(self):
        self.room = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.room)
        self.message = os.path.join(self.room, "message.eml")
        with open(self.message, "wb") as file:
            file.write(RAW)

    def run_command(self, *command, message=None):
        done = subprocess.run(command, input=message, capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_curl(self):
        for url, to in [
            (f"smtp://{PORTS['smtp']}", "curl-plain@example.test"),
            (f"smtps://{PORTS['smtps']}", "curl-tls@example.test"),
        ]:
            self.run_command(
                "curl", "--silent", "--show-error", url, "--cacert", PORTS["ca"], "--user", "app:secret",
                "--mail-from", FROM, "--mail-rcpt", to, "--upload-file", self.message,
            )
            self.assertEqual(stored(to), RAW)
        to = "curl-starttls@example.test"
        self.run_command(
            "curl", "--silent", "--show-error", f"smtp://{PORTS['smtp']}", "--ssl-reqd", "--cacert",
            PORTS["ca"], "--mail-from", FROM, "--mail-rcpt", to, "--upload-file", self.message,
        )
        self.assertEqual(stored(to), RAW)

    def test_swaks(self):
        for mode, options in {
            "plain": ["--server", PORTS["smtp"]],
            "starttls": ["--server", PORTS["smtp"], "--tls", "--auth", "LOGIN", "--auth-user", "app",
                         "--auth-password", "secret"],
            "tls": ["--server", PORTS["smtps"], "--tls-on-connect", "--auth", "PLAIN", "--auth-user", "app",
                    "--auth-password", "secret"],
        }.items():
            to = f"swaks-{mode}@example.test"
            self.run_command("swaks", *options, "--from", FROM, "--to", to, "--data", f"@{self.message}")
            # swaks ends each line of a file with CRLF, and so do these.
            self.assertEqual(stored(to).rstrip(), RAW.rstrip())

    def test_msmtp(self):
        for mode, server, options in [
            ("plain", "smtp", ["--tls=off"]),
            ("starttls", "smtp", ["--tls=on", "--tls-starttls=on", f"--tls-trust-file={PORTS['ca']}"]),
            ("tls", "smtps", ["--tls=on", "--tls-starttls=off", f"--tls-trust-file={PORTS['ca']}"]),
        ]:
            host, port = address(server)
            to = f"msmtp-{mode}@example.test"
            self.run_command(
                "msmtp", f"--host={host}", f"--port={port}", f"--from={FROM}",
                "--set-date-header=off", "--set-msgid-header=off", *options, to,
                message=RAW.replace(b"\r\n", b"\n"),
            )
            self.assertEqual(stored(to), RAW)


if __name__ == "__main__":
    unittest.main()
