// Calls by the official Node SDK, unmodified, against `lostkey serve --clock manual`.
//
// LOSTKEY_PORTS names the ports file that `serve` writes. LOSTKEY_ROUTE says how the SDK reaches the
// fake: `base` sets its base URL; `proxy` sets nothing, and the environment of this process must hold
// the lines that `serve` prints for Node.

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const { afterEach, beforeEach, test } = require('node:test');

const twilio = require('twilio');

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const TOKEN = 'the token of this test';
const FROM = '+15005550006';
const CODE = '472913';

// A verification call is over after fewer due times than this.
const STEPS_MAX = 60;

// Nothing in these tests takes longer than this.
const PATIENCE = { timeout: 60_000 };

const ports = JSON.parse(fs.readFileSync(process.env.LOSTKEY_PORTS, 'utf8'));

let client;
let app;

// Sends an order to the control API. Node's `fetch` never uses a proxy of the environment.
async function control(path, body = {}) {
  const answer = await fetch(`${ports.http}/control/v1${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

const advance = (byOrTo) => control('/clock/advance', byOrTo);

const phone = (number, act, body) => control(`/phones/${encodeURIComponent(number)}/${act}`, body);

// The document that the app answers.
function documentOf(path, form) {
  const answer = new twilio.twiml.VoiceResponse();
  if (path === '/voice') {
    const gather = answer.gather({ numDigits: CODE.length, action: '/code', method: 'POST', timeout: 15 });
    gather.say('Please key in the code that is shown on your screen.');
    answer.say('Nothing was keyed in. Goodbye.');
  } else if (path === '/code') {
    answer.say(form.Digits === CODE ? 'Thank you.' : 'That is not the code.');
    answer.hangup();
  } else {
    return '';
  }
  return answer.toString();
}

// The app under test: asks for a code, and hears of the call's status.
async function openApp() {
  const heard = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    const form = Object.fromEntries(new URLSearchParams(body));
    const signature = request.headers['x-twilio-signature'] ?? '';
    const valid = twilio.validateRequest(TOKEN, signature, server.url + request.url, form);
    heard.push({ path: request.url, form, valid });
    response.writeHead(200, { 'Content-Type': 'text/xml' });
    response.end(documentOf(request.url, form));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  server.url = `http://127.0.0.1:${server.address().port}`;
  return { server, heard };
}

const create = (to, more = {}) =>
  client.calls.create({ to, from: FROM, url: `${app.server.url}/voice`, ...more });

// Advances the clock until the call has this status.
async function until(call, status) {
  let fetched;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    fetched = await client.calls(call.sid).fetch();
    if (fetched.status === status) {
      return fetched;
    }
    await advance({ to: 'next' });
  }
  return assert.fail(`the call does not become ${status}: it is ${fetched.status}`);
}

const refused = (code, status, act) =>
  assert.rejects(act, (error) => {
    assert.deepEqual({ code: error.code, status: error.status }, { code, status });
    return true;
  });

beforeEach(async () => {
  client = twilio(ACCOUNT, TOKEN);
  if (process.env.LOSTKEY_ROUTE === 'base') {
    client.api.baseUrl = ports.twilio;
  }
  app = await openApp();
});

afterEach(() => {
  app.server.close();
  app.server.closeAllConnections();
});

test('a call is created, fetched, cancelled and deleted', PATIENCE, async () => {
  const call = await create('+34600000201');
  assert.match(call.sid, /^CA[0-9a-f]{32}$/);
  assert.deepEqual([call.to, call.from, call.status], ['+34600000201', FROM, 'queued']);
  assert.equal((await client.calls(call.sid).fetch()).sid, call.sid);
  assert.equal((await client.calls(call.sid).update({ status: 'canceled' })).status, 'canceled');
  await refused(21220, 400, () => client.calls(call.sid).update({ status: 'completed' }));
  assert.ok(await client.calls(call.sid).remove());
  await refused(20404, 404, () => client.calls(call.sid).fetch());
});

test('lists have pages', PATIENCE, async () => {
  const to = '+34600000202';
  const made = [];
  for (let count = 0; count < 5; count += 1) {
    made.push((await create(to)).sid);
  }
  const first = await client.calls.page({ to, pageSize: 2 });
  const second = await first.nextPage();
  const third = await second.nextPage();
  const pages = [first, second, third].map((page) => page.instances.map((call) => call.sid));
  assert.deepEqual(pages.map((page) => page.length), [2, 2, 1]);
  assert.deepEqual(pages.flat().sort(), [...made].sort());
  assert.equal(await third.nextPage(), undefined);
  const all = await client.calls.list({ to, pageSize: 2 });
  assert.deepEqual(all.map((call) => call.sid).sort(), [...made].sort());
  assert.equal((await client.calls.list({ to, limit: 3 })).length, 3);
  // The server is shared: a call that is left would ring, or be listed, in the next test.
  for (const sid of made) {
    await client.calls(sid).update({ status: 'canceled' });
    await client.calls(sid).remove();
  }
});

test('magic numbers are refused with their codes', PATIENCE, async () => {
  for (const [to, code] of [
    ['+15005550001', 21217],
    ['+15005550002', 21214],
    ['+15005550003', 21215],
    ['+15005550004', 21216],
  ]) {
    await refused(code, 400, () => create(to));
  }
  await refused(21212, 400, () => create('+34600000203', { from: '+15005550001' }));
});

test('a code from the screen is keyed in', PATIENCE, async () => {
  const to = '+34600000204';
  const call = await create(to, {
    statusCallback: `${app.server.url}/status`,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  });
  await until(call, 'ringing');
  await phone(to, 'answer');
  await until(call, 'in-progress');
  // The document has been fetched after this, and its Gather listens.
  await advance({ by: '2s' });
  await phone(to, 'press', { keys: CODE });
  const ended = await until(call, 'completed');
  assert.ok(Number(ended.duration) > 0);

  const asked = app.heard.filter(({ path }) => path !== '/status');
  assert.deepEqual(asked.map(({ path }) => path), ['/voice', '/code']);
  assert.equal(asked[1].form.Digits, CODE);
  const reports = app.heard.filter(({ path }) => path === '/status').map(({ form }) => form);
  assert.deepEqual(
    reports.map((form) => [form.CallStatus, form.SequenceNumber]),
    [['initiated', '0'], ['ringing', '1'], ['in-progress', '2'], ['completed', '3']],
  );
  assert.ok(reports.every((form) => form.CallSid === call.sid));
  assert.ok(app.heard.every(({ valid }) => valid), JSON.stringify(app.heard));
});

test('a call hung up by the person is completed', PATIENCE, async () => {
  const to = '+34600000205';
  const call = await create(to);
  await until(call, 'ringing');
  await phone(to, 'answer');
  await until(call, 'in-progress');
  await phone(to, 'hangup');
  await until(call, 'completed');
});

test('a live call gets another document or ends', PATIENCE, async () => {
  const to = '+34600000206';
  const another = new twilio.twiml.VoiceResponse();
  another.say('This call has been taken over.');
  another.hangup();
  for (const change of [{ twiml: another.toString() }, { status: 'completed' }]) {
    const call = await create(to);
    await until(call, 'ringing');
    await phone(to, 'answer');
    await until(call, 'in-progress');
    await client.calls(call.sid).update(change);
    await until(call, 'completed');
  }
  assert.ok(app.heard.every(({ path }) => path !== '/code'));
});
