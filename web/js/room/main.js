/** Puts together the room where faces are made, looked at and kept. */

import { Api, ApiError } from "../api.js";
import { byId } from "../dom.js";
import { dressing } from "../furniture.js";
import { t, translate } from "../i18n.js";
import { tell } from "../notice.js";
import { choices, takeTokenFromAddress, token } from "../preferences.js";
import { ServerConfig } from "../server_config.js";
import { TokenLock } from "../token_lock.js";
import { ActionsDialog } from "./actions_dialog.js";
import { AvatarApi } from "./avatar_api.js";
import { AvatarJobs } from "./avatar_jobs.js";
import { JobsView } from "./jobs_view.js";
import { Maker } from "./maker.js";
import { Preview } from "./preview.js";
import { ShelfView } from "./shelf_view.js";

takeTokenFromAddress();
translate();

const plain = new Api(token);
const api = new AvatarApi(plain, token);
const config = new ServerConfig(plain);
const lock = new TokenLock();
const jobs = new AvatarJobs(api);
const maker = new Maker(api);
const preview = new Preview(api, talk);
const acts = new ActionsDialog(api, () => loadShelf().catch(() => undefined)); // it is asked for again later
const shelf = new ShelfView(api, { talk, preview: (avatar) => preview.open(avatar), acts: openActs, tell });
const jobsView = new JobsView(api, jobs, {
  nameOf: (id) => shelf.find(id)?.name ?? "",
  talk: (id) => talk({ id }),
  preview: (id) => found(id, (avatar) => preview.open(avatar)),
  acts: (id) => found(id, openActs),
  choose: () => maker.choose(),
  tell,
});
dressing();

/** Talk with a face: the page that does so finds it chosen. @param {{id: string}} avatar */
function talk({ id }) {
  choices.set("avatar", id);
  location.assign("./");
}

/**
 * A job is told of for longer than its face may be there.
 * @param {string} id
 * @param {(avatar: import("./avatar_api.js").Avatar) => void} show
 */
function found(id, show) {
  const avatar = shelf.find(id);
  if (avatar) show(avatar);
  else tell(t("face.not_shown", { reason: t("reason.status.404") }));
}

/** @param {import("./avatar_api.js").Avatar} avatar */
function openActs(avatar) {
  acts.open(avatar);
  acts.follow(jobs.shown);
}

/** The room is open, shut for want of a token, or its server does not answer. @param {"open" | "locked" | "lost" | "closed"} state */
function showState(state) {
  document.body.dataset.room = state;
}

async function loadShelf() {
  await shelf.load();
  acts.refresh((id) => shelf.find(id));
}

async function look() {
  try {
    await loadShelf();
    await jobs.load();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) lock.ask(token() ? "wrong" : "missing");
    else if (!shelf.known) showState("lost");
  }
}

config.addEventListener("known", () => {
  const { value } = config;
  lock.open();
  if (value.needs_token && !token()) return lock.ask("missing");
  const limit = typeof value.avatar_upload_mb === "number" ? value.avatar_upload_mb : Infinity;
  maker.offer(Boolean(value.makes_avatars), limit);
  acts.offer(Boolean(value.makes_avatars), limit);
  showState(value.makes_avatars ? "open" : "closed");
  look();
});
config.addEventListener("trouble", (event) => {
  const { detail } = /** @type {CustomEvent<import("../diagnose.js").Problem>} */ (event);
  lock.meet(detail);
  if (!lock.why) showState("lost");
});
lock.addEventListener("change", () => lock.why && showState("locked"));
lock.addEventListener("token", () => config.load());
byId("unlock").addEventListener("click", () => lock.ask(lock.why || "missing"));
byId("retry").addEventListener("click", () => config.load());

maker.addEventListener("made", (event) => {
  const { job, name } = /** @type {CustomEvent} */ (event).detail;
  jobs.add(job, name);
  byId("jobs").scrollIntoView({ block: "nearest" });
});
maker.addEventListener("refused", (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail instanceof ApiError && detail.status === 401) lock.ask(token() ? "wrong" : "missing");
});
acts.addEventListener("made", (event) => {
  const { job, name } = /** @type {CustomEvent} */ (event).detail;
  jobs.add(job, name);
});
acts.addEventListener("left", (event) => {
  const { detail } = /** @type {CustomEvent<string>} */ (event);
  if (document.activeElement === document.body) shelf.focus(detail, "face-acts"); // the card was made anew meanwhile
});
jobs.addEventListener("change", () => acts.follow(jobs.shown));
jobs.addEventListener("over", async (event) => {
  const { detail } = /** @type {CustomEvent<import("./avatar_api.js").Job>} */ (event);
  if (detail.state !== "done") return;
  await loadShelf().catch(() => undefined); // the card says that it is done
  jobsView.render();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.body.dataset.room === "open") look();
});

config.find();
