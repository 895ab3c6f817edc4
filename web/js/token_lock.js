/** The lock that a missing or a wrong token is: nobody is talked to until a good one is given. */

import { askToken } from "./token_dialog.js";

/** @typedef {"missing" | "wrong"} TokenTrouble */

/** Sends "change", and "token" when one was given, which may be as wrong. */
export class TokenLock extends EventTarget {
  /** @type {"" | TokenTrouble} what is the matter with the token, as far as we know */
  why = "";

  /** Nothing is the matter any more. */
  open() {
    this.#set("");
  }

  /** Ask for a token. @param {TokenTrouble} why */
  ask(why) {
    this.#set(why);
    askToken(why, () => this.dispatchEvent(new Event("token")));
  }

  /** Ask for a token where that is the problem. @param {import("./diagnose.js").Problem | null} problem */
  meet(problem) {
    if (problem?.code === "token_missing") this.ask("missing");
    else if (problem?.code === "token_wrong") this.ask("wrong");
  }

  /** @param {"" | TokenTrouble} why */
  #set(why) {
    this.why = why;
    this.dispatchEvent(new Event("change"));
  }
}
