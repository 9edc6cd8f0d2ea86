import assert from 'node:assert/strict';
import { test } from 'node:test';

import { attribute, values } from '../../signing/web/static/src/der.js';

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const MESSAGE_DIGEST = '2a864886f70d010904';
const ATTRIBUTE = `300f0609${MESSAGE_DIGEST}310204 00`.replace(' ', '');

test('values follow each other to the very end', () => {
  const found = values(bytes('0201050400'));

  assert.deepEqual(found.map(({ tag, content }) => [tag, content.length]), [[2, 1], [4, 0]]);
});

test('long lengths are read', () => {
  const [value] = values(Uint8Array.from([0x04, 0x81, 0x80, ...new Uint8Array(128)]));

  assert.equal(value.content.length, 128);
});

for (const [name, hex] of [
  ['a value that is cut short', '040500'],
  ['an indefinite length', '30800000'],
  ['a length that is not minimal', '04810100'],
  ['a long length with a leading zero', '0482000100'],
  ['a tag without a length', '04'],
  ['a length cut short', '0482ff'],
]) {
  test(`${name} is refused`, () => {
    assert.throws(() => values(bytes(hex)), /DER/);
  });
}

test('the one value of an attribute is found', () => {
  const attributes = bytes(`3111${ATTRIBUTE}`);

  assert.deepEqual(attribute(attributes, MESSAGE_DIGEST).tag, 4);
});

for (const [name, hex] of [
  ['absent', '3100'],
  ['there twice', `3122${ATTRIBUTE}${ATTRIBUTE}`],
  ['in a sequence instead of a set', `3011${ATTRIBUTE}`],
  ['of two values', `311330110609${MESSAGE_DIGEST}310404000400`],
  ['of no value', `310f300d0609${MESSAGE_DIGEST}3100`],
  ['followed by something', `3111${ATTRIBUTE}0500`],
]) {
  test(`an attribute that is ${name} is refused`, () => {
    assert.throws(() => attribute(bytes(hex), MESSAGE_DIGEST), /DER/);
  });
}
