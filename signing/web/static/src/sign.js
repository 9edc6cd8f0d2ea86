/** The signing page: its fields, its buttons, and what is said when something does not work. */

import { Ceremony } from './ceremony.js';
import { CheckFailed } from './check.js';
import { hide, show } from './errors.js';
import { Keyring } from './keyring.js';
import { recall, textName } from './memory.js';
import * as say from './messages.js';
import { Pad } from './pad.js';
import { NoAnswer, Refused, Wire } from './wire.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('signing'));
const { place = '', token = '', agreement = '', revision = '' } = form.dataset;
const wire = new Wire({ place, formToken: token });
const textSha256 = recall(textName(agreement));
const ceremony = new Ceremony(wire, new Keyring(`${agreement} ${revision}`), textSha256);
let isBusy = false;

/** @param {string} id @returns {HTMLInputElement} */
function field(id) {
  return /** @type {HTMLInputElement} */ (document.getElementById(id));
}

/** @param {string} id @param {boolean} isShown */
function reveal(id, isShown) {
  /** @type {HTMLElement} */ (document.getElementById(id)).hidden = !isShown;
}

/** @param {string} text */
function tell(text) {
  /** @type {HTMLElement} */ (document.getElementById('progress')).textContent = text;
}

/** @param {Pad} pad @returns {import('./errors.js').Mistake[]} */
function mistakes(pad) {
  const found = [];
  if (isTyping()) {
    if (!field('typed').value.trim()) found.push({ path: 'typed', message: say.NO_TYPED_NAME });
  } else if (!pad.isEnough()) {
    found.push({ path: 'handwriting', message: pad.isEmpty() ? say.NO_NAME : say.TOO_LITTLE });
  }
  if (!field('willing').checked) found.push({ path: 'willing', message: say.NOT_WILLING });
  if (!/^\d{6}$/.test(code())) found.push({ path: 'code', message: say.NO_CODE });
  return found;
}

function isTyping() {
  return !(/** @type {HTMLElement} */ (document.getElementById('typing')).hidden);
}

/** Digits as any keyboard gives them. */
function code() {
  return field('code').value.normalize('NFKC').replace(/\s/g, '');
}

/** @param {Pad} pad */
async function sign(pad) {
  if (isBusy) return;
  hide();
  const found = mistakes(pad);
  if (found.length) {
    show(found);
    return;
  }
  isBusy = true;
  try {
    const drawing = isTyping() ? { strokes: [], pad: { width: 1, height: 1 } } : pad.drawing();
    const typed = isTyping() ? field('typed').value.trim() : '';
    const wish = { ...drawing, typed, code: code(), willing: field('willing').checked };
    await ceremony.sign(wish, (step) => tell(say.STEPS[step]));
    window.location.replace(`${place}/done`);
  } catch (error) {
    tell('');
    explain(error);
  } finally {
    isBusy = false;
  }
}

/** @param {unknown} error what went wrong while signing */
function explain(error) {
  if (error instanceof CheckFailed) show([{ path: '', message: say.CHECK_FAILED }]);
  else if (error instanceof NoAnswer) {
    const [busy, silent] = ceremony.unanswered
      ? [say.BUSY_AFTER, say.NO_ECHO]
      : [say.BUSY, say.NO_NETWORK];
    show([{ path: '', message: error.isBusy ? busy : silent }]);
  } else if (error instanceof Refused) refuse(error);
  else show([{ path: '', message: say.OUR_FAULT }]);
}

/** @param {Refused} refused */
function refuse(refused) {
  const { status, errors, message } = refused;
  if (status === 401 || status === 410 || refused.code.startsWith('AGREEMENT_')) {
    window.location.assign(status === 401 ? `${place}/identity?again=1` : place);
  } else if (status === 403) show([{ path: '', message: say.PAGE_TOO_OLD }]);
  else if (errors.length) {
    show(errors.map(({ path, message_zh: text }) => ({ path, message: text })));
  } else {
    const path = refused.code.startsWith('CODE') ? 'code' : '';
    show([{ path, message: message || say.OUR_FAULT }]);
  }
}

async function sendCode() {
  hide();
  try {
    const answer = await wire.post('code', {});
    /** @type {HTMLElement} */ (document.getElementById('code-hint')).textContent = say.codeSent(
      answer.phone,
    );
    field('code').focus();
  } catch (error) {
    if (error instanceof NoAnswer) {
      show([{ path: 'code', message: error.isBusy ? say.CODE_BUSY : say.CODE_NO_NETWORK }]);
    } else explain(error);
  }
}

/** @param {Pad} pad @param {boolean} isTyped */
function choose(pad, isTyped) {
  hide();
  reveal('typing', isTyped);
  reveal('drawing', !isTyped);
  if (isTyped) field('typed').focus();
  else pad.fit();
}

function begin() {
  reveal('signing', true);
  const pad = new Pad(/** @type {HTMLCanvasElement} */ (document.getElementById('pad')));
  /** @param {string} id @param {() => void} work */
  const onClick = (id, work) => field(id).addEventListener('click', work);
  onClick('again', () => pad.clear());
  onClick('type', () => choose(pad, true));
  onClick('draw', () => choose(pad, false));
  onClick('send-code', sendCode);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sign(pad);
  });
  ceremony.prepare().catch(() => {}); // said when the button is pressed, and tried again then
}

const canSign = Boolean(window.crypto && crypto.subtle && window.TextEncoder);
reveal('cannot', !canSign);
reveal('unread', canSign && !textSha256);
if (canSign && textSha256) begin();
document.documentElement.dataset.ready = 'sign';
