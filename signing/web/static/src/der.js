/**
 * Just enough DER to find an attribute among CMS signed attributes (RFC 5652 §5.3).
 *
 * Lengths are definite and minimal, values end where their parent ends: anything else throws.
 */

import { toHex } from './bytes.js';

const SEQUENCE = 0x30;
const SET = 0x31;
const OBJECT_IDENTIFIER = 0x06;

/**
 * @typedef {object} Value
 * @property {number} tag
 * @property {Uint8Array} content
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Value[]} the values that follow each other in `bytes`, to its very end
 */
export function values(bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const [length, start] = lengthAt(bytes, at + 1);
    if (start + length > bytes.length) throw new Error('DER: a value is cut short');
    found.push({ tag: bytes[at], content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[number, number]} the length, and where the content starts
 */
function lengthAt(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return [first, at + 1];
  const count = first - 0x80;
  if (!(count >= 1 && count <= 3) || at + count >= bytes.length) throw new Error('DER: bad length');
  let length = 0;
  for (let i = 1; i <= count; i += 1) length = length * 256 + bytes[at + i];
  const least = count === 1 ? 0x80 : 256 ** (count - 1);
  if (length < least) throw new Error('DER: a length is not minimal');
  return [length, at + 1 + count];
}

/**
 * @param {Uint8Array} bytes
 * @param {number} tag
 * @returns {Value[]} what is inside the one value of that tag which `bytes` is
 */
function inside(bytes, tag) {
  const all = values(bytes);
  if (all.length !== 1 || all[0].tag !== tag) throw new Error('DER: another value was expected');
  return values(all[0].content);
}

/**
 * @param {Uint8Array} signedAttributes a SET OF Attribute, tag 0x31
 * @param {string} type the content of the attribute's OBJECT IDENTIFIER, hex
 * @returns {Value} its only value; an attribute that is absent or stands twice throws
 */
export function attribute(signedAttributes, type) {
  const matching = inside(signedAttributes, SET)
    .map((entry) => (entry.tag === SEQUENCE ? values(entry.content) : []))
    .filter(([id]) => id && id.tag === OBJECT_IDENTIFIER && toHex(id.content) === type);
  if (matching.length !== 1) throw new Error('DER: an attribute must stand once');
  const [, set] = matching[0];
  const held = set && set.tag === SET ? values(set.content) : [];
  if (matching[0].length !== 2 || held.length !== 1) throw new Error('DER: one value was expected');
  return held[0];
}
