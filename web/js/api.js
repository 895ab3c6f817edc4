/** The server's HTTP routes, with the token, and errors that say what the server said. */

/** @typedef {{code?: number, msg?: string, data?: any, [field: string]: any}} Body */

/** The server answered, but not with success. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} message the server's own words
   * @param {number | null} retryAfterS when it says to come back
   * @param {boolean} own livetalk said it, and not something in between
   */
  constructor(status, message, retryAfterS = null, own = true) {
    super(message);
    this.own = own;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came at all. */
export class Unreachable extends Error {}

export class Api {
  #token;

  /** @param {() => string} token gives the current token, "" for none */
  constructor(token) {
    this.#token = token;
  }

  /** What the server has and wants. */
  async config() {
    const body = await this.json("config", {});
    return /** @type {Body} */ (body.data ?? body);
  }

  /**
   * @param {Record<string, unknown>} offer
   * @param {AbortSignal} signal
   */
  offer(offer, signal) {
    return this.#post("offer", offer, signal);
  }

  /**
   * Watch a session that is there already (WHEP).
   * @param {string} sessionid
   * @param {string} sdp
   * @param {AbortSignal} signal
   * @returns {Promise<string>} the SDP answer
   */
  async watch(sessionid, sdp, signal) {
    const headers = { "Content-Type": "application/sdp" };
    const path = `whep/${encodeURIComponent(sessionid)}`;
    return (await this.fetch(path, { method: "POST", body: sdp, headers, signal })).text();
  }

  /** @param {Record<string, unknown>} request */
  human(request) {
    return this.#post("human", request);
  }

  /** @param {string} sessionid */
  interrupt(sessionid) {
    return this.#post("interrupt_talk", { sessionid });
  }

  /**
   * Whoever speaks into the microphone says that this is all.
   * @param {string} sessionid
   */
  endTurn(sessionid) {
    return this.#post("end_turn", { sessionid });
  }

  /**
   * Show another avatar; resolves once it is shown.
   * @param {string} sessionid
   * @param {string} avatar
   * @param {AbortSignal} signal
   */
  avatar(sessionid, avatar, signal) {
    return this.#post("avatar", { sessionid, avatar }, signal);
  }

  /**
   * @param {string} sessionid
   * @param {"start_record" | "end_record"} type
   */
  record(sessionid, type) {
    return this.#post("record", { sessionid, type });
  }

  /**
   * What a session recorded, also one that is over.
   * @param {string} sessionid
   * @returns {Promise<import("./recordings.js").Film[]>}
   */
  async recordings(sessionid) {
    const { data } = await this.json(`recordings?sessionid=${encodeURIComponent(sessionid)}`, {});
    return Array.isArray(data) ? data : [];
  }

  /**
   * A path by which the browser can download a recording by itself, without the token.
   * @param {string} id
   * @returns {Promise<string>}
   */
  async recordingLink(id) {
    const { data } = await this.json(`record/${encodeURIComponent(id)}/link`, { method: "POST" });
    return String(data.path);
  }

  /** @param {string} id */
  removeRecording(id) {
    return this.json(`record/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  /**
   * Where a session is carried to, and how that goes.
   * @param {string} sessionid
   * @returns {Promise<import("./outputs.js").Running[]>}
   */
  async outputs(sessionid) {
    const { data } = await this.json(`outputs?sessionid=${encodeURIComponent(sessionid)}`, {});
    return Array.isArray(data) ? data : [];
  }

  /**
   * @param {string} sessionid
   * @param {string} output its name
   */
  startOutput(sessionid, output) {
    return this.#post("outputs", { sessionid, output });
  }

  /**
   * @param {string} sessionid
   * @param {string} id
   */
  stopOutput(sessionid, id) {
    return this.#post("outputs/stop", { sessionid, id });
  }

  /**
   * Have a sound file spoken.
   * @param {string} sessionid
   * @param {File} file
   * @param {string} entry comes back in its events
   */
  audio(sessionid, file, entry) {
    const form = new FormData();
    form.append("sessionid", sessionid);
    form.append("entry", entry);
    form.append("file", file, file.name);
    return this.json("humanaudio", { method: "POST", body: form });
  }

  /**
   * The open event stream of a session.
   * @param {string} sessionid
   * @param {AbortSignal} signal
   */
  events(sessionid, signal) {
    return this.fetch(`sse?sessionid=${encodeURIComponent(sessionid)}`, {
      signal,
      headers: { Accept: "text/event-stream" },
    });
  }

  /**
   * @param {string} avatar
   * @returns {Promise<Blob | null>} null where the avatar has none
   */
  thumbnail(avatar) {
    return this.picture(`avatars/${encodeURIComponent(avatar)}/thumbnail`);
  }

  /**
   * A picture of the server's; fetched, so that the token travels in a header.
   * @param {string} path
   * @returns {Promise<Blob | null>} null where there is none
   */
  async picture(path) {
    try {
      const response = await this.fetch(path, {});
      return await response.blob();
    } catch (error) {
      if (error instanceof ApiError || error instanceof Unreachable) return null;
      throw error;
    }
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {AbortSignal} [signal]
   */
  #post(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    return this.json(path, { method: "POST", body: JSON.stringify(body), headers, signal });
  }

  /**
   * Call, and read the answer.
   * @param {string} path
   * @param {RequestInit} init
   * @returns {Promise<Body>}
   */
  async json(path, init) {
    const response = await this.fetch(path, init);
    const body = await response.json().catch(() => null);
    if (!body) throw new ApiError(502, "the answer is not JSON: is another server on this port?");
    if (body.code) throw new ApiError(body.code, body.msg ?? "");
    return body;
  }

  /**
   * Call; an answer that says no is thrown.
   * @param {string} path relative, so that the page also works below a path of a proxy
   * @param {RequestInit} init
   */
  async fetch(path, init) {
    const headers = new Headers(init.headers);
    if (this.#token()) headers.set("Authorization", `Bearer ${this.#token()}`);
    const options = { ...init, headers, cache: /** @type {const} */ ("no-store") };
    let response;
    try {
      response = await fetch(new URL(path, document.baseURI), options);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new Unreachable(String(cause));
    }
    if (!response.ok) throw await apiError(response);
    return response;
  }
}

/** @param {Response} response */
async function apiError(response) {
  /** @type {Body} */
  const body = await response.json().catch(() => ({}));
  const after = Number(response.headers.get("Retry-After") ?? "x");
  const message = body.msg || response.statusText || `HTTP ${response.status}`;
  return new ApiError(response.status, message, Number.isFinite(after) ? after : null, Boolean(body.msg));
}
