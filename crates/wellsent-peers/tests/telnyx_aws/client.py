"""Talks to the stand-ins for Telnyx and AWS with the official libraries, and checks what they sign with other people's code.

Arguments: Telnyx's address, API key and public key; AWS's address and secret; our number; a phone.
Prints one line, the address at which it waits for a text from that phone by either carrier.
"""

import base64
import http.server
import json
import queue
import sys
import threading
from urllib.request import urlopen

import boto3
import telnyx
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

TELNYX, API_KEY, PUBLIC_KEY, AWS, SECRET, NUMBER, PHONE = sys.argv[1:]
TOKEN = "5a" * 16
posts = queue.Queue()


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if b"SubscribeURL" in body:
            assert urlopen(json.loads(body)["SubscribeURL"]).status == 200
        posts.put((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
HOOK = f"http://127.0.0.1:{server.server_address[1]}/hook"


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind}")


def try_telnyx():
    client = telnyx.Telnyx(api_key=API_KEY, public_key=PUBLIC_KEY, base_url=TELNYX, max_retries=0)
    text = dict(from_=NUMBER, to=PHONE, text="Hello ñ", type="SMS", webhook_url=f"{HOOK}?t={TOKEN}", idempotency_key=TOKEN)
    sent = client.messages.send(**text).data
    assert sent.parts == 1 and sent.to[0].status == "queued"
    assert client.messages.send(**text).data.id == sent.id, "a key makes one text of two requests"
    events = []
    for _ in range(2):
        headers, body = posts.get(timeout=10)
        event = client.webhooks.unwrap(body.decode(), headers=headers).data
        events.append((event.event_type, event.payload.to[0].status))
        error = refused(Exception, lambda: client.webhooks.unwrap(body.decode() + " ", headers=headers))
        assert "ignature" in str(error)
    assert events == [("message.sent", "sent"), ("message.finalized", "delivered")]
    kept = client.messages.retrieve(sent.id).data
    assert kept.text == "Hello ñ" and kept.webhook_url.endswith(TOKEN)
    records = list(client.detail_records.list(filter={"record_type": "messaging", "cld": PHONE}))
    assert [record.uuid for record in records] == [sent.id] and TOKEN in records[0].delivery_status_webhook_url
    for change, code in [({"from_": "+12125550000"}, "40305"), ({"to": "x"}, "40310")]:
        plain = {"from_": NUMBER, "to": PHONE, "text": "x", **change}
        error = refused(telnyx.BadRequestError, lambda: client.messages.send(**plain))
        assert error.body["errors"][0]["code"] == code
    stranger = telnyx.Telnyx(api_key="WRONG", base_url=TELNYX, max_retries=0)
    refused(telnyx.AuthenticationError, lambda: stranger.messages.send(from_=NUMBER, to=PHONE, text="x"))
    return client


def aws_client(**change):
    settings = dict(
        region_name="us-east-1",
        endpoint_url=AWS,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=SECRET,
        config=Config(retries={"max_attempts": 0}),
    )
    return boto3.client("pinpoint-sms-voice-v2", **{**settings, **change})


def try_aws():
    client = aws_client()
    text = dict(DestinationPhoneNumber=PHONE, OriginationIdentity=NUMBER, MessageBody="Hello ñ 🦊")
    more = dict(MessageType="TRANSACTIONAL", ConfigurationSetName="texts", TimeToLive=300, Context={"t": TOKEN})
    assert client.send_text_message(**text, **more)["MessageId"]
    session = aws_client(aws_access_key_id="ASIAEXAMPLE", aws_session_token="session/token==")
    assert session.send_text_message(**text)["MessageId"]
    for change, name in [
        ({"aws_secret_access_key": "wrong"}, "InvalidSignatureException"),
        ({"aws_access_key_id": "NOBODY"}, "UnrecognizedClientException"),
        ({"region_name": "us-west-2"}, "InvalidSignatureException"),
    ]:
        error = refused(ClientError, lambda: aws_client(**change).send_text_message(**text))
        assert error.response["Error"]["Code"] == name
    wrong = {**text, "DestinationPhoneNumber": "+1"}
    error = refused(client.exceptions.ValidationException, lambda: client.send_text_message(**wrong))
    assert error.response["Fields"][0]["Name"] == "DestinationPhoneNumber"
    unknown = {**text, "OriginationIdentity": "+12125550000"}
    refused(client.exceptions.ResourceNotFoundException, lambda: client.send_text_message(**unknown))


def try_received(client):
    headers, body = posts.get(timeout=10)
    event = client.webhooks.unwrap(body.decode(), headers=headers).data
    assert event.event_type == "message.received" and event.payload.text == "Where are you? 🦊"
    for kind, fields in [
        ("SubscriptionConfirmation", ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]),
        ("Notification", ["Message", "MessageId", "Timestamp", "TopicArn", "Type"]),
    ]:
        _, body = posts.get(timeout=10)
        message = json.loads(body)
        assert message["Type"] == kind
        certificate = x509.load_pem_x509_certificate(urlopen(message["SigningCertURL"]).read())
        signed = "".join(f"{field}\n{message[field]}\n" for field in fields).encode()
        digest = hashes.SHA1() if message["SignatureVersion"] == "1" else hashes.SHA256()
        key = certificate.public_key()
        key.verify(base64.b64decode(message["Signature"]), signed, padding.PKCS1v15(), digest)
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256())
    text = json.loads(message["Message"])
    assert text["messageBody"] == "Where are you? 🦊" and text["originationNumber"] == PHONE


telnyx_client = try_telnyx()
try_aws()
print(HOOK, flush=True)
try_received(telnyx_client)
