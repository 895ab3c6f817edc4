/** The still picture of an avatar. Fetched, not linked, so that the token travels in a header. */

/** @typedef {{thumbnail: (avatar: string) => Promise<Blob | null>}} Thumbnails */

/** @type {Map<string, Promise<ImageBitmap | null>>} */
const known = new Map();

/** @type {WeakMap<HTMLCanvasElement, string>} who is to be drawn; a thumbnail that comes after another choice is not */
const wanted = new WeakMap();

/**
 * Draw the avatar's thumbnail; the canvas gets the classes "on" and "small" once there is one.
 * @param {Thumbnails} api
 * @param {string} avatar
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<void>}
 */
export async function portrait(api, avatar, canvas) {
  if (!known.has(avatar)) known.set(avatar, load(api, avatar));
  wanted.set(canvas, avatar);
  const image = await known.get(avatar);
  if (!image) known.delete(avatar); // a later try may have a token
  if (!image || wanted.get(canvas) !== avatar) return;
  draw(canvas, image, image.width, image.height);
  canvas.classList.add("small");
}

/**
 * There is another picture under this name, or none any more.
 * @param {string} avatar
 */
export function forgetPortrait(avatar) {
  known.delete(avatar);
}

/**
 * Fill the canvas with a picture, at the picture's own size.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} image
 * @param {number} width
 * @param {number} height
 */
export function draw(canvas, image, width, height) {
  wanted.delete(canvas);
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  canvas.classList.add("on");
  canvas.classList.remove("small");
}

/**
 * @param {Thumbnails} api
 * @param {string} avatar
 */
async function load(api, avatar) {
  const blob = avatar ? await api.thumbnail(avatar) : null;
  if (!blob) return null;
  return createImageBitmap(blob).catch(() => null); // not a picture: as good as none
}
