// A message centre by the npm package `smpp`. Options come as JSON in the first argument; what happens is said as JSON lines on the output;
// phones' texts are asked for as JSON lines on the input.
'use strict';
const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const options = JSON.parse(process.argv[2] || '{}');
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const receivers = new Set();
let next = 0xA0;
let reference = 0;

const tls = options.key ? { key: fs.readFileSync(options.key), cert: fs.readFileSync(options.cert) } : {};

function deliver(pdu, left) {
  const session = [...receivers][0];
  if (!session || left === 0) return;
  session.deliver_sm(pdu, (response) => {
    if (response.command_status === 0) say({ acknowledged: 0 });
    else setTimeout(() => deliver(pdu, left - 1), 100);
  });
}

function message(pdu) {
  const given = pdu.message_payload !== undefined && pdu.message_payload !== null ? pdu.message_payload : pdu.short_message;
  return given && given.message !== undefined ? given.message : given;
}

const server = smpp.createServer(tls, (session) => {
  session.on('error', () => {});
  session.on('close', () => receivers.delete(session));
  for (const name of ['bind_transceiver', 'bind_transmitter', 'bind_receiver']) {
    session.on(name, (pdu) => {
      say({ bind: { name, interface_version: pdu.interface_version } });
      if (pdu.password !== (options.password || 'secret08')) {
        session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
        session.close();
        return;
      }
      session.send(pdu.response({ system_id: 'centre' }));
      if (name !== 'bind_transmitter') receivers.add(session);
    });
  }
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', (pdu) => {
    const to = pdu.destination_addr;
    if (to.endsWith('0111')) return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    if (to.endsWith('0158')) return session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    say({
      taken: {
        from: pdu.source_addr, to, text: message(pdu), data_coding: pdu.data_coding, esm_class: pdu.esm_class,
        registered_delivery: pdu.registered_delivery, source_ton: pdu.source_addr_ton, dest_ton: pdu.dest_addr_ton,
        validity_s: seconds(pdu.validity_period),
      },
    });
    if (to.endsWith('0199')) return session.destroy();
    const number = next++;
    const id = number.toString(16);
    session.send(pdu.response({ message_id: id }));
    const named = options.decimal_receipts ? String(number) : id;
    setTimeout(() => deliver({
      source_addr: to, destination_addr: pdu.source_addr, source_addr_ton: 1, dest_addr_ton: 1,
      esm_class: smpp.ESM_CLASS.MC_DELIVERY_RECEIPT,
      short_message: `id:${named} sub:001 dlvrd:001 submit date:2611241000 done date:2611241001 stat:DELIVRD err:000 text:Hello`,
    }, 20), 20);
  });
});

// The package turns the relative form into a date; it is turned back by the clock that read it.
function seconds(period) {
  return Math.round((period.getTime() - Date.now()) / 1000);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { from, to, body } = JSON.parse(line).text;
  const base = { source_addr: from, destination_addr: to, source_addr_ton: 1, source_addr_npi: 1, dest_addr_ton: 1, dest_addr_npi: 1 };
  if (body.length <= 160) return deliver({ ...base, short_message: body }, 20);
  reference = (reference + 1) % 256;
  const total = Math.ceil(body.length / 153);
  for (let part = 1; part <= total; part++) {
    const udh = Buffer.from([5, 0, 3, reference, total, part]);
    deliver({ ...base, esm_class: 0x40, short_message: { udh, message: body.slice((part - 1) * 153, part * 153) } }, 20);
  }
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
