// Uses Twilio's Node library against a peer: texts, log, errors, webhooks.

const assert = require("node:assert");
const http = require("node:http");
const twilio = require("twilio");

const [BASE, ACCOUNT, KEY, SECRET, TOKEN, NUMBER, MESSAGING, SERVICE] = process.argv.slice(2);
const PHONE = "+12125550123";

const client = twilio(KEY, SECRET, { accountSid: ACCOUNT });
client.api.baseUrl = client.lookups.baseUrl = client.verify.baseUrl = BASE;

const calls = [];
let hook;
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    const parameters = Object.fromEntries(new URLSearchParams(body));
    const signature = request.headers["x-twilio-signature"];
    const good = twilio.validateRequest(TOKEN, signature, hook + request.url, parameters);
    const forged = twilio.validateRequest(TOKEN, signature, hook + request.url, { ...parameters, Body: "forged" });
    calls.push({ url: request.url, parameters, good: good && !forged });
    response.writeHead(good ? 204 : 403).end();
  });
});

async function waitFor(found, what) {
  const until = Date.now() + 10000;
  while (Date.now() < until) {
    const value = await found();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not come: ${JSON.stringify(calls)}`);
}

async function refused(code, status, act) {
  await assert.rejects(act, (error) => {
    assert.deepStrictEqual([error.code, error.status], [code, status]);
    return true;
  });
}

async function main() {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${server.address().port}`;

  const body = "Sí – é ✓ a=b&c + 100%";
  const message = await client.messages.create({
    to: PHONE,
    from: NUMBER,
    body,
    validityPeriod: 600,
    statusCallback: `${hook}/status?t=5a#rc=3&rp=all`,
  });
  assert.deepStrictEqual([message.status, message.body, message.numSegments], ["queued", body, "1"]);
  await waitFor(() => calls.length === 2, "sent and delivered");
  assert.deepStrictEqual(calls.map((call) => [call.parameters.MessageStatus, call.url, call.good]).sort(), [
    ["delivered", "/status?t=5a", true],
    ["sent", "/status?t=5a", true],
  ]);
  const byService = await client.messages.create({ to: PHONE, messagingServiceSid: MESSAGING, body: "by service" });
  assert.deepStrictEqual([byService.status, byService.from], ["accepted", null]);

  for (let nth = 0; nth < 5; nth++) await client.messages.create({ to: "+12125550124", from: NUMBER, body: `text ${nth}` });
  const all = async () => client.messages.list({ to: "+12125550124", pageSize: 2 });
  const listed = await waitFor(async () => {
    const found = await all();
    return found.every((text) => text.status === "delivered") && found;
  }, "delivery");
  assert.deepStrictEqual(listed.map((text) => text.body), ["text 4", "text 3", "text 2", "text 1", "text 0"]);
  assert.strictEqual((await client.messages.list({ to: "+12125550124", dateSentAfter: new Date(Date.now() - 3600000) })).length, 5);

  assert.strictEqual(await client.messages(message.sid).remove(), true);
  await refused(20404, 404, () => client.messages(message.sid).fetch());
  await refused(21610, 400, () => client.messages.create({ to: "+15005550004", from: NUMBER, body: "x" }));
  await refused(21211, 400, () => client.messages.create({ to: "+15005550001", from: NUMBER, body: "x" }));

  const known = await client.lookups.v2.phoneNumbers(PHONE).fetch({ fields: "line_type_intelligence" });
  assert.strictEqual(known.lineTypeIntelligence.type, "mobile");
  const started = await client.verify.v2.services(SERVICE).verifications.create({ to: PHONE, channel: "sms" });
  assert.strictEqual(started.status, "pending");
  server.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
