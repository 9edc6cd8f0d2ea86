/**
 * The canonical text of a contract (D6): what stands on this screen, without white space.
 *
 * The same rules, in Python: signing/domain/canonical_text.py. Both read
 * tests/vectors/canonical_text.json.
 */

import { sha256 } from './bytes.js';

const WHITE_SPACE = /[\u0009-\u000D\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/g;
const TEXT = 3;
const CDATA = 4;
const ELEMENT = 1;

/** @param {Node} node @returns {string} */
function visibleText(node) {
  if (node.nodeType === TEXT || node.nodeType === CDATA) return node.nodeValue || '';
  if (node.nodeType !== ELEMENT) return '';
  let text = '';
  node.childNodes.forEach((child) => {
    const isHidden =
      child.nodeType === ELEMENT &&
      /** @type {Element} */ (child).getAttribute('aria-hidden') === 'true';
    if (!isHidden) text += visibleText(child);
  });
  return text;
}

/** @param {Element} contract the element with id `contract` @returns {string} */
export function canonicalText(contract) {
  return visibleText(contract).replace(WHITE_SPACE, '');
}

/** @param {Element} contract @returns {Promise<string>} SHA-256 over UTF-8, hex */
export function textSha256(contract) {
  return sha256(/** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(canonicalText(contract))));
}
