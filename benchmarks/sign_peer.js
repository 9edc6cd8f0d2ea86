// @signpdf as its documentation shows: a plain placeholder, then a signature by PKCS#12.
//
//   node benchmarks/sign_peer.js BASE.pdf SEAL.p12 SIGNED.pdf
//
// Each line on standard input is one signature; "keep" also writes the file. The answer is a line.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { plainAddPlaceholder } from "@signpdf/placeholder-plain";
import { P12Signer } from "@signpdf/signer-p12";
import { SignPdf } from "@signpdf/signpdf";
import { SUBFILTER_ETSI_CADES_DETACHED } from "@signpdf/utils";

const [base, p12, signed] = process.argv.slice(2);
const pdfBuffer = readFileSync(base);
const seal = readFileSync(p12);

async function sign() {
  const withPlaceholder = plainAddPlaceholder({
    pdfBuffer,
    reason: "同意并盖章",
    contactInfo: "",
    name: "TEST",
    location: "",
    signatureLength: 8192,
    subFilter: SUBFILTER_ETSI_CADES_DETACHED,
  });
  return new SignPdf().sign(withPlaceholder, new P12Signer(seal, { passphrase: "x" }));
}

for await (const order of createInterface({ input: process.stdin })) {
  try {
    const file = await sign();
    if (order === "keep") writeFileSync(signed, file);
    console.log(JSON.stringify({ bytes: file.length }));
  } catch (problem) {
    console.log(JSON.stringify({ problem: String(problem) }));
  }
}
