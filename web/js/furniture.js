/** Everything around the talk: theme, language, full screen, the screen keyboard, the screen itself. */

import { byId, onPress, setIcon } from "./dom.js";
import { language, setLanguage, t } from "./i18n.js";
import { tell } from "./notice.js";
import { choices } from "./preferences.js";

/** The key that ended full screen may arrive after it ended. */
const SAME_KEY_MS = 300;

/** Wire up the header: theme and language. */
export function dressing() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const show = () => {
    const dark = root.dataset.theme === "dark";
    setIcon(/** @type {Element} */ (byId("theme").firstElementChild), dark ? "sun" : "moon");
  };
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    choices.set("theme", root.dataset.theme);
    show();
  });
  system.addEventListener("change", () => {
    if (!choices.get("theme")) root.dataset.theme = system.matches ? "dark" : "light";
    show();
  });
  byId("language").addEventListener("click", () => setLanguage(language() === "en" ? "zh" : "en"));
  show();
}

/**
 * Buttons under the picture that only concern the picture.
 * @param {HTMLVideoElement} video
 */
export function pictureControls(video) {
  const captions = byId("captions");
  const show = () => {
    const on = choices.get("captions") !== "off";
    captions.setAttribute("aria-pressed", String(on));
    setIcon(/** @type {Element} */ (captions.firstElementChild), on ? "captions" : "captions-off");
    document.body.toggleAttribute("data-no-captions", !on);
  };
  captions.addEventListener("click", () => {
    choices.set("captions", choices.get("captions") === "off" ? "on" : "off");
    show();
  });
  show();
  const frame = byId("frame");
  document.addEventListener("fullscreenchange", () => {
    fullScreen = document.fullscreenElement !== null;
    if (!fullScreen) leftFullScreenAt = performance.now();
  });
  byId("fullscreen").hidden = !document.fullscreenEnabled;
  onPress(byId("fullscreen"), () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else frame.requestFullscreen().catch(() => tell(t("control.no_fullscreen")));
  });
  byId("pip").hidden = !document.pictureInPictureEnabled;
  onPress(byId("pip"), () => {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else video.requestPictureInPicture().catch(() => tell(t("control.no_pip")));
  });
}

/** as the browser told last; the document knows a moment earlier of both beginning and end */
let fullScreen = false;
let leftFullScreenAt = -Infinity;

/**
 * Whether the Escape key means something else just now: to leave full screen, or to close a dialog.
 *
 * @param {KeyboardEvent} event
 */
export function escapeIsTaken(event) {
  if (fullScreen || document.fullscreenElement || document.querySelector("dialog[open]")) return true;
  return event.timeStamp - leftFullScreenAt < SAME_KEY_MS;
}

/** Fit the page into what the on-screen keyboard leaves, where the browser does not do so itself. */
export function fitKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale !== 1) return; // zoomed by the person: leave the layout alone
    document.documentElement.style.setProperty("--view-height", `${view.height}px`);
  };
  view.addEventListener("resize", fit);
  fit();
}

/** Keep a phone's screen awake while somebody talks. @param {() => boolean} wanted */
export function stayAwake(wanted) {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  const update = async () => {
    if (!wanted()) {
      await lock?.release();
      lock = null;
    } else if (!document.hidden && (!lock || lock.released)) {
      lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null; // e.g. battery saver
    }
  };
  document.addEventListener("visibilitychange", update);
  return update;
}
