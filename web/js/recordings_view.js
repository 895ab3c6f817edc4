/** The record button, the running time over the picture, and the list of what was recorded. */

import { allow, byId, icon, make, onPress, setIcon } from "./dom.js";
import { language, onLanguage, t } from "./i18n.js";
import { because } from "./recordings.js";

/** @typedef {import("./recordings.js").Film} Film */

const TICK_MS = 250;
/** How long a question waits for its answer. */
const SURE_MS = 4000;

export class RecordingsView {
  #recordings;
  #link;
  #offered = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  /** what the list shows: it is built anew only where that changes, so that the keyboard keeps its place */
  #shown = "";

  /**
   * @param {import("./recordings.js").Recordings} recordings
   * @param {import("./link.js").Link} link
   * @param {(message: string) => void} tell a short notice, for when the list is closed
   */
  constructor(recordings, link, tell) {
    this.#recordings = recordings;
    this.#link = link;
    const dialog = /** @type {HTMLDialogElement} */ (byId("recordings-dialog"));
    const open = () => {
      byId("films-news").textContent = "";
      recordings.refresh();
      if (!dialog.open) dialog.showModal();
    };
    onPress(byId("record"), () => recordings.toggle());
    byId("recordings").addEventListener("click", open);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    recordings.addEventListener("change", () => this.#render());
    recordings.addEventListener("done", open);
    recordings.addEventListener("news", (event) => {
      const { detail } = /** @type {CustomEvent<string>} */ (event);
      if (dialog.open) byId("films-news").textContent = detail;
      else tell(detail);
    });
    link.addEventListener("state", () => this.#render());
    onLanguage(() => {
      this.#shown = "";
      this.#render();
    });
    this.#render();
  }

  /** Whether this server records at all. @param {boolean} offered */
  offer(offered) {
    this.#offered = offered;
    this.#render();
  }

  #render() {
    const { running, films, busy } = this.#recordings;
    const button = byId("record");
    const label = t(running ? "recording.stop" : "recording.start");
    button.hidden = !this.#offered;
    allow(button, !busy && this.#link.state.name === "connected");
    button.title = label;
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-pressed", String(running !== null));
    setIcon(/** @type {Element} */ (button.firstElementChild), running ? "record-stop" : "record");
    byId("recordings").hidden = !this.#offered || !films.length;
    byId("record-time").hidden = running === null;
    clearInterval(this.#clock);
    if (running) this.#clock = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    this.#list();
  }

  #tick() {
    const { running } = this.#recordings;
    if (running) byId("record-clock").textContent = duration((performance.now() - running.since) / 1000);
  }

  #list() {
    const { films } = this.#recordings;
    const shown = JSON.stringify(films);
    if (shown === this.#shown) return;
    this.#shown = shown;
    byId("films").replaceChildren(...films.map((film) => this.#card(film)));
    byId("films-none").hidden = films.length > 0;
  }

  /** @param {Film} film */
  #card(film) {
    const started = new Date(film.started).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
    const facts = [duration(film.seconds), megabytes(film.bytes)];
    if (film.state === "recording") facts.push(t("recording.running"));
    if (film.reason) facts.push(because(film.reason, film.detail));
    const download = make("button", "tool wordy film-get", icon("download"), make("span", "", t("recording.download")));
    download.setAttribute("type", "button");
    download.addEventListener("click", () => this.#recordings.download(film.id));
    const what = make("div", "film-what", make("p", "film-when", started), make("p", "quiet number", facts.join(" · ")));
    return make("li", "film", what, download, this.#removal(film));
  }

  /** @param {Film} film */
  #removal(film) {
    const button = make("button", "tool wordy film-remove", icon("remove"));
    button.setAttribute("type", "button");
    const show = (/** @type {string} */ key) => {
      button.title = t(key);
      button.setAttribute("aria-label", t(key));
    };
    show("recording.remove");
    button.addEventListener("click", () => {
      if (button.dataset.sure) return this.#recordings.remove(film.id);
      button.dataset.sure = "asked";
      button.replaceChildren(t("recording.sure"));
      show("recording.sure");
      setTimeout(() => {
        delete button.dataset.sure;
        button.replaceChildren(icon("remove"));
        show("recording.remove");
      }, SURE_MS);
    });
    return button;
  }
}

/** @param {number} seconds */
function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toLocaleString(language(), { maximumFractionDigits: 1 })} MB`;
}
