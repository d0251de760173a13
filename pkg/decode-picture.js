// Pictures that no reader module decodes, because the browser can: AVIF, and HEIC where it knows it.

/** Resolves to the pixels as a person sees them, over white; to undefined where the browser does not decode them. */
export async function decodePicture(bytes) {
  let bitmap;
  try {
    // The browser tells the format by the bytes. It turns the picture as its EXIF says.
    bitmap = await createImageBitmap(new Blob([bytes]));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch {
    return undefined;
  } finally {
    bitmap?.close();
  }
}
