// The pictures that image encoders are measured with: squares of waves, other ones for each number.

export function drawPicture(number, side) {
  const data = new Uint8ClampedArray(4 * side * side);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [(at / 4) % side, Math.floor(at / 4 / side)];
    data[at] = 128 + 127 * Math.sin((x + y * number) / 17);
    data[at + 1] = 128 + 127 * Math.sin((x * number - y) / 29);
    data[at + 2] = (x * y * number) % 256;
    data[at + 3] = 255;
  }
  return new ImageData(data, side, side);
}
