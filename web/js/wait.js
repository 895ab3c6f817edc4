/** Waiting that can be called off. */

/**
 * Resolve after `ms`, or as soon as a signal aborts.
 * @param {number} ms
 * @param {...AbortSignal} signals
 * @returns {Promise<void>}
 */
export function sleep(ms, ...signals) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener("abort", done);
      resolve();
    }
    for (const signal of signals) signal.addEventListener("abort", done);
    if (signals.some((signal) => signal.aborted)) done();
  });
}

/**
 * Resolve when `ready` holds, looked at after each of the events; false when time or patience runs out.
 * @param {EventTarget} target
 * @param {string[]} events
 * @param {() => boolean} ready
 * @param {number} timeoutMs
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
export function until(target, events, ready, timeoutMs, signal) {
  const found = new AbortController();
  const look = () => {
    if (ready()) found.abort();
  };
  for (const event of events) target.addEventListener(event, look, { signal: found.signal });
  look();
  return sleep(timeoutMs, signal, found.signal).then(() => {
    const was = found.signal.aborted;
    found.abort(); // takes the listeners off
    return was;
  });
}
