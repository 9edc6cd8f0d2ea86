/**
 * Mistakes on the page: a list first, with the focus on it, and the same words at each field.
 *
 * The markup is that of templates/signer/_errors.html, which the server fills for pages that need
 * no script.
 */

const PREFIX = '出错：';

/** @typedef {{path: string, message: string}} Mistake `path` is the id of a field, '' for none */

/** @param {Mistake[]} mistakes */
export function show(mistakes) {
  hide();
  const list = /** @type {HTMLElement} */ (document.querySelector('#errors ul'));
  mistakes.forEach(({ path, message }) => {
    const field = path ? document.getElementById(path) : null;
    const item = list.appendChild(document.createElement('li'));
    if (field) {
      const link = item.appendChild(document.createElement('a'));
      link.href = `#${path}`;
      link.textContent = message;
      link.addEventListener('click', (event) => {
        event.preventDefault();
        field.focus();
      });
      mark(field, message);
    } else {
      item.textContent = message;
    }
  });
  const box = /** @type {HTMLElement} */ (document.getElementById('errors'));
  box.hidden = false;
  document.title = PREFIX + document.title;
  box.focus();
}

/** Take all of it away. */
export function hide() {
  const box = document.getElementById('errors');
  if (!box) return;
  box.hidden = true;
  box.querySelectorAll('li').forEach((item) => item.remove());
  document.querySelectorAll('.error').forEach((note) => {
    note.textContent = '';
  });
  document.querySelectorAll('[aria-invalid]').forEach((field) => field.removeAttribute('aria-invalid'));
  if (document.title.startsWith(PREFIX)) document.title = document.title.slice(PREFIX.length);
}

/** @param {HTMLElement} field @param {string} message */
function mark(field, message) {
  const note = document.getElementById(`${field.id}-error`);
  if (note) note.textContent = message;
  if (field.matches('input, textarea')) field.setAttribute('aria-invalid', 'true');
}
