// The tokens of an encoder, as far as texts are made of them: `{ idOf, begin, end }`. `idOf` gives the id of a word that
// is one token, `begin` and `end` are the ids around the words of each text.

import { readFile } from "node:fs/promises";

/** What e5 has before each passage, in tokens. Its users get it without asking, so it is counted. */
const PASSAGE = ["▁passage", ":"];

/** Of a tokenizer.json with WordPiece. */
export async function wordPieces(file) {
  const { vocab } = JSON.parse(await readFile(file, "utf8")).model;
  return { idOf: (word) => vocab[word], begin: [vocab["[CLS]"]], end: [vocab["[SEP]"]] };
}

/** Of an embedder file with the tables of a Unigram tokenizer, whose passages have e5's prefix. */
export async function unigramPieces(file) {
  const { metadata, tensor } = readSafetensors(await readFile(file));
  const { unigram, options } = JSON.parse(metadata.multimodal_rag);
  if (`▁${options.passagePrefix}` !== `${PASSAGE.join("")} `) throw new Error(`its prefix is "${options.passagePrefix}"`);
  const ids = idsOfPieces(tensor("tokenizer.pieces"), tensor("tokenizer.lengths"));
  const prefix = PASSAGE.map((piece) => ids.get(piece));
  return { idOf: (word) => ids.get(`▁${word}`), begin: [unigram.begin, ...prefix], end: [unigram.end] };
}

function readSafetensors(bytes) {
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.toString("utf8", 8, start));
  const tensor = (name) => bytes.subarray(...tensors[name].data_offsets.map((offset) => start + offset));
  return { metadata, tensor };
}

function idsOfPieces(pieces, lengths) {
  const ids = new Map();
  let end = 0;
  for (const [id, length] of lengths.entries()) ids.set(pieces.toString("utf8", end, (end += length)), id);
  return ids;
}
