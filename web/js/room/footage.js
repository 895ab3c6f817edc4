/** What somebody chose to make a face of: a clip, a photo, or several photos as the pictures of one take. */

const PHOTO = /^image\/(jpeg|png|webp)$/;
const PHOTO_NAME = /\.(jpe?g|png|webp)$/i;
const CLIP_NAME = /\.(mp4|m4v|mov|webm|mkv|avi)$/i;
/** Names that cameras give say nothing. */
const CAMERA = /^(img|vid|mvi|dsc|dscn|dji|gopr|pxl|mov|clip|video|photo|image|whatsapp|screenshot|screen|record|trim)/i;
const LONGEST_NAME = 80;

/**
 * @typedef {object} Footage
 * @property {"clip" | "photo" | "photos"} kind
 * @property {File[]} files
 */

/**
 * @param {Iterable<File>} chosen
 * @returns {Footage | string} the key of what is wrong
 */
export function footageOf(chosen) {
  const files = [...chosen];
  const clips = files.filter(isClip);
  if (!files.every((file) => isClip(file) || isPhoto(file))) return "make.not_footage";
  if (clips.length && files.length > 1) return "make.one_clip";
  if (clips.length) return { kind: "clip", files };
  if (files.length === 1) return { kind: "photo", files };
  const byName = new Intl.Collator(undefined, { numeric: true });
  return { kind: "photos", files: files.sort((one, other) => byName.compare(one.name, other.name)) };
}

/**
 * A name to begin with: the file's, where a person gave it.
 * @param {Footage} footage
 */
export function nameOf({ kind, files }) {
  const stem = files[0].name.replace(/\.\w+$/, "").replace(/[_\-.\s]+/g, " ").trim();
  if (kind === "photos" || CAMERA.test(stem) || !/\p{L}{2}/u.test(stem) || /\d{4}/.test(stem)) return "";
  return (stem[0].toUpperCase() + stem.slice(1)).slice(0, LONGEST_NAME);
}

/** @param {File} file */
function isClip(file) {
  return file.type.startsWith("video/") || (!isPhoto(file) && CLIP_NAME.test(file.name));
}

/** @param {File} file */
function isPhoto(file) {
  return PHOTO.test(file.type) || (!file.type && PHOTO_NAME.test(file.name));
}
