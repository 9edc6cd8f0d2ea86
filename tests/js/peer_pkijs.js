// What pkijs says of signatures and timestamp tokens: reads a list of them, writes what it refuses.
//
//   node tests/js/peer_pkijs.js JOBS.json
//
// A job: {name, container, data, roots, at}: the container in DER, the bytes that it signs or stamps,
// whom to trust, all in base64; and the moment of judging. A refusal: "name: why".

import { readFileSync } from "node:fs";

import * as pkijs from "pkijs";

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64")).buffer;
const certificate = (text) => pkijs.Certificate.fromBER(bytes(text));

async function refusal({ name, container, data, roots, at }) {
  try {
    const content = pkijs.ContentInfo.fromBER(bytes(container));
    const signed = new pkijs.SignedData({ schema: content.content });
    const answer = await signed.verify({
      signer: 0,
      data: bytes(data),
      trustedCerts: roots.map(certificate),
      checkDate: new Date(at),
      checkChain: true,
      extendedMode: true,
    });
    return answer.signatureVerified && answer.signerCertificateVerified ? [] : [`${name}: refused`];
  } catch (problem) {
    return [`${name}: ${problem.message}`];
  }
}

const jobs = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const refusals = [];
for (const job of jobs) refusals.push(...(await refusal(job)));
console.log(JSON.stringify({ asked: jobs.length, refusals }));
