"""Verifications by the official Python SDK, unmodified, against `lostkey serve --clock manual`.

LOSTKEY_PORTS names the ports file that `serve` writes. LOSTKEY_ROUTE says how the SDK reaches the
fake: `base` sets its base URL; `proxy` sets nothing, and the environment of this process must hold
the lines that `serve` prints for Python.
"""

import json
import os
import unittest
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the token of this test"

# Requests of this script itself never use the proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ports():
    with open(os.environ["LOSTKEY_PORTS"], encoding="utf-8") as file:
        return json.load(file)


def control(method, path, body=None):
    """A request to the control API, and its answer."""
    request = urllib.request.Request(
        ports()["http"] + "/control/v1" + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    with DIRECT.open(request, timeout=10) as answer:
        return json.load(answer)


def advance(by):
    control("POST", "/clock/advance", {"by": by})


def texted(number):
    """The code in the last text to this number."""
    advance("10s")
    path = f"/phones/{urllib.parse.quote(number, safe='')}/texts?contains=verification"
    return control("GET", path)["texts"][-1]["codes"][0]["code"]


def wrong(code):
    return ("1" if code[0] == "0" else "0") + code[1:]


class Verifications(unittest.TestCase):
    def setUp(self):
        self.client = Client(ACCOUNT, TOKEN)
        if os.environ["LOSTKEY_ROUTE"] == "base":
            self.client.verify.base_url = ports()["twilio"]
        self.sid = self.client.verify.v2.services.create(friendly_name="Python app").sid
        self.service = self.client.verify.v2.services(self.sid)
        self.addCleanup(self.service.delete)

    def refused(self, code, status, act):
        with self.assertRaises(TwilioRestException) as caught:
            act()
        self.assertEqual((caught.exception.code, caught.exception.status), (code, status))
        return caught.exception

    def start(self, to, channel="sms"):
        return self.service.verifications.create(to=to, channel=channel)

    def check(self, to, code):
        return self.service.verification_checks.create(to=to, code=code)

    def test_a_code_is_sent_by_text_and_checked(self):
        to = "+34600000301"
        started = self.start(to)
        self.assertRegex(started.sid, "^VE[0-9a-f]{32}$")
        self.assertEqual((started.status, started.valid, started.channel), ("pending", False, "sms"))
        self.assertEqual(started.date_created.year, 2026)
        code = texted(to)
        checked = self.check(to, wrong(code))
        self.assertEqual((checked.status, checked.valid), ("pending", False))
        checked = self.check(to, code)
        self.assertEqual((checked.status, checked.valid, checked.sid), ("approved", True, started.sid))
        spent = self.refused(20404, 404, lambda: self.check(to, code))
        self.assertIn(f"/Services/{self.sid}/VerificationCheck was not found", spent.msg)

    def test_a_verification_is_fetched_by_number_and_canceled(self):
        to = "+34600000302"
        started = self.start(to)
        self.assertEqual(self.service.verifications(to).fetch().sid, started.sid)
        self.assertEqual(self.service.verifications(started.sid).update(status="canceled").status, "canceled")
        self.refused(20404, 404, self.service.verifications(to).fetch)

    def test_limits_are_those_of_twilio(self):
        to = "+34600000303"
        sids = {self.start(to).sid for _ in range(5)}
        self.assertEqual(len(sids), 1)
        self.refused(60203, 429, lambda: self.start(to))
        code = texted(to)
        for _ in range(5):
            self.check(to, wrong(code))
        self.refused(60202, 429, lambda: self.check(to, code))
        advance("10m")
        self.refused(20404, 404, lambda: self.check(to, code))

    def test_a_code_is_spoken_and_one_is_emailed(self):
        to = "+34600000304"
        self.start(to, "call")
        advance("10s")
        number = urllib.parse.quote(to, safe="")
        control("POST", f"/phones/{number}/answer", {})
        advance("1m")
        code = control("GET", f"/phones/{number}")["call"]["code"]
        self.assertEqual(self.check(to, code).status, "approved")
        to = f"python-{os.environ['LOSTKEY_ROUTE']}@example.test"
        self.start(to, "email")
        code = control("GET", f"/messages/wait?to={to}&since=0&timeout=10")["codes"][0]["code"]
        self.assertEqual(self.check(to, code).status, "approved")

    def test_lists_have_pages(self):
        for _ in range(5):
            sid = self.client.verify.v2.services.create(friendly_name="One of many").sid
            self.addCleanup(self.client.verify.v2.services(sid).delete)
        first = self.client.verify.v2.services.page(page_size=2)
        second = first.next_page()
        third = second.next_page()
        seen = [service.sid for page in (first, second, third) for service in page]
        self.assertEqual((len(seen), len(set(seen)), third.next_page()), (6, 6, None))
        to = "+34600000305"
        for _ in range(3):
            self.start(to)
        attempts = self.client.verify.v2.verification_attempts.list(verify_service_sid=self.sid, page_size=1)
        self.assertEqual([attempt.channel for attempt in attempts], ["sms"] * 3)


if __name__ == "__main__":
    unittest.main()
