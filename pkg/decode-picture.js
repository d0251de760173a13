// Pictures that no reader module decodes, because the browser can: AVIF, and HEIC where it knows it.

/** More pixels are no picture that the header, which was checked, told of. */
const MAX_PIXELS = 64_000_000;

/** Resolves to the pixels as a person sees them, over white; to undefined where the browser does not decode them. */
export async function decodePicture(name, bytes) {
  // The browser tells the format by the bytes. It turns the picture as its EXIF says.
  const bitmap = await createImageBitmap(new Blob([bytes])).catch(() => null);
  if (!bitmap) return undefined;
  try {
    const { width, height } = bitmap;
    if (width * height > MAX_PIXELS) {
      throw { code: "damaged_file", message: `"${name}" is damaged: it has more pixels than it says.` };
    }
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
