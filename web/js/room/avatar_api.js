/** The server's routes of avatars: those on the shelf, and those that are being made. */

import { send } from "./upload.js";

/**
 * @typedef {object} Action
 * @property {string} name
 * @property {number} seconds
 * @property {boolean} sound it has one of its own
 *
 * @typedef {object} Cue what is done by itself in one state
 * @property {string[]} actions one of these each time
 * @property {[number, number] | null} [every_s] pauses in between; none for again and again
 *
 * @typedef {Record<string, Cue>} Plan by the session's state
 *
 * @typedef {object} Avatar
 * @property {string} id
 * @property {string} name
 * @property {number} width pixels
 * @property {number} height
 * @property {number} seconds of its body's loop
 * @property {boolean} usable by the engine that runs
 * @property {boolean} default sessions begin with it
 * @property {Action[]} action_clips
 * @property {Plan} plan
 * @property {boolean} takes_actions more can be added
 */

/**
 * @typedef {object} Note something that may look bad
 * @property {string} kind
 * @property {string} text in the server's words
 * @property {boolean} picture whether there is one
 */

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} avatar its id
 * @property {string} action that is added to it; "" where the avatar itself is made
 * @property {string} [name] by which it was asked for
 * @property {"waiting" | "working" | "done" | "failed" | "cancelled"} state
 * @property {string | null} step
 * @property {number} share of that step
 * @property {number} progress of all steps
 * @property {Note[]} notes
 * @property {string} error
 * @property {number} began seconds since 1970
 * @property {number | null} ended the same
 */

export class AvatarApi {
  #api;
  #token;

  /**
   * @param {import("../api.js").Api} api
   * @param {() => string} token "" for none
   */
  constructor(api, token) {
    this.#api = api;
    this.#token = token;
  }

  /** @param {string} avatar */
  thumbnail(avatar) {
    return this.#api.thumbnail(avatar);
  }

  /** @returns {Promise<Avatar[]>} */
  async avatars() {
    return list((await this.#api.json("api/avatars", {})).data);
  }

  /**
   * @param {string} avatar
   * @param {string} name
   * @returns {Promise<Avatar>}
   */
  async rename(avatar, name) {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "PATCH", body: JSON.stringify({ name }), headers };
    return (await this.#api.json(`api/avatars/${encodeURIComponent(avatar)}`, init)).data;
  }

  /** @param {string} avatar */
  remove(avatar) {
    return this.#api.json(`api/avatars/${encodeURIComponent(avatar)}`, { method: "DELETE" });
  }

  /**
   * The address of a body's video, or an action's. A browser sends no token for it by itself: it is fetched then.
   * @param {string} avatar
   * @param {AbortSignal} signal
   * @param {string} [action]
   * @returns {Promise<string>} to be revoked by whoever asked, where it is a blob
   */
  async video(avatar, signal, action = "") {
    const path = `api/avatars/${encodeURIComponent(avatar)}/video${action && `?action=${encodeURIComponent(action)}`}`;
    if (!this.#token()) return new URL(path, document.baseURI).href;
    return URL.createObjectURL(await (await this.#api.fetch(path, { signal })).blob());
  }

  /** @returns {Promise<Job[]>} the latest first */
  async jobs() {
    return list((await this.#api.json("api/avatar-jobs", {})).data);
  }

  /**
   * @param {string} job
   * @returns {Promise<Job>}
   */
  async cancel(job) {
    return (await this.#api.json(`api/avatar-jobs/${encodeURIComponent(job)}`, { method: "DELETE" })).data;
  }

  /**
   * The open stream of a job's changes.
   * @param {string} job
   */
  events(job) {
    const headers = { Accept: "text/event-stream" };
    return this.#api.fetch(`api/avatar-jobs/${encodeURIComponent(job)}/events`, { headers });
  }

  /**
   * The picture of one of a job's notes.
   * @param {string} job
   * @param {number} number
   */
  async picture(job, number) {
    return (await this.#api.fetch(`api/avatar-jobs/${encodeURIComponent(job)}/pictures/${number}`, {})).blob();
  }

  /**
   * Send a clip or photos to be made into an avatar.
   * @param {FormData} form
   * @param {(sent: number, all: number) => void} onProgress bytes
   * @param {AbortSignal} signal
   * @returns {Promise<Job>}
   */
  create(form, onProgress, signal) {
    return send(new URL("api/avatars", document.baseURI), form, { token: this.#token(), onProgress, signal });
  }

  /**
   * What MuseTalk's controls change, drawn on a picture.
   * @param {FormData} form
   * @param {AbortSignal} signal
   */
  async controlPreview(form, signal) {
    return (await this.#api.fetch("api/avatar-preview", { method: "POST", body: form, signal })).blob();
  }

  /**
   * Send a clip to become an action of an avatar.
   * @param {string} avatar
   * @param {FormData} form
   * @param {(sent: number, all: number) => void} onProgress bytes
   * @param {AbortSignal} signal
   * @returns {Promise<Job>}
   */
  addAction(avatar, form, onProgress, signal) {
    const address = new URL(`api/avatars/${encodeURIComponent(avatar)}/actions`, document.baseURI);
    return send(address, form, { token: this.#token(), onProgress, signal });
  }

  /**
   * @param {string} avatar
   * @param {string} action
   */
  removeAction(avatar, action) {
    const path = `api/avatars/${encodeURIComponent(avatar)}/actions/${encodeURIComponent(action)}`;
    return this.#api.json(path, { method: "DELETE" });
  }

  /**
   * Change what an avatar does by itself.
   * @param {string} avatar
   * @param {Plan} plan
   */
  setPlan(avatar, plan) {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "PUT", body: JSON.stringify({ plan }), headers };
    return this.#api.json(`api/avatars/${encodeURIComponent(avatar)}/plan`, init);
  }
}

/** @param {unknown} data */
function list(data) {
  return Array.isArray(data) ? data : [];
}
