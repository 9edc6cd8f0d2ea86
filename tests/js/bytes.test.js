import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  concat, fromBase64, includes, sha256, toBase64, toHex,
} from '../../signing/web/static/src/bytes.js';

const ALL = Uint8Array.from({ length: 20000 }, (_, i) => i % 256);

test('base64 goes there and back, also for long content', () => {
  assert.deepEqual(fromBase64(toBase64(ALL)), ALL);
  assert.equal(toBase64(ALL), Buffer.from(ALL).toString('base64'));
});

test('hex is lower case, two digits a byte', () => {
  assert.equal(toHex(Uint8Array.from([0, 15, 171])), '000fab');
});

test('a part is found where it stands and nowhere else', () => {
  assert.ok(includes(ALL, ALL.subarray(19000, 19100)));
  assert.ok(!includes(ALL, Uint8Array.from([1, 1])));
});

test('two parts make a whole', () => {
  assert.deepEqual(concat(ALL.subarray(0, 5), ALL.subarray(5)), ALL);
});

test('the digest is that of FIPS 180-4', async () => {
  const abc = Uint8Array.from(Buffer.from('abc'));

  assert.equal(
    await sha256(abc),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
