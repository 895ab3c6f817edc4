/** Where a new face begins: a file is chosen, looked at, named and sent. */

import { Unreachable } from "../api.js";
import { byId } from "../dom.js";
import { onDrop } from "../drop.js";
import { isolated, onLanguage, t } from "../i18n.js";
import { tell } from "../notice.js";
import { reason } from "../reason.js";
import { ControlPreview } from "./control_preview.js";
import { footageOf, nameOf } from "./footage.js";
import { PartPicker } from "./part_picker.js";
import { RecipeForm } from "./recipe_form.js";
import { tooLarge } from "./too_large.js";
import { UploadBar } from "./upload_bar.js";

/**
 * Sends "made" (detail: the Job and its name) once the server took it, and "refused" (detail: the error) otherwise.
 */
export class Maker extends EventTarget {
  #api;
  #picker = new PartPicker();
  #recipe = new RecipeForm();
  #preview;
  #input = /** @type {HTMLInputElement} */ (byId("footage"));
  #name = /** @type {HTMLInputElement} */ (byId("name"));
  /** @type {import("./footage.js").Footage | null} */
  #footage = null;
  /** @type {AbortController | null} of the upload that goes on */
  #upload = null;
  #bar = new UploadBar("upload-bar", "upload-said");
  #offered = false;
  #limit = Infinity;

  /** @param {import("./avatar_api.js").AvatarApi} api */
  constructor(api) {
    super();
    this.#api = api;
    this.#preview = new ControlPreview(
      api,
      () => this.#picker.looked,
      () => this.#recipe.recipe,
    );
    this.#picker.addEventListener("change", () => this.#preview.ask());
    for (const id of ["choose", "choose-other", "refused-other"]) byId(id).addEventListener("click", () => this.choose());
    this.#input.addEventListener("change", () => {
      this.#take(this.#input.files);
      this.#input.value = "";
    });
    onDrop((files) => this.#take(files));
    byId("make-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    byId("make-back").addEventListener("click", () => this.#leave());
    byId("upload-cancel").addEventListener("click", () => this.#upload?.abort(new DOMException("", "AbortError")));
    addEventListener("beforeunload", (event) => this.#upload && event.preventDefault());
    onLanguage(() => this.#footage && this.#show("chosen"));
  }

  /**
   * @param {boolean} offered whether faces are made here
   * @param {number} limit megabytes of an upload
   */
  offer(offered, limit) {
    this.#offered = offered;
    this.#limit = limit;
  }

  /** Let the person choose a file. */
  choose() {
    this.#input.click();
  }

  /** @param {FileList | null} files */
  #take(files) {
    if (!files?.length || !this.#offered) return;
    if (this.#upload) return tell(t("make.busy"));
    const found = footageOf(files);
    if (typeof found === "string") return this.#refuse(t(found, { name: isolated(files[0].name) }));
    const large = tooLarge(found.files, this.#limit);
    if (large) return this.#refuse(large);
    this.#footage = found;
    this.#name.value = nameOf(found);
    this.#picker.show(found);
    this.#recipe.offer(found.kind);
    this.#preview.clear();
    this.#preview.ask();
    this.#refuse("");
    this.#show("chosen");
    byId("maker").scrollIntoView({ block: "start" });
    const byKeys = matchMedia("(hover: hover)").matches; // fingers want no keyboard over the preview
    (byKeys ? this.#name : byId("maker")).focus({ preventScroll: true });
  }

  #leave() {
    this.#footage = null;
    this.#picker.show(null);
    this.#recipe.reset();
    this.#preview.clear();
    this.#refuse("");
    this.#show("empty");
    byId("choose").focus();
  }

  async #send() {
    if (!this.#footage || this.#upload) return;
    const name = this.#name.value.trim();
    const form = new FormData();
    form.append("name", name);
    form.append("recipe", JSON.stringify({ ...this.#recipe.recipe, ...this.#picker.recipe }));
    for (const file of this.#footage.files) form.append("file", file, file.name);
    const upload = (this.#upload = new AbortController());
    this.#refuse("");
    this.#picker.pause();
    this.#show("sending");
    this.#bar.show(0, 0);
    byId("upload-cancel").focus();
    byId("said").textContent = t("make.sending");
    try {
      const job = await this.#api.create(form, (sent, all) => this.#bar.show(sent, all), upload.signal);
      this.#sent();
      this.#leave();
      this.dispatchEvent(new CustomEvent("made", { detail: { job, name } }));
    } catch (error) {
      this.#sent();
      this.#show("chosen");
      if (upload.signal.aborted) return byId("make").focus();
      this.#refuse(error instanceof Unreachable ? t("make.lost") : reason(error));
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    }
  }

  #sent() {
    this.#upload = null;
    this.#bar.stop();
  }

  /**
   * Say what is wrong, in place; "" for nothing.
   * @param {string} why
   */
  #refuse(why) {
    byId("refused-why").textContent = why;
    byId("refused").hidden = !why;
    if (why) byId("refused").scrollIntoView({ block: "nearest" });
  }

  /** @param {"empty" | "chosen" | "sending"} state */
  #show(state) {
    byId("maker").dataset.state = state;
    /** @type {HTMLFieldSetElement} */ (byId("make-fields")).disabled = state === "sending";
    byId("take-seen").inert = state === "sending";
    byId("upload").hidden = state !== "sending";
    byId("make-row").hidden = state === "sending";
    if (this.#footage) byId("take-name").textContent = this.#footage.files[0].name;
  }
}
