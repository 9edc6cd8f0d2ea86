/**
 * Builds signing/web/static/src into signing/web/static/dist.
 *
 * Rules kept here:
 * - same sources, same bytes: names carry the first ten hex digits of the SHA-256 of what is in them;
 * - scripts are ES2017 in one IIFE each, so that they run from Chrome 64 and iOS 13 on;
 * - `manifest.json` maps a name to its file and is what the `asset()` helper of the pages reads;
 * - what no source makes any more is removed.
 *
 * Usage: node build.mjs [OUT]
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const ROOT = dirname(fileURLToPath(import.meta.url));
const SOURCE = join(ROOT, 'signing', 'web', 'static', 'src');
const OUT = process.argv[2] || join(ROOT, 'signing', 'web', 'static', 'dist');
const ENTRIES = ['page.js', 'read.js', 'sign.js', 'app.css'];

/** @param {string} entry @returns {Promise<Uint8Array>} */
async function bundle(entry) {
  const result = await build({
    entryPoints: [join(SOURCE, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    charset: 'utf8',
    legalComments: 'inline',
    ...(entry.endsWith('.js') ? { format: 'iife', target: 'es2017' } : { target: 'chrome64' }),
  });
  return result.outputFiles[0].contents;
}

/** @param {Uint8Array} content */
function brotli(content) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return brotliCompressSync(content, { params });
}

/** @param {Uint8Array} content A gzip header names the system it was made on: byte 9 says unknown. */
function gzip(content) {
  const packed = gzipSync(content, { level: 9 });
  packed[9] = 255;
  return packed;
}

mkdirSync(OUT, { recursive: true });
/** @type {Record<string, string>} */
const manifest = {};
const written = new Set(['manifest.json']);
for (const entry of ENTRIES) {
  const content = await bundle(entry);
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const [stem, kind] = entry.split('.');
  const name = `${stem}.${digest}.${kind}`;
  const packed = { [name]: content, [`${name}.br`]: brotli(content), [`${name}.gz`]: gzip(content) };
  for (const [file, bytes] of Object.entries(packed)) {
    writeFileSync(join(OUT, file), bytes);
    written.add(file);
  }
  manifest[entry] = name;
  const sizes = Object.values(packed).map((bytes) => bytes.length);
  console.log(`${name}: ${sizes[0]} B, br ${sizes[1]} B, gz ${sizes[2]} B`);
}
writeFileSync(join(OUT, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
for (const file of readdirSync(OUT)) {
  if (!written.has(file)) rmSync(join(OUT, file));
}
