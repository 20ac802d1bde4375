// Text messages by the official Node SDK, unmodified, against `lostkey serve --clock manual`.
//
// LOSTKEY_PORTS and LOSTKEY_ROUTE are those of calls.test.js.

'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const { afterEach, beforeEach, test } = require('node:test');

const twilio = require('twilio');

const ACCOUNT = `AC${'fedcba9876543210'.repeat(2)}`;
const TOKEN = 'the token of this test';
const FROM = '+15005550006';

const ports = JSON.parse(fs.readFileSync(process.env.LOSTKEY_PORTS, 'utf8'));

// A number that no other run of these tests against the same server uses.
const number = (n) => `+3460000${process.env.LOSTKEY_ROUTE === 'base' ? '04' : '05'}0${n}`;

let client;
let app;

// Sends a request to the control API. Node's `fetch` never uses a proxy of the environment.
async function control(method, path, body) {
  const answer = await fetch(`${ports.http}/control/v1${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

const advance = (by) => control('POST', '/clock/advance', { by });

const refused = (code, status) => (error) => {
  assert.deepEqual([error.code, error.status], [code, status]);
  return true;
};

beforeEach(async () => {
  client = twilio(ACCOUNT, TOKEN);
  if (process.env.LOSTKEY_ROUTE === 'base') client.api.baseUrl = ports.twilio;
  const heard = [];
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      const shown = request.headers['x-twilio-signature'] ?? '';
      heard.push({ form, valid: twilio.validateRequest(TOKEN, shown, `${app.url}${request.url}`, form) });
      response.end();
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  app = { server, heard, url: `http://127.0.0.1:${server.address().port}` };
});

afterEach(() => app.server.close());

test('a text is delivered, and each callback is signed', async () => {
  const statusCallback = `${app.url}/status?app=1`;
  const text = await client.messages.create({ to: number(1), from: FROM, body: 'Código 042137', statusCallback });
  assert.match(text.sid, /^SM[0-9a-f]{32}$/);
  assert.deepEqual([text.status, text.numSegments, text.errorCode], ['queued', '1', null]);
  await advance('10s');
  const told = app.heard.map(({ form, valid }) => [form.MessageStatus, valid]);
  assert.deepEqual(told, [['sent', true], ['delivered', true]]);
  assert.equal((await client.messages(text.sid).fetch()).status, 'delivered');
  const { texts } = await control('GET', `/phones/${number(1)}/texts`);
  assert.equal(texts.at(-1).body, 'Código 042137');
  assert.equal(texts.at(-1).codes[0].code, '042137');
});

test('lists have pages', async () => {
  const to = number(2);
  for (let n = 0; n < 5; n += 1) await client.messages.create({ to, from: FROM, body: `${n}` });
  const sizes = [];
  for (let page = await client.messages.page({ to, pageSize: 2 }); page; page = await page.nextPage()) {
    sizes.push(page.instances.length);
  }
  assert.deepEqual(sizes, [2, 2, 1]);
});

test('a text is redacted and deleted, and a scheduled one is canceled', async () => {
  const to = number(3);
  const text = await client.messages.create({ to, from: FROM, body: 'secret' });
  await assert.rejects(client.messages(text.sid).remove(), refused(20009, 409));
  assert.equal((await client.messages(text.sid).update({ body: '' })).body, '');
  await advance('10s');
  assert.equal(await client.messages(text.sid).remove(), true);
  await assert.rejects(client.messages(text.sid).fetch(), refused(20404, 404));
  const { time } = await control('GET', '/clock');
  const scheduled = await client.messages.create({
    to,
    messagingServiceSid: `MG${'0'.repeat(32)}`,
    body: 'later',
    scheduleType: 'fixed',
    sendAt: new Date(Date.parse(time) + 3_600_000),
  });
  assert.equal(scheduled.status, 'scheduled');
  assert.equal((await client.messages(scheduled.sid).update({ status: 'canceled' })).status, 'canceled');
});

test('magic numbers are refused', async () => {
  for (const [to, from, code] of [
    ['+15005550001', FROM, 21211],
    ['+15005550002', FROM, 21612],
    ['+15005550003', FROM, 21408],
    ['+15005550004', FROM, 21610],
    ['+15005550009', FROM, 21614],
    [number(4), '+15005550001', 21212],
    [number(4), '+15005550007', 21606],
    [number(4), '+15005550008', 21611],
  ]) {
    await assert.rejects(client.messages.create({ to, from, body: 'x' }), refused(code, 400));
  }
});
