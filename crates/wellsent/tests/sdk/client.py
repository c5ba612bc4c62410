"""Twilio's own library for Python as a client of this server. What it is told stands on standard input, as JSON."""

import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

told = json.load(sys.stdin)
checks = 0


def holds(what, true):
    global checks
    checks += 1
    if not true:
        sys.exit(f"does not hold: {what}")


def client(name, secret, account=None):
    made = Client(name, secret, account)
    made.api.base_url = told["base"]
    return made


def fails(what, code, status, act):
    try:
        act()
    except TwilioRestException as error:
        holds(f"{what}: {error.code} {error.status}", (error.code, error.status) == (code, status))
        return error
    sys.exit(f"does not fail: {what}")


def ends(sid):
    for _ in range(200):
        text = ours.messages(sid).fetch()
        if text.status in ("delivered", "undelivered", "failed", "canceled"):
            return text
        time.sleep(0.05)
    sys.exit("the text does not end")


ours = client(told["account"], told["token"])
now = datetime.fromisoformat(told["now"].replace("Z", "+00:00"))

text = ours.messages.create(to=told["to"], from_=told["from"], body="Please bring your insurance card.")
holds("a text is taken", text.sid.startswith("SM") and text.status == "queued" and text.direction == "outbound-api")
holds("its dates are read", isinstance(text.date_created, datetime) and text.date_created == now and text.date_sent is None)
holds("its counts are read", text.num_segments == "1" and text.num_media == "0" and text.error_code is None)
done = ends(text.sid)
holds("it arrives", done.status == "delivered" and done.body == "Please bring your insurance card." and done.to == told["to"])
holds("it has no media", ours.messages(text.sid).media.list() == [])

by_service = ours.messages.create(to=told["to"], messaging_service_sid=told["service"], body="Our parking lot is closed today.")
holds("a service chooses the sender", by_service.status == "accepted" and by_service.messaging_service_sid == told["service"])
holds("and it arrives", ends(by_service.sid).from_ == told["from"])

later = ours.messages.create(
    to=told["to"], messaging_service_sid=told["service"], body="See you soon.", schedule_type="fixed", send_at=now + timedelta(hours=1)
)
holds("a text is scheduled", later.status == "scheduled")
holds("and taken back", ours.messages(later.sid).update(status="canceled").status == "canceled")

sids = [listed.sid for listed in ours.messages.list(page_size=2)]
holds("a list is read page by page", len(sids) == len(set(sids)) and len(sids) >= 4 and sids == sorted(sids, reverse=True))
holds("and has what was sent", {text.sid, by_service.sid, later.sid} <= set(sids))
mine = ours.messages.list(to=told["to"], page_size=1)
holds("a list is filtered", len(mine) >= 3 and all(listed.to == told["to"] for listed in mine))
holds("by date", ours.messages.list(date_sent_after=now + timedelta(days=1)) == [] and len(ours.messages.list(date_sent=now.date())) >= 2)
wrote = [listed for listed in ours.messages.list(from_=told["to"]) if listed.direction == "inbound"]
holds("what patients wrote is there", [listed.body for listed in wrote] == ["Can I bring my daughter?"])

refused = fails("an opt-out", 21610, 400, lambda: ours.messages.create(to=told["stopped"], from_=told["from"], body="Hello."))
holds("no error repeats the number", told["stopped"] not in str(refused.msg))
fails("no number", 21211, 400, lambda: ours.messages.create(to="+1500", from_=told["from"], body="Hello."))
fails("another's number", 21606, 400, lambda: ours.messages.create(to=told["to"], from_="+12125550155", body="Hello."))
fails("media", 21620, 400, lambda: ours.messages.create(to=told["to"], from_=told["from"], body="Hi.", media_url=["https://a.example/x.png"]))
fails("too long", 21617, 400, lambda: ours.messages.create(to=told["to"], from_=told["from"], body="x" * 1601))
fails("a wrong token", 20003, 401, lambda: client(told["account"], "0" * 32).messages("SM" + "0" * 32).fetch())
fails("no such text", 20404, 404, lambda: ours.messages("SM" + "0" * 32).fetch())
fails("a text that ended", 30409, 400, lambda: ours.messages(text.sid).update(status="canceled"))

holds("a text is forgotten", ours.messages(text.sid).update(body="").body == "" and ours.messages(text.sid).fetch().body == "")
holds("and deleted", ours.messages(text.sid).delete() is True)
fails("a deleted text", 20404, 404, lambda: ours.messages(text.sid).fetch())

holds("the account is read", ours.api.v2010.account.fetch().status == "active")
numbers = ours.incoming_phone_numbers.list()
holds("the senders are read", [number.phone_number for number in numbers] == [told["from"]] and numbers[0].capabilities["sms"] is True)
holds("one of them by its name", ours.incoming_phone_numbers(numbers[0].sid).fetch().phone_number == told["from"])
by_key = client(told["key"], told["secret"], told["account"])
holds("a key opens as well", len(by_key.messages.list(limit=1)) == 1)

validator = RequestValidator(told["token"])
holds("calls came", {call["kind"] for call in told["calls"]} == {"status", "inbound"})
for call in told["calls"]:
    url, form, signature = call["url"], dict(call["parameters"]), call["signature"]
    holds("a call is signed as Twilio signs", validator.validate(url, form, signature))
    for name in form:
        changed = {**form, name: form[name] + "x"}
        holds(f"a changed {name} is noticed", not validator.validate(url, changed, signature))
    holds("an added parameter is noticed", not validator.validate(url, {**form, "Added": "1"}, signature))
    holds("another address is noticed", not validator.validate(url + "x", form, signature))
    holds("another token is noticed", not RequestValidator("0" * 32).validate(url, form, signature))
    turned = ("B" if signature[0] == "A" else "A") + signature[1:]
    holds("a changed signature is noticed", not validator.validate(url, form, turned))

print(f"{checks} checks")
