/** A file, an increment and signed attributes that fit each other, for the tests. */

import { createHash } from 'node:crypto';

export const TEXT_SHA256 = 'ab'.repeat(32);
const DIGITS = '0'.repeat(64);

/** @param {string} text */
export function latin1(text) {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** @param {Uint8Array} content */
function sha256(content) {
  return createHash('sha256').update(content).digest();
}

/** @param {number} tag @param {...Uint8Array} parts */
export function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

/** @param {string} id hex @param {Uint8Array} value */
function attribute(id, value) {
  return der(0x30, der(0x06, Buffer.from(id, 'hex')), der(0x31, value));
}

/** @param {Uint8Array} digest @param {string} [contentType] hex */
export function signedAttributes(digest, contentType = '2a864886f70d010701') {
  const type = der(0x06, Buffer.from(contentType, 'hex'));
  return Uint8Array.from(
    der(
      0x31,
      attribute('2a864886f70d010903', type),
      attribute('2a864886f70d010904', der(0x04, digest)),
    ),
  );
}

/**
 * @param {(increment: string) => string} [change] to the increment, of the same length
 * @returns what the service sends, and what the phone knows
 */
export function making(change = (increment) => increment) {
  const base = latin1('%PDF-1.7 base file\n');
  const head = `9 0 obj<</Type/Sig/Contents<`;
  const start = base.length + head.length;
  const end = start + DIGITS.length;
  const tail = (after) =>
    `>/ByteRange [0 ${start - 1} ${end + 1} ${after}]/Location(text-sha256:${TEXT_SHA256})>>endobj\n`;
  const length = tail(999).length - 1; // without the `>` that the gap takes
  const increment = latin1(change(`${head}${DIGITS}${tail(length)}`));
  const file = Buffer.concat([base, increment]);
  const digest = sha256(Buffer.concat([file.subarray(0, start - 1), file.subarray(end + 1)]));
  return {
    toSign: {
      intentId: 'int_1',
      baseSha256: sha256(base).toString('hex'),
      increment,
      contentsStart: start,
      contentsEnd: end,
      signedAttributes: signedAttributes(digest),
    },
    known: { base, textSha256: TEXT_SHA256 },
    digest,
  };
}
