/**
 * The worker's key: made here, for one revision of one agreement, and unable to leave (D4).
 *
 * IndexedDB only serves a reload while signing; where it does not work the key lives in memory. The
 * key is forgotten as soon as the signature is in.
 */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DATABASE = 'signing';
const STORE = 'keys';

export class Keyring {
  /** @param {string} name which key: agreement and revision */
  constructor(name) {
    this.name = name;
  }

  /** @returns {Promise<CryptoKeyPair>} the kept key, else a new one */
  async obtain() {
    const kept = await this.#store('readonly', (store) => store.get(this.name));
    if (kept && kept.privateKey && !kept.privateKey.extractable) return kept;
    const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
    await this.#store('readwrite', (store) => store.put(made, this.name));
    return made;
  }

  /** Keys of every agreement go: none is needed once something was signed. */
  async forget() {
    await this.#store('readwrite', (store) => store.clear());
  }

  /**
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest} work
   * @returns {Promise<any>} undefined where there is no IndexedDB
   */
  async #store(mode, work) {
    try {
      const database = await settled(opening());
      try {
        return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
      } finally {
        database.close();
      }
    } catch (error) {
      return undefined;
    }
  }
}

/** @returns {IDBOpenDBRequest} */
function opening() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    if (request instanceof IDBOpenDBRequest) request.onblocked = () => reject(new Error('blocked'));
  });
}

/** @param {CryptoKeyPair} pair @returns {Promise<Uint8Array<ArrayBuffer>>} SubjectPublicKeyInfo */
export async function publicKey(pair) {
  return new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey));
}

/**
 * @param {CryptoKeyPair} pair
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>} r‖s, 64 bytes
 */
export async function sign(pair, bytes) {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, pair.privateKey, bytes));
}
