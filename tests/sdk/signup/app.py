"""A small app under test: its sign-up sends an email with a link and a text with a code."""

import os
import secrets
import smtplib
from email.message import EmailMessage

from flask import Flask, abort, request
from twilio.rest import Client

app = Flask(__name__)
pending = {}


@app.post("/sign-up")
def sign_up():
    user = {"token": secrets.token_urlsafe(16), "code": f"{secrets.randbelow(10**6):06}", "done": set()}
    pending[request.form["email"]] = user
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "app@app.test", request.form["email"], "Confirm your address"
    mail.set_content(f"Welcome! Open {request.host_url}confirm?token={user['token']}")
    host, port = os.environ["SMTP"].split(":")
    with smtplib.SMTP(host, int(port)) as server:
        server.send_message(mail)
    sms = Client("AC" + "5" * 32, "token")
    sms.api.base_url = os.environ["TWILIO"]
    sms.messages.create(to=request.form["phone"], from_="+15005550006", body=f"Your code is {user['code']}")
    return "", 202


@app.get("/confirm")
def confirm_email():
    found = [user for user in pending.values() if user["token"] == request.args["token"]]
    if not found:
        abort(404)
    found[0]["done"].add("email")
    return "Your address is confirmed."


@app.post("/confirm")
def confirm_phone():
    user = pending[request.form["email"]]
    if request.form["code"] != user["code"]:
        abort(403)
    user["done"].add("phone")
    return "Welcome." if user["done"] == {"email", "phone"} else "Now open the link in your email."
