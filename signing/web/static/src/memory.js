/** What one page leaves for the next in this tab: never anything personal. */

/** @param {string} name @returns {string} '' where nothing is kept */
export function recall(name) {
  try {
    return sessionStorage.getItem(name) || '';
  } catch (error) {
    return '';
  }
}

/** @param {string} name @param {string} text */
export function keep(name, text) {
  try {
    sessionStorage.setItem(name, text);
  } catch (error) {
    // Storage is off: the next page asks for it again.
  }
}

/** @param {string} agreement its id @returns {string} where the hash of the text that was read is */
export function textName(agreement) {
  return `text-sha256:${agreement}`;
}
