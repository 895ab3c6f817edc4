/** The light that the picture throws on the wall behind it. */

import { calm } from "./dom.js";

const EVERY_MS = 150;
const CALM_EVERY_MS = 2000;

/**
 * Keep `canvas` a tiny, blurred copy of the picture.
 * @param {HTMLCanvasElement} canvas
 * @param {() => CanvasImageSource | null} picture what is to be seen now
 */
export function glow(canvas, picture) {
  const pen = canvas.getContext("2d", { alpha: false });
  if (!pen) return;
  const paint = () => {
    const source = document.hidden ? null : picture();
    if (source) pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    canvas.classList.toggle("on", picture() !== null);
    setTimeout(paint, calm() ? CALM_EVERY_MS : EVERY_MS);
  };
  paint();
}
