"""Uses Twilio's Python library against a peer: texts, log, errors, webhooks, lookup, verification."""

import http.server
import json
import sys
import threading
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

BASE, ACCOUNT, KEY, SECRET, TOKEN, NUMBER, MESSAGING, SERVICE = sys.argv[1:]
PHONE = "+12125550123"

client = Client(KEY, SECRET, ACCOUNT)
client.api.base_url = client.lookups.base_url = client.verify.base_url = BASE

validator = RequestValidator(TOKEN)
calls = []


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes webhooks that the library's validator accepts, and refuses others."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        parameters = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        signature = self.headers["X-Twilio-Signature"]
        good = validator.validate(HOOK + self.path, parameters, signature)
        forged = validator.validate(HOOK + self.path, {**parameters, "Body": "forged"}, signature)
        calls.append((self.path, parameters, good and not forged))
        self.send_response(204 if good else 403)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
HOOK = f"http://127.0.0.1:{server.server_port}"
threading.Thread(target=server.serve_forever, daemon=True).start()


def ask(method, path, body):
    request = urllib.request.Request(BASE + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
    urllib.request.urlopen(request).read()


def wait_for(found, what):
    until = time.time() + 10
    while time.time() < until:
        value = found()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come: {calls}")


def refused(code, status, act):
    try:
        act()
    except TwilioRestException as error:
        assert (error.code, error.status) == (code, status), (error.code, error.status, code, status)
        return
    raise AssertionError(f"{code} was expected")


# Texts and their callbacks.
body = "Sí – é ✓ a=b&c + 100%"
message = client.messages.create(
    to=PHONE, from_=NUMBER, body=body, validity_period=600, status_callback=f"{HOOK}/status?t=5a#rc=3&rp=all"
)
assert message.sid.startswith("SM") and message.status == "queued" and message.account_sid == ACCOUNT
assert message.body == body and message.num_segments == "1" and message.error_code is None and message.date_created is not None
wait_for(lambda: len(calls) == 2, "sent and delivered")
assert sorted(call[1]["MessageStatus"] for call in calls) == ["delivered", "sent"], calls
assert all(call[0] == "/status?t=5a" and call[2] for call in calls), calls
fetched = client.messages(message.sid).fetch()
assert fetched.status == "delivered" and fetched.date_sent.tzinfo is not None and fetched.direction == "outbound-api"

by_service = client.messages.create(to=PHONE, messaging_service_sid=MESSAGING, body="by service")
assert by_service.status == "accepted" and by_service.from_ is None and by_service.num_segments == "0"

# The log, in pages.
for nth in range(6):
    client.messages.create(to="+12125550124", from_=NUMBER, body=f"text {nth}")
wait_for(lambda: all(text.status == "delivered" for text in client.messages.list(to="+12125550124")), "delivery")
listed = client.messages.list(to="+12125550124", page_size=2)
assert [text.body for text in listed] == [f"text {nth}" for nth in reversed(range(6))]
assert len(client.messages.list(to="+12125550124", limit=3, page_size=2)) == 3
hour = timedelta(hours=1)
now = datetime.now(timezone.utc)
assert len(client.messages.list(to="+12125550124", date_sent_after=now - hour)) == 6
assert client.messages.list(to="+12125550124", date_sent_before=now - hour) == []
page = client.messages.page(to="+12125550124", page_size=4)
assert len(list(page)) == 4 and len(list(page.next_page())) == 2

# Forgetting.
assert client.messages(message.sid).update(body="").body == ""
assert client.messages(message.sid).delete() is True
refused(20404, 404, client.messages(message.sid).fetch)

# Errors.
for to, code in [("1", 21211), ("2", 21612), ("3", 21408), ("4", 21610), ("9", 21614)]:
    refused(code, 400, lambda: client.messages.create(to=f"+1500555000{to}", from_=NUMBER, body="x"))
refused(21606, 400, lambda: client.messages.create(to=PHONE, from_="+15005550007", body="x"))
refused(21617, 400, lambda: client.messages.create(to=PHONE, from_=NUMBER, body="x" * 1601))
stranger = Client(KEY, "another secret", ACCOUNT)
stranger.api.base_url = BASE
refused(20003, 401, stranger.messages(message.sid).fetch)

# Texts from phones.
calls.clear()
ask("PUT", f"/senders/{NUMBER}", {"inbound_url": f"{HOOK}/inbound"})
ask("POST", f"/phones/%2B{PHONE[1:]}/texts", {"to_sender": NUMBER, "body": "ñandú + & ="})
inbound = wait_for(lambda: calls and calls[0], "the text")
assert inbound[2] and inbound[1]["Body"] == "ñandú + & =" and inbound[1]["From"] == PHONE, inbound
ask("POST", f"/phones/%2B{PHONE[1:]}/texts", {"to_sender": NUMBER, "body": "STOP"})
stop = wait_for(lambda: len(calls) > 1 and calls[1], "the stop")
assert stop[2] and stop[1]["OptOutType"] == "STOP", stop
refused(21610, 400, lambda: client.messages.create(to=PHONE, from_=NUMBER, body="x"))
received = client.messages.list(to=NUMBER)
assert [text.body for text in received] == ["STOP", "ñandú + & ="] and received[0].direction == "inbound"

# Lookup.
known = client.lookups.v2.phone_numbers(PHONE).fetch(
    fields="line_type_intelligence,reassigned_number", last_verified_date="20260101"
)
assert known.line_type_intelligence["type"] == "mobile" and known.reassigned_number["is_number_reassigned"] == "no"

# Verification.
verify = client.verify.v2.services(SERVICE)
assert verify.verifications.create(to="+12125550125", channel="sms").status == "pending"
got = json.load(urllib.request.urlopen(f"{BASE}/phones/%2B12125550125"))
code = got[0]["body"].split()[-1]
wrong = "000000" if code != "000000" else "111111"
assert verify.verification_checks.create(to="+12125550125", code=wrong).status == "pending"
assert verify.verification_checks.create(to="+12125550125", code=code).status == "approved"
refused(20404, 404, lambda: verify.verification_checks.create(to="+12125550125", code=code))
for _ in range(5):
    verify.verifications.create(to="+12125550126", channel="sms")
refused(60203, 429, lambda: verify.verifications.create(to="+12125550126", channel="sms"))
for _ in range(5):
    verify.verification_checks.create(to="+12125550126", code="nothing")
refused(60202, 429, lambda: verify.verification_checks.create(to="+12125550126", code="nothing"))
