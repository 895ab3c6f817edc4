/** The light that the picture throws on the wall behind it. */

import { calm } from "./dom.js";

const EVERY_MS = 200;
const CALM_EVERY_MS = 2000;
/** So few pixels that stretching them is all the blur it takes: a CSS blur this wide would cost a quarter of a core. */
const COARSE = 4;
const SATURATION = 1.15;

/**
 * Keep `canvas` a soft copy of the picture that fades out towards its rim.
 * @param {HTMLCanvasElement} canvas
 * @param {() => CanvasImageSource | null} picture what is to be seen now
 */
export function glow(canvas, picture) {
  const pen = canvas.getContext("2d");
  const coarse = document.createElement("canvas");
  coarse.width = coarse.height = COARSE;
  const sketch = coarse.getContext("2d", { alpha: false, willReadFrequently: true });
  if (!pen || !sketch) return;
  const fade = rim(pen, canvas.width);
  const paint = () => {
    const source = document.hidden ? null : picture();
    if (source) {
      sketch.imageSmoothingQuality = "high";
      sketch.drawImage(source, 0, 0, COARSE, COARSE);
      enrich(sketch);
      pen.globalCompositeOperation = "copy";
      pen.drawImage(coarse, 0, 0, canvas.width, canvas.height);
      pen.globalCompositeOperation = "destination-in";
      pen.fillStyle = fade;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      canvas.classList.add("on");
    }
    setTimeout(paint, calm() ? CALM_EVERY_MS : EVERY_MS);
  };
  paint();
}

/**
 * Light is more colourful than what it falls from.
 * @param {CanvasRenderingContext2D} pen
 */
function enrich(pen) {
  const image = pen.getImageData(0, 0, COARSE, COARSE);
  for (let at = 0; at < image.data.length; at += 4) {
    const [red, green, blue] = image.data.subarray(at, at + 3);
    const grey = 0.3 * red + 0.59 * green + 0.11 * blue;
    for (const [index, value] of [red, green, blue].entries()) {
      image.data[at + index] = grey + (value - grey) * SATURATION; // clamps by itself
    }
  }
  pen.putImageData(image, 0, 0);
}

/**
 * Full in the middle, nothing at the rim, in steps too small to see.
 * @param {CanvasRenderingContext2D} pen
 * @param {number} size
 */
function rim(pen, size) {
  const half = size / 2;
  const fade = pen.createRadialGradient(half, half, size * 0.22, half, half, half);
  for (let step = 0; step <= 10; step += 1) {
    const share = step / 10;
    fade.addColorStop(share, `rgb(0 0 0 / ${(1 - share) ** 2 * (1 + 2 * share)})`);
  }
  return fade;
}
