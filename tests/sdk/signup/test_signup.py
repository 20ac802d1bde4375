"""The sign-up of a foreign app, tested with the mailbox and the phones of `lostkey serve`."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import requests
from werkzeug.serving import make_server

ports = json.load(open(os.environ["LOSTKEY_PORTS"]))
os.environ |= {"SMTP": ports["smtp"], "TWILIO": ports["twilio"]}
import app  # noqa: E402

CONTROL = ports["http"] + "/control/v1"


def sign_up(site, n):
    email, phone = f"user{n}@example.com", f"+3460000010{n}"
    requests.post(site + "/sign-up", data={"email": email, "phone": phone}).raise_for_status()
    mail = requests.get(CONTROL + "/messages/wait", params={"to": email, "since": 0}).json()
    text = requests.get(f"{CONTROL}/phones/{phone}/texts/wait", params={"since": 0}).json()
    requests.get(mail["links"][0]["url"]).raise_for_status()
    return requests.post(site + "/confirm", data={"email": email, "code": text["codes"][0]["code"]}).text


def test_ten_users_sign_up_at_once():
    server = make_server("127.0.0.1", 0, app.app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    with ThreadPoolExecutor(10) as users:
        site = f"http://127.0.0.1:{server.port}"
        assert list(users.map(lambda n: sign_up(site, n), range(10))) == ["Welcome."] * 10
    server.shutdown()
