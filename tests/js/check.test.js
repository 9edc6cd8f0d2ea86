import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CheckFailed, checkToSign } from '../../signing/web/static/src/check.js';
import { latin1, making, signedAttributes, TEXT_SHA256 } from './making.js';

const refused = (made) => assert.rejects(checkToSign(made.toSign, made.known), CheckFailed);

test('bytes that fit what was read are let through', async () => {
  const { toSign, known } = making();

  await checkToSign(toSign, known);
});

test('another base file is refused', async () => {
  const made = making();
  made.known.base = latin1('%PDF-1.7 base file!');

  await refused(made);
});

test('every flipped bit of the increment outside the place is refused', async () => {
  const { toSign, known } = making();
  const start = toSign.contentsStart - known.base.length;
  const end = toSign.contentsEnd - known.base.length;

  for (let at = 0; at < toSign.increment.length; at += 1) {
    if (at < start || at >= end) {
      const increment = Uint8Array.from(toSign.increment);
      increment[at] ^= 1;
      await refused({ toSign: { ...toSign, increment }, known });
    }
  }
});

test('a place that is not empty is refused though the digest does not cover it', async () => {
  const made = making((increment) => increment.replace('<00', '<ff'));

  await refused(made);
});

test('a text other than the one that was read is refused though the digest fits', async () => {
  const made = making((increment) => increment.replace(TEXT_SHA256, 'cd'.repeat(32)));

  await refused(made);
});

test('a text named twice is refused', async () => {
  const made = making((increment) => `${increment}/Location(text-sha256:${'cd'.repeat(32)})`);

  await refused(made);
});

test('a byte range that leaves bytes out is refused though the digest fits', async () => {
  const made = making((increment) => increment.replace('[0 ', '[1 '));

  await refused(made);
});

for (const [name, change] of [
  ['before the increment', { contentsStart: 5 }],
  ['behind the file', { contentsEnd: 99999 }],
  ['turned round', { contentsStart: 90, contentsEnd: 60 }],
]) {
  test(`a place ${name} is refused`, async () => {
    const { toSign, known } = making();

    await refused({ toSign: { ...toSign, ...change }, known });
  });
}

test('a digest of something else is refused', async () => {
  const { toSign, known } = making();

  await refused({ toSign: { ...toSign, signedAttributes: signedAttributes(new Uint8Array(32)) }, known });
});

test('signed attributes of another content type are refused', async () => {
  const { toSign, known, digest } = making();
  const attributes = signedAttributes(digest, '2a864886f70d010702');

  await refused({ toSign: { ...toSign, signedAttributes: attributes }, known });
});

test('signed attributes that are no DER are refused', async () => {
  const { toSign, known } = making();

  await refused({ toSign: { ...toSign, signedAttributes: latin1('nonsense') }, known });
});
