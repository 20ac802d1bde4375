// Verifications by the official Node SDK, unmodified, against `lostkey serve --clock manual`.
//
// LOSTKEY_PORTS names the ports file that `serve` writes. LOSTKEY_ROUTE says how the SDK reaches the
// fake: `base` sets its base URL; `proxy` sets nothing, and the environment of this process must hold
// the lines that `serve` prints for Node.

'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { afterEach, beforeEach, test } = require('node:test');

const twilio = require('twilio');

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const TOKEN = 'the token of this test';

// Nothing in these tests takes longer than this.
const PATIENCE = { timeout: 60_000 };

const ports = JSON.parse(readFileSync(process.env.LOSTKEY_PORTS, 'utf8'));

let client;
let services;
let service;
let made;

// A request to the control API. Node's `fetch` never uses a proxy of the environment.
async function control(method, path, body) {
  const answer = await fetch(`${ports.http}/control/v1${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const advance = (by) => control('POST', '/clock/advance', { by });

// The code in the last text to this number.
async function texted(number) {
  await advance('10s');
  const { texts } = await control(
    'GET',
    `/phones/${encodeURIComponent(number)}/texts?contains=verification`,
  );
  return texts.at(-1).codes[0].code;
}

const wrong = (code) => (code.startsWith('0') ? '1' : '0') + code.slice(1);

const refused = (code, status, act) =>
  assert.rejects(act, (error) => {
    assert.deepEqual({ code: error.code, status: error.status }, { code, status });
    return true;
  });

const start = (to, channel = 'sms') => service.verifications.create({ to, channel });

const check = (to, code) => service.verificationChecks.create({ to, code });

async function createService() {
  const { sid } = await services.create({ friendlyName: 'Node app' });
  made.push(sid);
  return sid;
}

beforeEach(async () => {
  client = twilio(ACCOUNT, TOKEN);
  if (process.env.LOSTKEY_ROUTE === 'base') {
    client.verify.baseUrl = ports.twilio;
  }
  made = [];
  services = client.verify.v2.services;
  service = services(await createService());
});

afterEach(async () => {
  for (const sid of made) {
    await services(sid).remove();
  }
});

test('a code is sent by text and checked', PATIENCE, async () => {
  const to = '+34600000401';
  const started = await start(to);
  assert.match(started.sid, /^VE[0-9a-f]{32}$/);
  assert.deepEqual([started.status, started.valid, started.channel], ['pending', false, 'sms']);
  assert.equal(started.dateCreated.getUTCFullYear(), 2026);
  const code = await texted(to);
  assert.equal((await check(to, wrong(code))).status, 'pending');
  const checked = await check(to, code);
  assert.deepEqual([checked.status, checked.valid, checked.sid], ['approved', true, started.sid]);
  await refused(20404, 404, () => check(to, code));
});

test('a verification is fetched by number and canceled', PATIENCE, async () => {
  const to = '+34600000402';
  const started = await start(to);
  assert.equal((await service.verifications(to).fetch()).sid, started.sid);
  const canceled = await service.verifications(started.sid).update({ status: 'canceled' });
  assert.equal(canceled.status, 'canceled');
  await refused(20404, 404, () => service.verifications(to).fetch());
});

test("limits are those of Twilio's", PATIENCE, async () => {
  const to = '+34600000403';
  for (let count = 0; count < 5; count += 1) {
    await start(to);
  }
  await refused(60203, 429, () => start(to));
  const code = await texted(to);
  for (let count = 0; count < 5; count += 1) {
    assert.equal((await check(to, wrong(code))).valid, false);
  }
  await refused(60202, 429, () => check(to, code));
  await advance('10m');
  await refused(20404, 404, () => check(to, code));
});

test('a code is spoken, and one is emailed', PATIENCE, async () => {
  const to = '+34600000404';
  const phone = `/phones/${encodeURIComponent(to)}`;
  await start(to, 'call');
  await advance('10s');
  await control('POST', `${phone}/answer`, {});
  await advance('1m');
  const { call } = await control('GET', phone);
  assert.equal((await check(to, call.code)).status, 'approved');
  const address = `node-${process.env.LOSTKEY_ROUTE}@example.test`;
  await start(address, 'email');
  const found = await control('GET', `/messages/wait?to=${address}&since=0&timeout=10`);
  assert.equal((await check(address, found.codes[0].code)).status, 'approved');
});

test('lists have pages', PATIENCE, async () => {
  for (let count = 0; count < 5; count += 1) {
    await createService();
  }
  const first = await services.page({ pageSize: 2 });
  const second = await first.nextPage();
  const third = await second.nextPage();
  const seen = [first, second, third].flatMap((page) => page.instances.map(({ sid }) => sid));
  assert.deepEqual(seen.sort(), [...made].sort());
  assert.equal(await third.nextPage(), undefined);
});
