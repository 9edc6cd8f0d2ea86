/**
 * What the phone checks before its key signs (D6, third lock).
 *
 *     1. the file it holds is the file the service talks about
 *     2. the place kept for the signature is empty, and /ByteRange covers everything else
 *     3. the digest over everything else stands in the signed attributes
 *     4. the hash of the text that was read stands inside the signed bytes
 *
 * Whatever is not as it should be throws `CheckFailed`: nothing is signed then.
 */

import { concat, sha256, toHex, toLatin1 } from './bytes.js';
import { attribute } from './der.js';

const CONTENT_TYPE = '2a864886f70d010903'; // 1.2.840.113549.1.9.3
const MESSAGE_DIGEST = '2a864886f70d010904'; // 1.2.840.113549.1.9.4
const ID_DATA = '2a864886f70d010701'; // 1.2.840.113549.1.7.1
const OCTET_STRING = 0x04;

export class CheckFailed extends Error {}

/**
 * @typedef {object} ToSign
 * @property {string} intentId
 * @property {string} baseSha256 hex
 * @property {Uint8Array} increment follows the base file
 * @property {number} contentsStart absolute offset of the first empty digit of /Contents
 * @property {number} contentsEnd   absolute offset behind the last
 * @property {Uint8Array<ArrayBuffer>} signedAttributes
 */

/**
 * @param {ToSign} toSign
 * @param {{base: Uint8Array<ArrayBuffer>, textSha256: string}} known what this phone holds and read
 */
export async function checkToSign(toSign, { base, textSha256 }) {
  // 1.
  demand((await sha256(base)) === toSign.baseSha256, 'another file');
  // 2.
  const file = concat(base, toSign.increment);
  const start = toSign.contentsStart - 1;
  const end = toSign.contentsEnd + 1;
  demand(start >= base.length && start < end && end <= file.length, 'place outside the increment');
  demand(/^<0+>$/.test(toLatin1(file.subarray(start, end))), 'place not empty');
  const increment = toLatin1(toSign.increment);
  const range = only(increment, /\/ByteRange ?\[ ?(\d+) +(\d+) +(\d+) +(\d+) *\]/g);
  const covered = [0, start, end, file.length - end];
  demand(covered.every((number, i) => Number(range[i + 1]) === number), 'byte range');
  // 3.
  const digest = await sha256(concat(file.subarray(0, start), file.subarray(end)));
  const held = attributeOf(toSign.signedAttributes, MESSAGE_DIGEST);
  demand(held.tag === OCTET_STRING && toHex(held.content) === digest, 'digest');
  demand(toHex(attributeOf(toSign.signedAttributes, CONTENT_TYPE).content) === ID_DATA, 'type');
  // 4.
  const location = only(increment, /\/Location ?\(text-sha256:([0-9a-f]{64})\)/g);
  demand(location[1] === textSha256, 'text');
}

/** @param {boolean} holds @param {string} what */
function demand(holds, what) {
  if (!holds) throw new CheckFailed(what);
}

/** @param {Uint8Array} signedAttributes @param {string} type */
function attributeOf(signedAttributes, type) {
  try {
    return attribute(signedAttributes, type);
  } catch (error) {
    throw new CheckFailed(String(error));
  }
}

/** @param {string} text @param {RegExp} pattern @returns {RegExpExecArray} its only match */
function only(text, pattern) {
  const match = pattern.exec(text);
  if (!match || pattern.exec(text)) throw new CheckFailed(`not once: ${pattern.source}`);
  return match;
}
