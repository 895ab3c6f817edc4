/** What the page remembers: choices for good, the token for as long as the tab lives. */

const PREFIX = "livetalk.";
/** Sessions of which recordings are listed. */
const RECORDED = 20;
/** Avatars' making of which something is remembered: as many as a server tells of. */
const MADE = 60;

/**
 * @param {"localStorage" | "sessionStorage"} where
 * @returns {{get(key: string): string | null, set(key: string, value: string | null): void}}
 */
function shelf(where) {
  const memory = new Map();
  return {
    get(key) {
      try {
        return window[where].getItem(PREFIX + key);
      } catch {
        return memory.get(key) ?? null; // storage is switched off: remember until the page goes
      }
    },
    set(key, value) {
      memory.set(key, value);
      try {
        if (value === null) window[where].removeItem(PREFIX + key);
        else window[where].setItem(PREFIX + key, value);
      } catch {
        return;
      }
    },
  };
}

export const choices = shelf("localStorage");
const secrets = shelf("sessionStorage");

/** @returns {string} the access token, "" when there is none */
export function token() {
  return secrets.get("token") ?? "";
}

/** @param {string} value */
export function keepToken(value) {
  secrets.set("token", value || null);
}

/** @returns {string} the session named by #session=..., to be watched; "" to begin one */
export function sessionFromAddress() {
  return new URLSearchParams(location.hash.slice(1)).get("session") ?? "";
}

/** Come back to this session from now on, unless the address names one already. @param {string} id */
export function keepSession(id) {
  if (sessionFromAddress()) return;
  const fragment = new URLSearchParams(location.hash.slice(1));
  fragment.set("session", id);
  writeAddress(fragment);
  secrets.set("kept", id);
}

/** Not any more; a session that somebody else wrote into the address stays there. */
export function releaseSession() {
  const kept = secrets.get("kept");
  if (kept && kept === sessionFromAddress()) forgetSession();
  secrets.set("kept", null);
}

/** Begin a session of one's own from now on. */
export function forgetSession() {
  dropFromAddress("session");
}

/** Whom a session was seen to show last; after a reload, nobody tells. */
export const seenFace = {
  /** @param {string} session @returns {string} "" where this tab did not see it */
  of: (session) => {
    const [seen, face] = (secrets.get("face") ?? "").split("\n");
    return session && seen === session ? face : "";
  },
  /** @param {string} session @param {string} face */
  set: (session, face) => secrets.set("face", `${session}\n${face}`),
};

/** Ids of this tab's sessions that recorded something: they list the recordings after a reload, too. */
export const recorded = {
  /** @returns {string[]} */
  get: () => (secrets.get("recorded") ?? "").split(" ").filter(Boolean),
  /** @param {string[]} ids */
  set: (ids) => secrets.set("recorded", ids.slice(-RECORDED).join(" ") || null),
};

/** What the server does not tell of the avatars that it makes: by which name they were asked for, and which were seen. */
export const making = {
  /** @param {string} job @returns {string} "" where it was asked for elsewhere */
  name: (job) => made()[job]?.name ?? "",
  /** @param {string} job @returns {boolean} whether it need not be shown any more */
  seen: (job) => made()[job]?.seen ?? false,
  /** @param {string} job @param {{name?: string, seen?: boolean}} change */
  note: (job, change) => {
    const { [job]: before, ...others } = made();
    const all = Object.entries({ ...others, [job]: { ...before, ...change } });
    choices.set("making", JSON.stringify(Object.fromEntries(all.slice(-MADE))));
  },
};

/** @returns {Record<string, {name?: string, seen?: boolean}>} */
function made() {
  try {
    return JSON.parse(choices.get("making") ?? "{}") ?? {};
  } catch {
    return {}; // not written by us
  }
}

/** Take a token handed over as #token=... and wipe it off the address bar. */
export function takeTokenFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!given) return;
  keepToken(given);
  dropFromAddress("token");
}

/** @param {string} name */
function dropFromAddress(name) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  fragment.delete(name);
  writeAddress(fragment);
}

/** @param {URLSearchParams} fragment */
function writeAddress(fragment) {
  const rest = fragment.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
}
