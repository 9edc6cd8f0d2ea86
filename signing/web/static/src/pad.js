/**
 * The box for the name.
 *
 * Strokes are what counts, not pixels: the service draws the ink from them. Ink is scaled when the
 * phone is turned, and nothing scrolls while a finger is on the box.
 */

import SignaturePad from 'signature_pad';

const LEAST_POINTS = 8;
const LEAST_SPAN = 24; // CSS pixels, the longer side of what was drawn
const MOST_POINTS = 3000;
const INK = '#10223f';

export class Pad {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.width = 0;
    this.height = 0;
    this.pad = new SignaturePad(canvas, { penColor: INK, minWidth: 1.2, maxWidth: 3.2, throttle: 8 });
    this.fit();
    if (window.ResizeObserver) new ResizeObserver(() => this.fit()).observe(canvas);
    else window.addEventListener('resize', () => this.fit());
  }

  /** Give the canvas the size that it has on the screen; ink that no longer fits gets smaller. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height || (width === this.width && height === this.height)) return;
    const points = this.#points();
    const right = Math.max(1, ...points.map(({ x }) => x));
    const bottom = Math.max(1, ...points.map(({ y }) => y));
    const scale = Math.min(1, width / right, height / bottom);
    const groups = this.pad.toData().map((group) => ({
      ...group,
      points: group.points.map((point) => ({ ...point, x: point.x * scale, y: point.y * scale })),
    }));
    const density = Math.max(window.devicePixelRatio || 1, 1);
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d')).scale(density, density);
    this.width = width;
    this.height = height;
    this.pad.fromData(groups);
  }

  /** @returns {import('signature_pad').BasicPoint[]} */
  #points() {
    return this.pad.toData().reduce((all, group) => all.concat(group.points), noPoints());
  }

  clear() {
    this.pad.clear();
  }

  /** @returns {boolean} */
  isEmpty() {
    return this.pad.isEmpty();
  }

  /** @returns {boolean} whether a name may be meant, not a slip of the thumb */
  isEnough() {
    const points = this.#points();
    const span = (/** @type {number[]} */ along) => Math.max(...along) - Math.min(...along);
    return (
      points.length >= LEAST_POINTS &&
      Math.max(span(points.map(({ x }) => x)), span(points.map(({ y }) => y))) >= LEAST_SPAN
    );
  }

  /** @returns {{strokes: number[][][], pad: {width: number, height: number}}} */
  drawing() {
    const groups = this.pad.toData();
    const count = groups.reduce((sum, group) => sum + group.points.length, 0);
    const step = Math.ceil(count / MOST_POINTS);
    const strokes = groups.map((group) =>
      group.points
        .filter((_, i) => i % step === 0 || i === group.points.length - 1)
        .map(({ x, y }) => [rounded(x), rounded(y)]),
    );
    return { strokes, pad: { width: this.width, height: this.height } };
  }
}

/** @returns {import('signature_pad').BasicPoint[]} */
function noPoints() {
  return [];
}

/** @param {number} length in CSS pixels */
function rounded(length) {
  return Math.round(length * 10) / 10;
}
