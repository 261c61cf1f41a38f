import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { imap, submission, arrived, address } from './pod.mjs';

describe('nodemailer', () => {
  let bob, alice;
  before(async () => { bob = await imap('bob'); alice = await imap('alice'); });
  after(() => Promise.all([bob.logout(), alice.logout()]));

  for (const how of ['submission', 'submissions']) {
    test(`sends by ${how}, with attachments and other letters`, async () => {
      const subject = `Grüße by ${how}`;
      const attachment = Buffer.from(Array.from({ length: 100_000 }, (_, place) => place * 7 % 256));
      const sent = await submission('alice', how).sendMail({
        from: `"Älice" <${address('alice')}>`,
        to: `"Böb" <${address('bob')}>`,
        subject,
        text: 'Schöne Grüße.\n.\n..\n',
        html: '<p>Schöne Grüße.</p>',
        attachments: [{ filename: 'übersicht.bin', content: attachment }],
      });
      assert.deepEqual(sent.rejected, []);
      assert.match(sent.response, /^250 2\.0\.0 /);
      const [message] = await arrived(bob, { header: { 'message-id': sent.messageId } });
      assert.equal(message.envelope.subject, subject);
      assert.equal(message.envelope.from[0].name, 'Älice');
      const lock = await bob.getMailboxLock('INBOX');
      const { meta, content } = await bob.download(message.uid, '2', { uid: true });
      const chunks = [];
      for await (const chunk of content) chunks.push(chunk);
      lock.release();
      assert.equal(meta.filename, 'übersicht.bin');
      assert.deepEqual(Buffer.concat(chunks), attachment);
    });
  }

  test('sends many by one connection', async () => {
    const pool = submission('alice', 'submission', { pool: true, maxConnections: 1 });
    const sent = await Promise.all(Array.from({ length: 20 }, (_, number) =>
      pool.sendMail({ from: address('alice'), to: address('bob'), subject: `pooled ${number}`, text: 'x' })));
    pool.close();
    for (const { messageId } of sent) assert.equal((await arrived(bob, { header: { 'message-id': messageId } })).length, 1);
  });

  test('asks to be told, and is', async () => {
    const { messageId } = await submission('alice').sendMail({
      from: address('alice'), to: address('bob'), subject: 'tell me', text: 'x',
      dsn: { id: 'an envelope', return: 'headers', notify: ['success', 'failure'], recipient: address('alice') },
    });
    const [report] = await arrived(alice, { header: { 'content-type': 'multipart/report' }, text: messageId });
    const text = report.source.toString();
    assert.match(text, /Original-Envelope-Id: an envelope/i);
    assert.match(text, /Final-Recipient: rfc822; ?bob@pod\.lab/i);
    assert.match(text, /Action: delivered/i);
  });

  test('sends to an address of other letters', async () => {
    const to = 'bob+grüße@pod.lab';
    const sent = await submission('alice').sendMail({ from: address('alice'), to, subject: 'utf8', text: 'x' });
    assert.deepEqual(sent.accepted, [to]);
    const [message] = await arrived(bob, { header: { 'message-id': sent.messageId } });
    assert.match(message.source.toString('utf8'), /with UTF8SMTPSA/);
  });

  test('is told which recipients are refused, and in which words', async () => {
    const sent = await submission('alice').sendMail({
      from: address('alice'), to: [address('bob'), address('nobody')], subject: 'two', text: 'x',
    });
    assert.deepEqual(sent.accepted, [address('bob')]);
    assert.match(sent.rejectedErrors[0].response, /^550 5\.1\.1 no such mailbox here/);
  });

  test('may not send as another', async () => {
    await assert.rejects(submission('alice').sendMail({
      from: address('bob'), to: address('bob'), subject: 'forged', text: 'x',
    }), { responseCode: 550 });
  });

  test('is refused with a wrong password', async () => {
    await assert.rejects(submission('alice', 'submission', { auth: { user: address('alice'), pass: 'wrong' } }).verify(),
      { code: 'EAUTH', responseCode: 535 });
  });
});
