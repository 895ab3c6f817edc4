/** An upload that tells how far it is, which fetch does not. */

import { ApiError, Unreachable } from "../api.js";

/**
 * Send a form.
 * @param {URL} address
 * @param {FormData} form
 * @param {object} how
 * @param {string} how.token "" for none
 * @param {(sent: number, all: number) => void} how.onProgress bytes
 * @param {AbortSignal} how.signal ends it
 * @returns {Promise<any>} the answer's data
 * @throws {ApiError} the server refused it
 * @throws {Unreachable} the connection broke
 * @throws {DOMException} AbortError, after the signal
 */
export function send(address, form, { token, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded, total));
    request.addEventListener("load", () => {
      const body = read(request.responseText);
      if (request.status < 300 && body) return resolve(body.data);
      const message = body?.msg || request.statusText || `HTTP ${request.status}`;
      reject(new ApiError(request.status, message, null, Boolean(body?.msg)));
    });
    request.addEventListener("error", () => reject(new Unreachable("the connection broke")));
    request.addEventListener("abort", () => reject(signal.reason));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** @param {string} text */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page
  }
}
