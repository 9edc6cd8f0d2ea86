/**
 * The phone's half of a signature, without the page around it.
 *
 *     1. make a key, show its public half, prove possession       `prepare`, while the worker draws
 *     2. fetch the file                                           at the same time
 *     3. ask for the bytes to sign, check them, sign them         `sign`
 *     4. send the value; a lost answer is asked for again with the same value
 *
 * All of it may be repeated after any failure: at most one signature comes of it.
 */

import { fromBase64, includes, toBase64 } from './bytes.js';
import { CheckFailed, checkToSign } from './check.js';
import { publicKey, sign } from './keyring.js';
import { Refused } from './wire.js';

/**
 * @typedef {object} Wish
 * @property {string} code
 * @property {number[][][]} strokes
 * @property {{width: number, height: number}} pad
 * @property {string} typed
 * @property {boolean} willing
 *
 * @typedef {object} Ready
 * @property {CryptoKeyPair} pair
 * @property {Uint8Array} proof
 * @property {Uint8Array<ArrayBuffer>} base
 */

const START_AGAIN = ['KEY_MISSING', 'SIGNATURE_LAPSED', 'SIGNATURE_INVALID', 'PROOF_INVALID'];
const IS_SIGNED = ['ALREADY_SIGNED', 'AGREEMENT_COMPLETED'];

export class Ceremony {
  /**
   * @param {import('./wire.js').Wire} wire
   * @param {import('./keyring.js').Keyring} keyring
   * @param {string} textSha256 of the text that was read
   */
  constructor(wire, keyring, textSha256) {
    this.wire = wire;
    this.keyring = keyring;
    this.textSha256 = textSha256;
    /** @type {Promise<Ready> | null} */
    this.ready = null;
    /** @type {{intent_id: string, value: string} | null} */
    this.unanswered = null;
  }

  /** @returns {Promise<Ready>} one preparation at a time; a failed one is tried anew */
  prepare() {
    if (!this.ready) {
      this.ready = this.#prepared();
      this.ready.catch(() => {
        this.ready = null;
      });
    }
    return this.ready;
  }

  async #prepared() {
    const file = this.wire.bytes('document.pdf');
    file.catch(() => {}); // its failure is seen below
    const pair = await this.keyring.obtain();
    const spki = await publicKey(pair);
    const answer = await this.wire.post('key', { spki: toBase64(spki) });
    const requestInfo = fromBase64(answer.request_info);
    if (!includes(requestInfo, spki)) throw new CheckFailed('request info of another key');
    return { pair, proof: await sign(pair, requestInfo), base: await file };
  }

  /**
   * @param {Wish} wish
   * @param {(step: 'preparing' | 'checking' | 'sending') => void} tell
   */
  async sign(wish, tell) {
    try {
      if (!this.unanswered) this.unanswered = await this.#signed(wish, tell);
      tell('sending');
      await this.wire.post('signature', this.unanswered);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.unanswered = null;
      if (START_AGAIN.includes(error.code)) this.ready = null;
      if (!IS_SIGNED.includes(error.code)) throw error;
    }
    await this.keyring.forget();
  }

  /** @param {Wish} wish @param {(step: 'preparing' | 'checking') => void} tell */
  async #signed(wish, tell) {
    tell('preparing');
    const { pair, proof, base } = await this.prepare();
    const answer = await this.wire.post('signature-request', { proof: toBase64(proof), ...wish });
    tell('checking');
    const toSign = {
      intentId: answer.intent_id,
      baseSha256: answer.base_sha256,
      increment: fromBase64(answer.increment),
      contentsStart: answer.contents_start,
      contentsEnd: answer.contents_end,
      signedAttributes: fromBase64(answer.signed_attributes),
    };
    await checkToSign(toSign, { base, textSha256: this.textSha256 });
    const value = await sign(pair, toSign.signedAttributes);
    return { intent_id: toSign.intentId, value: toBase64(value) };
  }
}
