/**
 * The reading page: hash what stands on this screen, keep it for the signing page, send it along.
 *
 * How long each clause was on the screen is noted, never enforced. Without this script the page
 * can be read and declined; signing needs the hash.
 */

import { textSha256 } from './canonical_text.js';
import { keep, recall, textName } from './memory.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('reading'));
const contract = /** @type {HTMLElement} */ (document.getElementById('contract'));
const agreement = form.dataset.agreement || '';
const ticksName = `ticks:${agreement}`;

/** @param {string} name @returns {HTMLInputElement} */
function field(name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @returns {HTMLInputElement[]} */
function cards() {
  return Array.from(form.querySelectorAll('input[name=card]'));
}

/** Ticks survive a look at another page. */
function keepTicks() {
  const ticked = cards().filter((card) => card.checked);
  keep(ticksName, ticked.map((card) => card.value).join(' '));
}

const before = recall(ticksName).split(' ');
cards().forEach((card) => {
  if (before.includes(card.value)) card.checked = true;
  card.addEventListener('change', keepTicks);
});

/** @type {Record<string, number>} milliseconds by the id of a clause */
const dwell = {};
/** @type {Record<string, number>} since when it is on the screen */
const since = {};

/** @param {string} id */
function close(id) {
  if (!(id in since)) return;
  dwell[id] = Math.round((dwell[id] || 0) + performance.now() - since[id]);
  delete since[id];
}

if ('IntersectionObserver' in window) {
  const observer = new IntersectionObserver((entries) => {
    entries.forEach(({ isIntersecting, target }) => {
      if (!isIntersecting || document.hidden) close(target.id);
      else if (!(target.id in since)) since[target.id] = performance.now();
    });
  });
  contract.querySelectorAll('[id]').forEach((clause) => observer.observe(clause));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) Object.keys(since).forEach(close);
  });
}

async function report() {
  Object.keys(since).forEach((id) => {
    close(id);
    since[id] = performance.now();
  });
  field('dwell_ms').value = JSON.stringify(dwell);
  if (!window.crypto || !crypto.subtle) return;
  const digest = await textSha256(contract);
  field('text_sha256').value = digest;
  keep(textName(agreement), digest);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const send = () => form.submit();
  report().then(send, send);
});
document.documentElement.dataset.ready = 'read';
