// Twilio's own library for Node as a client of this server. What it is told stands on standard input, as JSON.

const fs = require("fs");
const twilio = require(`${process.env.WELLSENT_NODE_MODULES}/twilio`);

const told = JSON.parse(fs.readFileSync(0, "utf8"));
let checks = 0;

function holds(what, isTrue) {
  checks += 1;
  if (!isTrue) {
    console.error(`does not hold: ${what}`);
    process.exit(1);
  }
}

function client(name, secret, options) {
  const made = twilio(name, secret, options);
  made.api.baseUrl = told.base;
  return made;
}

async function fails(what, code, status, act) {
  try {
    await act();
  } catch (error) {
    holds(`${what}: ${error.code} ${error.status}`, error.code === code && error.status === status);
    return;
  }
  holds(`${what} fails`, false);
}

async function ends(ours, sid) {
  for (let n = 0; n < 200; n += 1) {
    const text = await ours.messages(sid).fetch();
    if (["delivered", "undelivered", "failed", "canceled"].includes(text.status)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  holds("the text ends", false);
}

async function main() {
  const ours = client(told.account, told.token);
  const now = new Date(told.now);

  const text = await ours.messages.create({ to: told.to, from: told.from, body: "The office opens at nine." });
  holds("a text is taken", text.sid.startsWith("SM") && text.status === "queued" && text.direction === "outbound-api");
  holds("its dates are read", text.dateCreated.getTime() === now.getTime() && text.dateSent === null);
  holds("its counts are read", text.numSegments === "1" && text.numMedia === "0" && text.errorCode === null);
  const done = await ends(ours, text.sid);
  holds("it arrives", done.status === "delivered" && done.body === "The office opens at nine.");

  const later = await ours.messages.create({
    to: told.to,
    messagingServiceSid: told.service,
    body: "See you soon.",
    scheduleType: "fixed",
    sendAt: new Date(now.getTime() + 3600e3),
  });
  holds("a text is scheduled", later.status === "scheduled");
  holds("and taken back", (await ours.messages(later.sid).update({ status: "canceled" })).status === "canceled");

  const sids = (await ours.messages.list({ pageSize: 1 })).map((listed) => listed.sid);
  holds("a list is read page by page", new Set(sids).size === sids.length && sids.includes(text.sid) && sids.includes(later.sid));
  const mine = await ours.messages.list({ to: told.to, pageSize: 1 });
  holds("a list is filtered", mine.length >= 2 && mine.every((listed) => listed.to === told.to));
  holds("by date", (await ours.messages.list({ dateSentAfter: new Date(now.getTime() + 864e5) })).length === 0);

  const hello = (more) => ours.messages.create({ to: told.to, from: told.from, body: "Hello.", ...more });
  await fails("an opt-out", 21610, 400, () => hello({ to: told.stopped }));
  await fails("no number", 21211, 400, () => hello({ to: "+1500" }));
  await fails("media", 21620, 400, () => hello({ mediaUrl: ["https://a.example/x.png"] }));
  await fails("a wrong token", 20003, 401, () => client(told.account, "0".repeat(32)).messages.list({ limit: 1 }));
  await fails("no such text", 20404, 404, () => ours.messages("SM" + "0".repeat(32)).fetch());

  holds("a text is forgotten", (await ours.messages(text.sid).update({ body: "" })).body === "");
  holds("and deleted", (await ours.messages(text.sid).remove()) === true);
  await fails("a deleted text", 20404, 404, () => ours.messages(text.sid).fetch());

  holds("the account is read", (await ours.api.v2010.accounts(told.account).fetch()).status === "active");
  const numbers = await ours.incomingPhoneNumbers.list();
  holds("the senders are read", numbers.length === 1 && numbers[0].phoneNumber === told.from);
  const byKey = client(told.key, told.secret, { accountSid: told.account });
  holds("a key opens as well", (await byKey.messages.list({ limit: 1 })).length === 1);

  for (const { url, parameters, signature } of told.calls) {
    const form = Object.fromEntries(parameters);
    holds("a call is signed as Twilio signs", twilio.validateRequest(told.token, signature, url, form));
    for (const name of Object.keys(form)) {
      const changed = { ...form, [name]: `${form[name]}x` };
      holds(`a changed ${name} is noticed`, !twilio.validateRequest(told.token, signature, url, changed));
    }
    holds("another token is noticed", !twilio.validateRequest("0".repeat(32), signature, url, form));
    holds("another address is noticed", !twilio.validateRequest(told.token, signature, `${url}x`, form));
  }
  console.log(`${checks} checks`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
