/** Whose face the session shows: changed while it goes on, one change at a time, and the last choice wins. */

import { t } from "./i18n.js";
import { choices, seenFace, sessionFromAddress } from "./preferences.js";
import { reason } from "./reason.js";

/**
 * Sends "change" (any of the fields below), "refused" (a choice came to nothing)
 * and "next" (a choice was made without a session: it is for the next one).
 */
export class Face extends EventTarget {
  /** who the session shows, and will again if it has to be replaced; "" without one, or where nobody told */
  shown = seenFace.of(sessionFromAddress());
  /** chosen and not shown yet, "" for nobody */
  wanted = "";
  /** @type {{avatar: string, reason: string} | null} the last choice, where it came to nothing */
  refused = null;
  #api;
  #link;
  #chosen;
  #session = new AbortController();
  #busy = false;
  /** what the server was asked for, as long as neither its answer nor an event told that it is shown */
  #asked = "";

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./link.js").Link} link
   * @param {() => string} chosen who a new session was asked to show
   */
  constructor(api, link, chosen) {
    super();
    this.#api = api;
    this.#link = link;
    this.#chosen = chosen;
    link.addEventListener("state", () => this.#onState());
    link.addEventListener("event", (event) => this.#onEvent(/** @type {CustomEvent} */ (event).detail));
  }

  /** The address leads to a session that is not seen just now: its face can be changed by who sees it. */
  get elsewhere() {
    return sessionFromAddress() !== "" && !this.#link.sessionid;
  }

  /** @param {string} avatar */
  choose(avatar) {
    this.refused = null;
    if (this.#link.sessionid) {
      this.wanted = avatar;
      if (!this.#busy) this.#change(this.#link.sessionid, this.#session.signal);
    } else {
      this.shown = "";
      choices.set("avatar", avatar);
      this.#tell("next");
    }
    this.#tell("change");
  }

  /**
   * Ask for what is wanted until it is shown. One at a time: of two under way, the slower would be shown last.
   * @param {string} sessionid
   * @param {AbortSignal} over
   */
  async #change(sessionid, over) {
    this.#busy = true;
    while (this.wanted && this.wanted !== this.shown) {
      const avatar = this.wanted;
      this.#asked = avatar;
      try {
        await this.#api.avatar(sessionid, avatar, over);
        if (over.aborted) return;
        if (this.#asked) this.shown = avatar; // or the event told, and another program may have gone on since
        choices.set("avatar", avatar);
        if (this.wanted === avatar) break;
      } catch (error) {
        if (over.aborted) return;
        if (this.wanted === avatar) this.#refuse(reason(error));
      }
    }
    this.#busy = false;
    this.#asked = this.wanted = "";
    this.#tell("change");
  }

  #onState() {
    const { name } = this.#link.state;
    if (name !== "connected") this.#leave(name === "idle");
    else if (!this.#busy) {
      this.#session = new AbortController();
      if (!sessionFromAddress()) this.shown ||= this.#chosen();
    }
    this.#tell("change");
  }

  /** @param {boolean} asked the person ended the session: what was wanted still is, the next time */
  #leave(asked) {
    const over = this.#link.state.problem?.code === "session_over";
    if (sessionFromAddress() && !over) return; // it goes on without us
    this.#session.abort();
    this.#busy = false;
    if (this.wanted && asked) choices.set("avatar", this.wanted);
    else if (this.wanted) this.#refuse(t("reason.connection"));
    this.#asked = this.wanted = "";
    if (!asked) return;
    this.shown = "";
    this.refused = null;
  }

  /** @param {import("./events.js").ServerEvent} event */
  #onEvent({ name, data }) {
    if (name !== "avatar") return;
    this.shown = String(data.avatar ?? "");
    if (this.shown === this.#asked) this.#asked = "";
    this.refused = null;
    this.#tell("change");
  }

  /** @param {string} why */
  #refuse(why) {
    this.refused = { avatar: this.wanted, reason: why };
    this.wanted = "";
    this.#tell("refused");
  }

  /** @param {string} name */
  #tell(name) {
    if (this.#link.sessionid && this.shown) seenFace.set(this.#link.sessionid, this.shown);
    this.dispatchEvent(new Event(name));
  }
}
