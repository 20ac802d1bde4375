"""Text messages by the official Python SDK, unmodified, against `lostkey serve --clock manual`.

LOSTKEY_PORTS and LOSTKEY_ROUTE are those of `test_calls`.
"""

import json
import os
import unittest
import urllib.parse
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from test_calls import DIRECT, FROM, PATIENCE, TOKEN, App, advance, client, control, open_app, ports

SERVICE = "MG" + "0123456789abcdef" * 2


def number(n):
    """A number that no other run of these tests against the same server uses."""
    return f"+3460000{'02' if os.environ['LOSTKEY_ROUTE'] == 'base' else '03'}{n:02}"


def texts_at(handset):
    url = ports()["http"] + f"/control/v1/phones/{urllib.parse.quote(handset, safe='')}/texts"
    with DIRECT.open(url, timeout=PATIENCE) as answer:
        return json.load(answer)["texts"]


def configure(sender, url):
    request = urllib.request.Request(
        ports()["http"] + f"/control/v1/senders/{urllib.parse.quote(sender, safe='')}",
        data=json.dumps({"sms": url}).encode(),
        method="PUT",
    )
    with DIRECT.open(request, timeout=PATIENCE) as answer:
        answer.read()


class TextApp(App):
    """Replies to texts with TwiML of the SDK's own classes."""

    def document(self, form):
        answer = MessagingResponse()
        if self.path == "/sms":
            answer.message(f"You wrote {form['Body']!r}.")
        return str(answer)


class Texts(unittest.TestCase):
    def setUp(self):
        self.client = client()
        self.app = open_app(TextApp)
        self.addCleanup(self.app.server_close)
        self.addCleanup(self.app.shutdown)

    def send(self, to, body="Your code is 042137", **more):
        sender = {} if "messaging_service_sid" in more else {"from_": FROM}
        return self.client.messages.create(to=to, body=body, **sender, **more)

    def refused(self, code, status, act):
        with self.assertRaises(TwilioRestException) as caught:
            act()
        self.assertEqual((caught.exception.code, caught.exception.status), (code, status))

    def test_a_text_is_delivered_and_each_callback_is_signed(self):
        text = self.send(number(1), status_callback=self.app.url + "/status?app=1")
        self.assertRegex(text.sid, "^SM[0-9a-f]{32}$")
        self.assertEqual((text.status, text.num_segments, text.error_code), ("queued", "1", None))
        advance(by="10s")
        told = [(form["MessageStatus"], valid) for _, form, valid in self.app.heard]
        self.assertEqual(told, [("sent", True), ("delivered", True)])
        self.assertEqual(self.client.messages(text.sid).fetch().status, "delivered")
        arrived = texts_at(number(1))
        self.assertEqual((arrived[-1]["body"], arrived[-1]["codes"][0]["code"]), ("Your code is 042137", "042137"))

    def test_lists_have_pages(self):
        to = number(2)
        made = {self.send(to).sid for _ in range(5)}
        first = self.client.messages.page(to=to, page_size=2)
        second = first.next_page()
        third = second.next_page()
        pages = [[text.sid for text in page] for page in (first, second, third)]
        self.assertEqual([len(page) for page in pages], [2, 2, 1])
        self.assertEqual(set(sum(pages, [])), made)
        self.assertEqual(len(self.client.messages.list(to=to)), 5)

    def test_a_text_is_redacted_cancelled_and_deleted(self):
        text = self.send(number(3))
        self.refused(20009, 409, lambda: self.client.messages(text.sid).delete())
        self.assertEqual(self.client.messages(text.sid).update(body="").body, "")
        advance(by="10s")
        self.assertTrue(self.client.messages(text.sid).delete())
        self.refused(20404, 404, lambda: self.client.messages(text.sid).fetch())

    def test_a_messaging_service_accepts_first(self):
        text = self.send(number(4), messaging_service_sid=SERVICE)
        self.assertEqual((text.status, text.from_), ("accepted", None))
        advance(by="10s")
        self.assertEqual(self.client.messages(text.sid).fetch().from_, FROM)

    def test_magic_numbers_are_refused(self):
        for to, sender, code in [
            ("+15005550001", FROM, 21211),
            ("+15005550002", FROM, 21612),
            ("+15005550003", FROM, 21408),
            ("+15005550004", FROM, 21610),
            ("+15005550009", FROM, 21614),
            (number(5), "+15005550001", 21212),
            (number(5), "+15005550007", 21606),
            (number(5), "+15005550008", 21611),
        ]:
            with self.subTest(to=to, sender=sender):
                self.refused(code, 400, lambda: self.client.messages.create(to=to, from_=sender, body="x"))

    def test_a_reply_reaches_the_app_and_is_answered(self):
        handset, sender = number(6), "+15005550190"
        self.client.messages.create(to=handset, from_=sender, body="Hello")
        configure(sender, self.app.url + "/sms")
        control(f"/phones/{urllib.parse.quote(handset, safe='')}/texts", {"to": sender, "body": "Hi"})
        advance(by="10s")
        [(path, form, valid)] = self.app.heard
        self.assertEqual((path, form["Body"], form["From"], valid), ("/sms", "Hi", handset, True))
        self.assertEqual(texts_at(handset)[-1]["body"], "You wrote 'Hi'.")
        control(f"/phones/{urllib.parse.quote(handset, safe='')}/texts", {"to": sender, "body": "STOP"})
        self.refused(21610, 400, lambda: self.client.messages.create(to=handset, from_=sender, body="x"))

    def test_the_validator_refuses_another_token(self):
        self.send(number(7), status_callback=self.app.url + "/status")
        advance(by="2s")
        path, form, valid = self.app.heard[0]
        self.assertTrue(valid)
        self.assertFalse(RequestValidator(TOKEN + "x").validate(self.app.url + path, form, "no signature"))


if __name__ == "__main__":
    unittest.main()
