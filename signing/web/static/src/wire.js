/**
 * Requests of the signing page.
 *
 * Every request here may be repeated without harm, so one that got no answer is repeated by itself
 * a few times; then `NoAnswer` is thrown and the person is asked to press the button again.
 */

const WAITS_MS = [800, 2500];
const PATIENCE_MS = 30000;
const BUSY = [502, 503, 504];

/** The service said no: `code` as in the API, `errors` one for each field. */
export class Refused extends Error {
  /** @param {{status: number, code: string, message: string, errors: FieldError[]}} facts */
  constructor({ status, code, message, errors }) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** No answer, whatever was tried; `isBusy` if the service itself said that it cannot now. */
export class NoAnswer extends Error {
  /** @param {boolean} isBusy */
  constructor(isBusy) {
    super('no answer');
    this.isBusy = isBusy;
  }
}

/** @typedef {{path: string, code: string, message_zh: string}} FieldError */

export class Wire {
  /** @param {{place: string, formToken: string}} page `place` is the link's own path */
  constructor({ place, formToken }) {
    this.place = place;
    this.formToken = formToken;
  }

  /** @param {string} name @param {object} body @returns {Promise<any>} */
  async post(name, body) {
    const response = await this.#ask(name, {
      method: 'POST',
      headers: {
        Accept: 'application/problem+json, application/json',
        'Content-Type': 'application/json',
        'X-Form-Token': this.formToken,
      },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  /** @param {string} name @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async bytes(name) {
    const response = await this.#ask(name, { headers: { Accept: 'application/pdf' } });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** @param {string} name @param {RequestInit} request @returns {Promise<Response>} */
  async #ask(name, request) {
    let isBusy = false;
    for (let attempt = 0; attempt <= WAITS_MS.length; attempt += 1) {
      try {
        const response = await inTime(
          fetch(`${this.place}/${name}`, { credentials: 'same-origin', redirect: 'error', ...request }),
        );
        if (response.ok) return response;
        isBusy = BUSY.includes(response.status);
        if (!isBusy) throw await refusal(response);
      } catch (error) {
        if (error instanceof Refused) throw error;
      }
      if (attempt < WAITS_MS.length) await pause(WAITS_MS[attempt]);
    }
    throw new NoAnswer(isBusy);
  }
}

/** @param {Response} response @returns {Promise<Refused>} */
async function refusal(response) {
  /** @type {any} */
  let problem = {};
  try {
    problem = await response.json();
  } catch (error) {
    // A proxy's page, not ours: the status has to do.
  }
  return new Refused({
    status: response.status,
    code: problem.code || '',
    message: problem.detail_zh || problem.detail || '',
    errors: problem.errors || [],
  });
}

/** @template T @param {Promise<T>} answer @returns {Promise<T>} */
function inTime(answer) {
  const late = pause(PATIENCE_MS).then(() => Promise.reject(new Error('too late')));
  return Promise.race([answer, /** @type {Promise<T>} */ (late)]);
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
