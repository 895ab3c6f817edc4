/** Puts the page together. */

import { Api } from "./api.js";
import { Backdrop } from "./backdrop.js";
import { Captions } from "./captions.js";
import { Casting } from "./casting.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { ConversationView } from "./conversation_view.js";
import { showCover } from "./cover.js";
import { allow, byId, onPress } from "./dom.js";
import { Ear } from "./ear.js";
import { Face } from "./face.js";
import { dressing, escapeIsTaken, fitKeyboard, pictureControls, stayAwake } from "./furniture.js";
import { Gestures } from "./gestures.js";
import { formatMs, onLanguage, t, translate } from "./i18n.js";
import { LatencyBook } from "./latency.js";
import { Link } from "./link.js";
import { tell } from "./notice.js";
import { Outputs } from "./outputs.js";
import { OutputsAlarm } from "./outputs_alarm.js";
import { OutputsView } from "./outputs_view.js";
import { showConnection, showLatency } from "./panels.js";
import { portrait } from "./portrait.js";
import { forgetSession, recorded, sessionFromAddress, takeTokenFromAddress, token } from "./preferences.js";
import { Recordings } from "./recordings.js";
import { RecordingsView } from "./recordings_view.js";
import { writeReport } from "./report.js";
import { ServerConfig } from "./server_config.js";
import { speaking } from "./speaking.js";
import { Stage } from "./stage.js";
import { tabs } from "./tabs.js";
import { Talk } from "./talk.js";
import { TokenLock } from "./token_lock.js";

takeTokenFromAddress();
translate();

let startedAt = 0;
/** `#view=picture`: for OBS' browser source, or a frame in another page; it connects by itself and never gives up */
const pictureAlone = document.documentElement.dataset.view === "picture";

const api = new Api(token);
const config = new ServerConfig(api);
const lock = new TokenLock();
const link = new Link(api, () => ({
  iceServers: () => config.iceServers(),
  wish: casting.wish,
  session: sessionFromAddress(),
  token: token() !== "",
  tireless: pictureAlone,
  hears: Boolean(config.value.hears) && !pictureAlone,
}));
const conversation = new Conversation();
const latency = new LatencyBook();
const ear = new Ear();
const captions = new Captions(byId("caption"), byId("caption-live"));
const face = new Face(api, link, () => casting.avatar);
/** @type {Casting} */
const casting = new Casting(api, face, new Backdrop(api, link), tell);
const stage = new Stage(link, onPicture);
/** @type {Composer["giveBack"]} */
const giveBack = (text, why) => composer.giveBack(text, why);
const hint = () => composer.mode.hint;
const talk = new Talk({ api, link, conversation, latency, ear, captions, tell, connect, wish, giveBack, hint });
const composer = new Composer({
  say: (text, kind, interrupt) => {
    ear.open();
    talk.say(text, kind, interrupt);
  },
  play: (file) => talk.play(file),
  stop: () => talk.stop(),
  tell,
});

dressing();
fitKeyboard();
pictureControls(stage.video);
showLatency(latency);
showConnection(link);
const recording = new RecordingsView(new Recordings(api, link, recorded), link, tell);
const outputs = new Outputs(api, link);
const outputsView = new OutputsView(outputs, link, tell);
new OutputsAlarm(outputs, tell, async (output) => {
  if (document.fullscreenElement) await document.exitFullscreen();
  openTab("connection");
  outputsView.lead(output);
});
const voice = speaking({ api, link, talk, conversation, connect }, casting);
new ConversationView(byId("log"), conversation, (entry) => talk.again(entry));
const gestures = new Gestures(api, link, () => casting.avatar, tell);
const openTab = tabs();
const keepAwake = stayAwake(() => link.state.name === "connected");

/** Begin to connect, unless that is under way. */
function connect() {
  const { name } = link.state;
  if (name === "connecting" || name === "connected") return;
  if (lock.why) return lock.ask(lock.why);
  ear.open();
  startedAt = performance.now();
  link.start();
}

/** What every text carries along; a chosen voice holds from the next text on. */
function wish() {
  return casting.voice ? { tts: { voice: casting.voice } } : {};
}

/** The still picture of who is to come; without a connection, since the last live picture may have its eyes shut. */
function showPortrait() {
  if (link.state.name === "idle") portrait(api, casting.avatar, stage.poster);
}

/** Somebody else was chosen for the next connection; one that is under way begins again. */
function recast() {
  portrait(api, casting.avatar, stage.poster);
  if (link.state.name === "idle") return;
  startedAt = performance.now();
  link.start();
}

function onPicture() {
  if (!startedAt) return;
  latency.connected(performance.now() - startedAt);
  startedAt = 0;
}

/** The server told what it is and has. */
function onConfig() {
  const { value } = config;
  lock.open();
  casting.load(value);
  composer.limitText(value.text_limit);
  composer.mode.offer(value);
  voice.offer(value);
  recording.offer(Boolean(value.records));
  outputsView.offer(value.outputs);
  showPortrait();
  byId("version").textContent = value.version ? String(value.version) : "";
  if (value.needs_token && !token()) lock.ask("missing");
}

/** Go on with what was wanted before a token was. */
async function onToken() {
  const wanted = link.state.name === "failed" || conversation.entries.some(({ state }) => state === "waiting");
  lock.open();
  await config.load();
  if (wanted && token() && !lock.why) connect();
}

function coverPicture() {
  showCover(lock.why !== "", composer.mode.kind);
}

/** A mouse user goes on by writing; on a phone, focus would raise the keyboard over the picture. */
function writeNext() {
  const elsewhere = document.activeElement !== document.body && document.activeElement !== byId("start");
  if (!elsewhere && matchMedia("(hover: hover)").matches) byId("text").focus();
}

function showState() {
  const { name } = link.state;
  const speaking = name === "connected" && conversation.speaking;
  document.body.dataset.state = speaking ? "speaking" : name;
  byId("status-text").textContent = t(`state.${speaking ? "speaking" : lock.why && name === "idle" ? "locked" : name}`);
  allow(byId("end"), name === "connecting" || name === "connected");
  const stop = /** @type {HTMLButtonElement} */ (byId("stop"));
  stop.disabled = name !== "connected" || !conversation.unfinished.length;
}

link.addEventListener("state", () => {
  const { name, problem } = link.state;
  showState();
  keepAwake();
  if (name === "connected") writeNext();
  else byId("status-rtt").textContent = "";
  if (name === "failed") lock.meet(problem);
  if (name === "failed" && problem?.code === "session_over") forgetSession();
  showPortrait();
});
link.addEventListener("stream", (event) => {
  const { detail } = /** @type {CustomEvent<MediaStream>} */ (event);
  stage.play(detail);
  ear.listenTo(detail);
});
link.addEventListener("sample", (event) => {
  byId("status-rtt").textContent = formatMs(/** @type {CustomEvent} */ (event).detail.rttMs);
});
face.addEventListener("next", recast);
face.addEventListener("change", showPortrait);
face.addEventListener("change", () => gestures.look());
conversation.addEventListener("change", showState);
composer.mode.addEventListener("change", coverPicture);
lock.addEventListener("change", () => {
  coverPicture();
  showState();
});
lock.addEventListener("token", onToken);
config.addEventListener("known", onConfig);
config.addEventListener("trouble", (event) => lock.meet(/** @type {CustomEvent} */ (event).detail));
onLanguage(showState);

for (const id of ["start", "retry"]) {
  byId(id).addEventListener("click", () => {
    if (link.state.retryAt === null) connect();
    else link.retryNow();
  });
}
onPress(byId("end"), () => link.stop());
byId("give-up").addEventListener("click", () => link.stop());
byId("report").addEventListener("click", () => writeReport(link, config.value));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || escapeIsTaken(event)) return;
  if (conversation.unfinished.length) talk.stop();
  else openTab("talk");
});
addEventListener("pagehide", () => link.stop());

showState();
config.find();
config.load().then(() => {
  if (pictureAlone) connect();
});
