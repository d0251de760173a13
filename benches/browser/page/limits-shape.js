// What the limits are measured on: the sizes that the kernels (kernels.mjs) and the page agree on.

/** A product of the encoder's size: 128 tokens through a layer from 576 to 1536 numbers. */
export const ROWS = 128;
export const COLUMNS = 1536;
export const DEPTH = 576;

/** More than any cache holds. */
export const STREAM_BYTES = 256 * 1024 * 1024;

const activations = 0;
const weights = activations + ROWS * DEPTH * 2; // activations take two bytes where they are widened
const result = weights + COLUMNS * DEPTH;
/** Where the operands and the result lie in the kernel's memory. */
export const PLACES = { activations, weights, result, end: result + ROWS * COLUMNS * 4 };
