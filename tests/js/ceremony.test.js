import assert from 'node:assert/strict';
import { createHash, webcrypto } from 'node:crypto';
import { test } from 'node:test';

import { fromBase64, toBase64 } from '../../signing/web/static/src/bytes.js';
import { Ceremony } from '../../signing/web/static/src/ceremony.js';
import { CheckFailed } from '../../signing/web/static/src/check.js';
import { NoAnswer, Refused } from '../../signing/web/static/src/wire.js';
import { making, TEXT_SHA256 } from './making.js';

const WISH = { code: '123456', strokes: [], pad: { width: 1, height: 1 }, typed: '张三', willing: true };

/** Keeps one key, as IndexedDB does. */
class FakeKeyring {
  async obtain() {
    this.pair = this.pair || (await webcrypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'],
    ));
    return this.pair;
  }

  async forget() {
    this.pair = undefined;
    this.isForgotten = true;
  }
}

/** A service that answers as ours, counts, and fails when told to. */
class FakeWire {
  constructor() {
    this.made = making();
    this.asked = [];
    this.failures = {};
    this.values = new Set();
  }

  async bytes() {
    return this.made.known.base;
  }

  async post(name, body) {
    this.asked.push(name);
    const failure = (this.failures[name] || []).shift();
    if (failure && !failure.isAfter) throw failure.error;
    const answer = this[name](body);
    if (failure) throw failure.error;
    return answer;
  }

  key({ spki }) {
    this.spki = fromBase64(spki);
    return { request_info: toBase64(Buffer.concat([Buffer.from([0x30]), this.spki])) };
  }

  'signature-request'() {
    const { toSign } = this.made;
    return {
      intent_id: toSign.intentId,
      base_sha256: toSign.baseSha256,
      increment: toBase64(toSign.increment),
      contents_start: toSign.contentsStart,
      contents_end: toSign.contentsEnd,
      signed_attributes: toBase64(toSign.signedAttributes),
    };
  }

  signature({ value }) {
    this.values.add(value);
    return { done: true };
  }
}

function scene() {
  const wire = new FakeWire();
  const keyring = new FakeKeyring();
  return { wire, keyring, ceremony: new Ceremony(wire, keyring, TEXT_SHA256) };
}

const refusal = (code, status = 409) => new Refused({ status, code, message: code, errors: [] });
const quiet = () => {};

test('the value is a signature by the key that was shown, and the key is forgotten', async () => {
  const { wire, keyring, ceremony } = scene();

  await ceremony.sign(WISH, quiet);

  const [value] = [...wire.values].map(fromBase64);
  const key = await webcrypto.subtle.importKey(
    'spki', wire.spki, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'],
  );
  const isGood = await webcrypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' }, key, value, wire.made.toSign.signedAttributes,
  );
  assert.equal(value.length, 64);
  assert.ok(isGood);
  assert.ok(keyring.isForgotten);
});

test('a lost answer to the value is asked for again with the same value', async () => {
  const { wire, ceremony } = scene();
  wire.failures.signature = [{ isAfter: true, error: new NoAnswer(false) }];
  await assert.rejects(ceremony.sign(WISH, quiet), NoAnswer);

  await ceremony.sign(WISH, quiet);

  assert.equal(wire.values.size, 1);
  assert.equal(wire.asked.filter((name) => name === 'signature-request').length, 1);
});

test('what was signed already counts as done', async () => {
  const { wire, keyring, ceremony } = scene();
  wire.failures['signature-request'] = [{ error: refusal('ALREADY_SIGNED') }];

  await ceremony.sign(WISH, quiet);

  assert.equal(wire.values.size, 0);
  assert.ok(keyring.isForgotten);
});

test('a text that was not read is not signed, and nothing is sent', async () => {
  const wire = new FakeWire();
  const ceremony = new Ceremony(wire, new FakeKeyring(), 'cd'.repeat(32));

  await assert.rejects(ceremony.sign(WISH, quiet), CheckFailed);

  assert.ok(!wire.asked.includes('signature'));
});

test('a request info of another key is not signed', async () => {
  const { wire, ceremony } = scene();
  wire.key = () => ({ request_info: toBase64(createHash('sha512').digest()) });

  await assert.rejects(ceremony.sign(WISH, quiet), CheckFailed);

  assert.deepEqual(wire.asked, ['key']);
});

test('a preparation that failed is tried anew', async () => {
  const { wire, ceremony } = scene();
  wire.failures.key = [{ error: new NoAnswer(false) }];
  await assert.rejects(ceremony.prepare(), NoAnswer);

  await ceremony.sign(WISH, quiet);

  assert.equal(wire.values.size, 1);
});

test('after a signature that lapsed everything begins anew', async () => {
  const { wire, ceremony } = scene();
  wire.failures.signature = [{ error: refusal('SIGNATURE_LAPSED') }];
  await assert.rejects(ceremony.sign(WISH, quiet), { code: 'SIGNATURE_LAPSED' });

  await ceremony.sign(WISH, quiet);

  assert.deepEqual(
    wire.asked,
    ['key', 'signature-request', 'signature', 'key', 'signature-request', 'signature'],
  );
});

test('a wrong code leaves the key as it is', async () => {
  const { wire, ceremony } = scene();
  wire.failures['signature-request'] = [{ error: refusal('CODE_WRONG', 422) }];
  await assert.rejects(ceremony.sign(WISH, quiet), { code: 'CODE_WRONG' });

  await ceremony.sign(WISH, quiet);

  assert.equal(wire.asked.filter((name) => name === 'key').length, 1);
});
