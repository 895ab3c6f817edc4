/** The server's routes of avatars: those on the shelf, and those that are being made. */

import { send } from "./upload.js";

/**
 * @typedef {object} Avatar
 * @property {string} id
 * @property {string} name
 * @property {number} width pixels
 * @property {number} height
 * @property {number} seconds of its body's loop
 * @property {boolean} usable by the engine that runs
 * @property {boolean} default sessions begin with it
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
   * The address of a body's video. A browser sends no token for a video by itself: it is fetched then.
   * @param {string} avatar
   * @param {AbortSignal} signal
   * @returns {Promise<string>} to be revoked by whoever asked, where it is a blob
   */
  async video(avatar, signal) {
    const path = `api/avatars/${encodeURIComponent(avatar)}/video`;
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
}

/** @param {unknown} data */
function list(data) {
  return Array.isArray(data) ? data : [];
}
