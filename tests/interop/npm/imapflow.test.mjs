import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { imap, submission, address, patience } from './pod.mjs';

const letter = (subject, body = 'A body.') =>
  Buffer.from(`From: alice@pod.lab\r\nTo: alice@pod.lab\r\nSubject: ${subject}\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n` +
    `Message-ID: <${subject}@pod.lab>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`);

describe('imapflow', () => {
  let client;
  before(async () => { client = await imap('alice'); });
  after(() => client.logout());

  async function inside(mailbox, work) {
    const lock = await client.getMailboxLock(mailbox);
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  test('logs in after STARTTLS', async (here) => {
    const other = await imap('bob', 'imap');
    here.after(() => other.logout());
    assert.equal(other.secureConnection, true);
    assert.equal(other.authenticated, true);
  });

  test('is refused with a wrong password', async () => {
    process.env.POD_NOBODY = 'wrong';
    await assert.rejects(imap('nobody'), { authenticationFailed: true });
  });

  test('lists mailboxes and what they are for', async () => {
    const uses = Object.fromEntries((await client.list()).map(({ path, specialUse }) => [path, specialUse]));
    assert.equal(uses.INBOX, '\\Inbox');
    for (const use of ['Sent', 'Drafts', 'Trash', 'Junk', 'Archive']) assert.equal(uses[use], `\\${use}`);
    const [inbox] = (await client.list({ statusQuery: { messages: true, unseen: true, uidNext: true } }))
      .filter(({ path }) => path === 'INBOX');
    assert.ok(inbox.status.uidNext >= 1);
  });

  test('makes, renames, subscribes and removes mailboxes with names of other letters', async () => {
    assert.equal((await client.mailboxCreate(['Pläne', '2024'])).created, true);
    assert.equal((await client.mailboxRename(['Pläne', '2024'], ['Pläne', '日本'])).newPath, 'Pläne/日本');
    await client.mailboxSubscribe('Pläne/日本');
    const paths = (await client.list()).map(({ path, subscribed }) => [path, subscribed]);
    assert.deepEqual(paths.filter(([path]) => path === 'Pläne/日本'), [['Pläne/日本', true]]);
    await client.mailboxUnsubscribe('Pläne/日本');
    await client.mailboxDelete('Pläne/日本');
    // What had no messages and was there only for what was within has gone with it.
    assert.ok(!(await client.list()).some(({ path }) => path.startsWith('Pläne')));
  });

  test('appends, fetches and searches', async () => {
    await client.mailboxCreate('Kept');
    const appended = await client.append('Kept', letter('kept', 'Schöne Grüße.'), ['\\Seen', 'mark'], new Date('2024-05-06T07:08:09Z'));
    assert.equal(appended.destination, 'Kept');
    assert.ok(appended.uid > 0 && appended.uidValidity > 0n);
    await inside('Kept', async () => {
      const message = await client.fetchOne(appended.uid, {
        flags: true, envelope: true, internalDate: true, size: true, source: true, bodyStructure: true,
        headers: ['subject'], bodyParts: ['1'],
      }, { uid: true });
      assert.deepEqual(message.source, letter('kept', 'Schöne Grüße.'));
      assert.equal(message.size, letter('kept', 'Schöne Grüße.').length);
      assert.deepEqual(message.flags, new Set(['\\Seen', 'mark']));
      assert.equal(message.envelope.messageId, '<kept@pod.lab>');
      assert.equal(message.internalDate.toISOString(), '2024-05-06T07:08:09.000Z');
      assert.equal(message.bodyStructure.type, 'text/plain');
      assert.equal(message.headers.toString().trim(), 'Subject: kept');
      assert.equal(message.bodyParts.get('1').toString(), 'Schöne Grüße.\r\n');
      assert.deepEqual(await client.search({ subject: 'kept', seen: true, keyword: 'mark' }, { uid: true }), [appended.uid]);
      assert.deepEqual(await client.search({ body: 'Grüße' }, { uid: true }), [appended.uid]);
      assert.deepEqual(await client.search({ or: [{ from: 'nobody' }, { seen: false }] }, { uid: true }), []);
      const { content } = await client.download(appended.uid, '1', { uid: true });
      let text = '';
      for await (const chunk of content) text += chunk;
      assert.equal(text, 'Schöne Grüße.\r\n');
    });
  });

  test('sets flags, moves, copies and deletes', async () => {
    await client.mailboxCreate('From');
    await client.mailboxCreate('To');
    for (const subject of ['one', 'two', 'three']) await client.append('From', letter(subject));
    await inside('From', async () => {
      await client.messageFlagsAdd('1:2', ['\\Flagged']);
      await client.messageFlagsRemove('2', ['\\Flagged']);
      await client.messageFlagsSet('3', ['\\Answered', 'later']);
      const flags = (await client.fetchAll('1:*', { flags: true })).map((message) => [...message.flags]);
      assert.deepEqual(flags, [['\\Flagged'], [], ['\\Answered', 'later']]);
      const moved = await client.messageMove('1', 'To');
      assert.equal(moved.uidMap.size, 1);
      const copied = await client.messageCopy('1', 'To');
      assert.equal(copied.uidMap.size, 1);
      assert.equal(await client.messageDelete('2'), true);
      assert.equal(client.mailbox.exists, 1);
    });
    await inside('To', async () => {
      const subjects = (await client.fetchAll('1:*', { envelope: true })).map(({ envelope }) => envelope.subject);
      assert.deepEqual(subjects, ['one', 'two']);
    });
    assert.deepEqual(await client.status('To', { messages: true, unseen: true }), { path: 'To', messages: 2, unseen: 2 });
  });

  test('hears of new mail, of flags and of what is gone while it idles', async (here) => {
    const other = await imap('alice');
    here.after(() => other.logout());
    await inside('INBOX', async () => {
      const news = once(client, 'exists', { signal: AbortSignal.timeout(patience) });
      client.idle();
      await submission('bob').sendMail({ from: address('bob'), to: address('alice'), subject: 'news', text: 'News.' });
      const [{ path, count, prevCount }] = await news;
      assert.equal(path, 'INBOX');
      assert.equal(count, prevCount + 1);
      const flagged = once(client, 'flags', { signal: AbortSignal.timeout(patience) });
      client.idle();
      const lock = await other.getMailboxLock('INBOX');
      await other.messageFlagsAdd(String(count), ['\\Flagged']);
      assert.ok((await flagged)[0].flags.has('\\Flagged'));
      const gone = once(client, 'expunge', { signal: AbortSignal.timeout(patience) });
      client.idle();
      await other.messageDelete(String(count));
      assert.equal((await gone)[0].path, 'INBOX');
      lock.release();
    });
  });
});
