"""Calls by the official Python SDK, unmodified, against `lostkey serve --clock manual`.

LOSTKEY_PORTS names the ports file that `serve` writes. LOSTKEY_ROUTE says how the SDK reaches the
fake: `base` sets its base URL; `proxy` sets nothing, and the environment of this process must hold
the lines that `serve` prints for Python.
"""

import json
import os
import threading
import unittest
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "the token of this test"
FROM = "+15005550006"
CODE = "472913"

# Nothing in these tests takes longer than this, in seconds.
PATIENCE = 10

# A verification call is over after fewer due times than this.
STEPS_MAX = 60

# Requests of this script itself never use the proxy.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ports():
    with open(os.environ["LOSTKEY_PORTS"], encoding="utf-8") as file:
        return json.load(file)


def control(path, body=None):
    """Sends an order to the control API, and returns its answer."""
    request = urllib.request.Request(
        ports()["http"] + "/control/v1" + path,
        data=json.dumps(body or {}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with DIRECT.open(request, timeout=PATIENCE) as answer:
        return answer.read()


def advance(**by_or_to):
    control("/clock/advance", by_or_to)


def phone(number, act, body=None):
    control(f"/phones/{urllib.parse.quote(number, safe='')}/{act}", body)


def client():
    made = Client(ACCOUNT, TOKEN)
    if os.environ["LOSTKEY_ROUTE"] == "base":
        made.api.base_url = ports()["twilio"]
    return made


class App(BaseHTTPRequestHandler):
    """The app under test: asks for a code, and hears of the call's status."""

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        url = self.server.url + self.path
        signature = self.headers.get("X-Twilio-Signature", "")
        valid = RequestValidator(TOKEN).validate(url, form, signature)
        self.server.heard.append((self.path, form, valid))
        body = self.document(form).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def document(self, form):
        answer = VoiceResponse()
        if self.path == "/voice":
            gather = Gather(num_digits=len(CODE), action="/code", method="POST", timeout=15)
            gather.say("Please key in the code that is shown on your screen.")
            answer.append(gather)
            answer.say("Nothing was keyed in. Goodbye.")
        elif self.path == "/code":
            answer.say("Thank you." if form.get("Digits") == CODE else "That is not the code.")
            answer.hangup()
        else:
            return ""
        return str(answer)

    def log_message(self, *_):
        """Says nothing."""


def open_app(handler=App):
    app = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    app.url = f"http://127.0.0.1:{app.server_port}"
    app.heard = []
    threading.Thread(target=app.serve_forever, daemon=True).start()
    return app


class Calls(unittest.TestCase):
    def setUp(self):
        self.client = client()
        self.app = open_app()
        self.addCleanup(self.app.server_close)
        self.addCleanup(self.app.shutdown)

    def create(self, to, **more):
        return self.client.calls.create(to=to, from_=FROM, url=self.app.url + "/voice", **more)

    def until(self, call, status):
        """Advances the clock until the call has this status."""
        for _ in range(STEPS_MAX):
            fetched = self.client.calls(call.sid).fetch()
            if fetched.status == status:
                return fetched
            advance(to="next")
        self.fail(f"the call does not become {status}: it is {fetched.status}")

    def refused(self, code, status, act):
        with self.assertRaises(TwilioRestException) as caught:
            act()
        self.assertEqual((caught.exception.code, caught.exception.status), (code, status))

    def test_a_call_is_created_fetched_cancelled_and_deleted(self):
        call = self.create("+34600000101")
        self.assertRegex(call.sid, "^CA[0-9a-f]{32}$")
        self.assertEqual((call.to, call._from, call.status), ("+34600000101", FROM, "queued"))
        self.assertEqual(self.client.calls(call.sid).fetch().sid, call.sid)
        self.assertEqual(self.client.calls(call.sid).update(status="canceled").status, "canceled")
        self.refused(21220, 400, lambda: self.client.calls(call.sid).update(status="completed"))
        self.assertTrue(self.client.calls(call.sid).delete())
        self.refused(20404, 404, lambda: self.client.calls(call.sid).fetch())

    def test_lists_have_pages(self):
        to = "+34600000102"
        made = {self.create(to).sid for _ in range(5)}
        first = self.client.calls.page(to=to, page_size=2)
        second = first.next_page()
        third = second.next_page()
        pages = [[call.sid for call in page] for page in (first, second, third)]
        self.assertEqual([len(page) for page in pages], [2, 2, 1])
        self.assertEqual({sid for page in pages for sid in page}, made)
        self.assertIsNone(third.next_page())
        self.assertEqual({call.sid for call in self.client.calls.list(to=to, page_size=2)}, made)
        self.assertEqual(len(self.client.calls.list(to=to, limit=3)), 3)
        # The server is shared: a call that is left would ring, or be listed, in the next test.
        for sid in made:
            self.client.calls(sid).update(status="canceled")
            self.client.calls(sid).delete()

    def test_magic_numbers_are_refused_with_their_codes(self):
        for to, code in [
            ("+15005550001", 21217),
            ("+15005550002", 21214),
            ("+15005550003", 21215),
            ("+15005550004", 21216),
        ]:
            with self.subTest(to=to):
                self.refused(code, 400, lambda: self.create(to))
        self.refused(
            21212,
            400,
            lambda: self.client.calls.create(
                to="+34600000103", from_="+15005550001", url=self.app.url + "/voice"
            ),
        )

    def test_a_code_from_the_screen_is_keyed_in(self):
        to = "+34600000104"
        call = self.create(
            to,
            status_callback=self.app.url + "/status",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
        self.until(call, "ringing")
        phone(to, "answer")
        self.until(call, "in-progress")
        # The document has been fetched after this, and its Gather listens.
        advance(by="2s")
        phone(to, "press", {"keys": CODE})
        ended = self.until(call, "completed")
        self.assertGreater(int(ended.duration), 0)

        paths = [path for path, _, _ in self.app.heard if path != "/status"]
        self.assertEqual(paths, ["/voice", "/code"])
        digits = [form.get("Digits") for path, form, _ in self.app.heard if path == "/code"]
        self.assertEqual(digits, [CODE])
        reports = [form for path, form, _ in self.app.heard if path == "/status"]
        self.assertEqual(
            [(form["CallStatus"], form["SequenceNumber"]) for form in reports],
            [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")],
        )
        self.assertTrue(all(form["CallSid"] == call.sid for form in reports))
        self.assertTrue(all(valid for _, _, valid in self.app.heard), self.app.heard)

    def test_a_call_hung_up_by_the_person_is_completed(self):
        to = "+34600000105"
        call = self.create(to)
        self.until(call, "ringing")
        phone(to, "answer")
        self.until(call, "in-progress")
        phone(to, "hangup")
        self.until(call, "completed")

    def test_a_live_call_gets_another_document_or_ends(self):
        to = "+34600000106"
        another = VoiceResponse()
        another.say("This call has been taken over.")
        another.hangup()
        for change in ({"twiml": str(another)}, {"status": "completed"}):
            call = self.create(to)
            self.until(call, "ringing")
            phone(to, "answer")
            self.until(call, "in-progress")
            self.client.calls(call.sid).update(**change)
            self.until(call, "completed")
        self.assertNotIn("/code", [path for path, _, _ in self.app.heard])


if __name__ == "__main__":
    unittest.main()
