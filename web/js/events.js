/** The session's events, read with fetch so that the token can travel in a header. */

import { ApiError } from "./api.js";
import { sleep } from "./wait.js";

/** @typedef {{name: string, data: Record<string, any>}} ServerEvent */

const RETRY_MS = [200, 500, 1000, 2000, 4000];

/** Cuts a text/event-stream into events, however the network cuts it into pieces. */
export class EventParser {
  #rest = "";

  /**
   * @param {string} text the next piece
   * @returns {ServerEvent[]}
   */
  push(text) {
    const blocks = (this.#rest + text).split(/\r\n\r\n|\n\n|\r\r/);
    this.#rest = blocks.pop() ?? "";
    return blocks.map(parseBlock).filter((event) => event !== null);
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent | null} null for comments and for what is not JSON
 */
function parseBlock(block) {
  let name = "message";
  const data = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  if (!data.length) return null;
  try {
    const value = JSON.parse(data.join("\n"));
    return { name, data: value !== null && typeof value === "object" ? value : {} };
  } catch {
    return null;
  }
}

/**
 * Hand over events until the session says that it is closed, or `signal` aborts; a stream that breaks is opened again.
 * @param {import("./api.js").Api} api
 * @param {string} sessionid
 * @param {{onEvent: (event: ServerEvent) => void, onOpen: () => void, onBreak: () => void}} listener
 * @param {AbortSignal} signal
 * @throws {ApiError} the server knows no such session any more
 */
export async function followEvents(api, sessionid, { onEvent, onOpen, onBreak }, signal) {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const response = await api.events(sessionid, signal);
      failures = 0;
      onOpen();
      if (await read(response, onEvent)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && [401, 403, 404].includes(error.status)) throw error;
    }
    onBreak();
    await sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)], signal);
  }
}

/**
 * @param {Response} response
 * @param {(event: ServerEvent) => void} onEvent
 * @returns {Promise<boolean>} whether the session is over; otherwise only the stream is
 */
async function read(response, onEvent) {
  for await (const event of eventsOf(response)) {
    onEvent(event);
    if (event.name === "closed") return true;
  }
  return false;
}

/**
 * The events of an answer, until it ends.
 * @param {Response} response
 * @returns {AsyncGenerator<ServerEvent>}
 */
export async function* eventsOf(response) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield* parser.push(value);
  }
}
