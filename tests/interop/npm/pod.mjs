// The pod that run.py started, and ways to it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';

const certificate = readFileSync(process.env.POD_CERTIFICATE);
const tls = { ca: certificate };
export const patience = 60_000; // milliseconds for anything that should take less than a second

export const address = (name) => `${name}@pod.lab`;
const login = (name) => ({ user: address(name), pass: process.env[`POD_${name.toUpperCase()}`] });

/** `how`: imaps, or imap for STARTTLS. */
export async function imap(name, how = 'imaps') {
  const client = new ImapFlow({
    host: 'localhost',
    port: Number(process.env[`POD_${how.toUpperCase()}`]),
    secure: how === 'imaps',
    doSTARTTLS: how === 'imap' ? true : undefined,
    tls,
    auth: login(name),
    logger: false,
  });
  await client.connect();
  return client;
}

/** `how`: submission for STARTTLS, or submissions. */
export function submission(name, how = 'submission', more = {}) {
  return createTransport({
    host: 'localhost',
    port: Number(process.env[`POD_${how.toUpperCase()}`]),
    secure: how === 'submissions',
    requireTLS: true,
    tls,
    auth: login(name),
    ...more,
  });
}

/** The messages in INBOX that match, once there are any: the pod says when something new is there. */
export async function arrived(client, criterion) {
  const lock = await client.getMailboxLock('INBOX');
  try {
    const deadline = AbortSignal.timeout(patience);
    for (;;) {
      const looked = new AbortController();
      const news = once(client, 'exists', { signal: AbortSignal.any([deadline, looked.signal]) });
      news.catch(() => {});
      const found = await client.search(criterion, { uid: true });
      if (found.length > 0) {
        looked.abort();
        return await client.fetchAll(found, { source: true, envelope: true }, { uid: true });
      }
      client.idle();
      await news;
    }
  } finally {
    lock.release();
  }
}
