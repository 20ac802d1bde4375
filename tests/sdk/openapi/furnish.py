"""Validates the OpenAPI document, and puts a call, a text and an email into a server and into its sandbox t1."""

import base64
import json
import sys
import urllib.parse
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

ports = json.load(open(sys.argv[1]))
control = ports["http"] + "/control/v1"


def ask(url, body=None, account=None):
    headers = {}
    if account:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{account}:x".encode()).decode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        return json.loads(answer.read())


document = ask(control + "/openapi.json")
OpenAPIV31SpecValidator(document).validate()
assert len(document["paths"]) > 60, len(document["paths"])

sandbox = "AC00000000000000000000000000000007"
ask(control + "/sandboxes", json.dumps({"name": "t1", "account": sandbox, "tag": "t1"}).encode())
twiml = "<Response><Gather numDigits='4'><Say>Your code is 1 2 3 4.</Say></Gather></Response>"
for account, below in [("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""), (sandbox, "/sandboxes/t1")]:
    for resource, field in [("Calls", ("Twiml", twiml)), ("Messages", ("Body", "Code 123456: http://a.test/"))]:
        form = dict([("To", "+34600000001"), ("From", "+15005550006"), field])
        url = f"{ports['twilio']}/2010-04-01/Accounts/{account}/{resource}.json"
        ask(url, urllib.parse.urlencode(form).encode(), account)
    email = {
        "From": {"Email": "app@app.test"},
        "To": [{"Email": "zoe@a.test"}],
        "Subject": "Your code",
        "Text": "Your code is 123456, or http://a.test/?x=1",
    }
    mailpit = ports["http"] if not below else control + below
    ask(mailpit + "/api/v1/send", json.dumps(email).encode())
    ask(control + below + "/clock/advance", b'{"by": "10s"}')
    ask(control + below + "/phones/+34600000001/answer", b"")
