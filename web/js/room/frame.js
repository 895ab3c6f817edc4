/** A picture out of what somebody chose, as a JPEG to be sent: of a clip the one at a moment, of a photo itself. */

/** More than this of the shorter edge shows nothing more. */
const SHORTER_PX = 1080;
const QUALITY = 0.92;

/**
 * @param {File} file
 * @param {boolean} clip
 * @param {number} second
 * @returns {Promise<Blob>}
 * @throws {Error} this browser cannot show it
 */
export async function frameOf(file, clip, second) {
  if (!clip) {
    const photo = await createImageBitmap(file);
    return drawn(photo, photo.width, photo.height);
  }
  const video = document.createElement("video");
  try {
    await sought(video, file, second);
    return await drawn(video, video.videoWidth, video.videoHeight);
  } finally {
    URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
    video.load();
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {File} file
 * @param {number} second
 * @returns {Promise<void>}
 */
function sought(video, file, second) {
  return new Promise((resolve, reject) => {
    Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
    video.addEventListener("error", () => reject(new Error("this browser cannot show it")));
    video.addEventListener("loadeddata", () => (video.currentTime = second), { once: true });
    video.addEventListener("seeked", () => resolve(), { once: true });
    video.src = URL.createObjectURL(file);
  });
}

/**
 * @param {CanvasImageSource} picture
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
function drawn(picture, width, height) {
  const scale = Math.min(1, SHORTER_PX / Math.min(width, height));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("it has no picture"))), "image/jpeg", QUALITY);
  });
}
