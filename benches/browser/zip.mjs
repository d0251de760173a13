// A ZIP archive, as an office file is one.

import { crc32, deflateRawSync } from "node:zlib";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const DEFLATED = 8;
/** 1 January 1980, the earliest there is: the same archive each time. */
const DATE = 0x21;

/** `members`: texts by their paths. */
export function zip(members) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const [path, text] of Object.entries(members)) {
    const [name, plain] = [Buffer.from(path), Buffer.from(text)];
    const packed = deflateRawSync(plain);
    // From the version that is needed to the length of the extra field.
    const facts = numbers([VERSION, 2], [0, 2], [DEFLATED, 2], [0, 2], [DATE, 2], [crc32(plain), 4], [packed.length, 4], [plain.length, 4], [name.length, 2], [0, 2]);
    const local = Buffer.concat([numbers([LOCAL, 4]), facts, name, packed]);
    const rest = numbers([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
    directory.push(numbers([CENTRAL, 4], [VERSION, 2]), facts, rest, name);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = Object.keys(members).length;
  const end = numbers([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [central.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...parts, central, end]);
}

/** Numbers of so many bytes, the lowest byte first. */
function numbers(...list) {
  const bytes = Buffer.alloc(list.reduce((sum, [, length]) => sum + length, 0));
  let at = 0;
  for (const [number, length] of list) at = bytes.writeUIntLE(number, at, length);
  return bytes;
}
