/** An output in trouble, told to those who do not look at the list: once when it begins, shown as long as it lasts. */

import { byId } from "./dom.js";
import { count, isolated, onLanguage, t } from "./i18n.js";

/** @typedef {import("./outputs.js").Running} Running */

const TROUBLES = new Set(["waiting", "failed"]);

export class OutputsAlarm {
  #outputs;
  #tell;
  /** @type {Map<string, Running>} by id, what was in trouble when the server was asked last */
  #troubled = new Map();

  /**
   * @param {import("./outputs.js").Outputs} outputs
   * @param {(message: string) => void} tell a short notice
   * @param {(output: string) => void} lead to the output of this name in the list
   */
  constructor(outputs, tell, lead) {
    this.#outputs = outputs;
    this.#tell = tell;
    outputs.addEventListener("change", () => this.#compare());
    onLanguage(() => this.#show());
    byId("trouble").addEventListener("click", () => lead([...this.#troubled.values()][0].output));
  }

  /** Tell what changed, where nobody saw it in the list. */
  #compare() {
    const { running, looked } = this.#outputs;
    const before = this.#troubled;
    this.#troubled = new Map(running.filter(({ state }) => TROUBLES.has(state)).map((each) => [each.id, each]));
    this.#show();
    if (looked === "list") return;
    for (const each of running) {
      const now = this.#troubled.get(each.id);
      if (now && now.state !== before.get(each.id)?.state) byId("trouble-said").textContent = words(each);
      if (!now && before.has(each.id) && each.state === "live") this.#tell(words(each));
    }
  }

  #show() {
    const all = [...this.#troubled.values()];
    byId("trouble").hidden = !all.length || this.#outputs.looked === "list";
    if (!all.length) return;
    byId("trouble").dataset.state = all.some(({ state }) => state === "failed") ? "failed" : "waiting";
    const [{ output, state }, ...more] = all;
    byId("trouble-name").textContent = more.length ? "" : output;
    byId("trouble-how").textContent = more.length
      ? t("output.news.several", { count: count(all.length) })
      : t(`output.state.${state}`);
  }
}

/** @param {Running} output */
function words({ output, state }) {
  return t(`output.news.${state}`, { output: isolated(output) });
}
