// Emails by nodemailer, read by mailpit-api, against `lostkey serve`: both unmodified.
//
// LOSTKEY_PORTS names the ports file that `serve` writes.

'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { test } = require('node:test');

const { MailpitClient } = require('mailpit-api');
const nodemailer = require('nodemailer');

const ports = JSON.parse(readFileSync(process.env.LOSTKEY_PORTS, 'utf8'));
const mailpit = new MailpitClient(ports.http);
const ca = readFileSync(ports.ca, 'utf8');

function at(address) {
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
}

const MODES = {
  plain: { ...at(ports.smtp), ignoreTLS: true },
  starttls: { ...at(ports.smtp), requireTLS: true, tls: { ca } },
  tls: { ...at(ports.smtps), secure: true, tls: { ca } },
  auth: { ...at(ports.smtp), requireTLS: true, tls: { ca }, auth: { user: 'app', pass: 'secret' } },
};

for (const [mode, options] of Object.entries(MODES)) {
  test(`an email by nodemailer, ${mode}, is found by mailpit-api`, async () => {
    const to = `node-${mode}@example.test`;
    const transport = nodemailer.createTransport(options);
    await transport.sendMail({
      from: 'App <app@example.test>',
      to,
      subject: `Your code, ${mode}`,
      text: 'Your verification code is 042137.',
      attachments: [{ filename: 'café.txt', content: 'attached' }],
    });
    transport.close();

    const found = await mailpit.waitForMessage({ query: `to:${to}` });
    assert.equal(found.Subject, `Your code, ${mode}`);
    assert.equal(found.To[0].Address, to);
    assert.match(found.Text, /042137/);
    assert.equal(found.Attachments[0].FileName, 'café.txt');
    const listed = await mailpit.listMessages();
    assert.ok(listed.messages.some((message) => message.ID === found.ID));
    await mailpit.deleteMessages({ IDs: [found.ID] });
    const left = await mailpit.searchMessages({ query: `to:${to}` });
    assert.equal(left.messages_count, 0);
  });
}
