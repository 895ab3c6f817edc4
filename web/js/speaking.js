/** Everything that the user's voice needs: microphone, recogniser, button, the choice among microphones, the sign. */

import { t } from "./i18n.js";
import { Microphone } from "./microphone.js";
import { offerMicrophones } from "./microphones.js";
import { Mood } from "./mood.js";
import { tell } from "./notice.js";
import { choices } from "./preferences.js";
import { Recogniser } from "./recogniser.js";
import { Voice } from "./voice.js";
import { VoiceButton } from "./voice_button.js";

/**
 * @param {Omit<import("./voice.js").Parts, "microphone" | "recogniser">} parts
 * @param {import("./casting.js").Casting} casting
 * @returns {Voice}
 */
export function speaking(parts, casting) {
  const microphone = new Microphone();
  const voice = new Voice({ ...parts, microphone, recogniser: new Recogniser() });
  new VoiceButton(voice, microphone);
  new Mood(parts.link, parts.conversation, voice);
  offerMicrophones(microphone, casting, () => voice.change());
  voice.addEventListener("change", () => {
    if (voice.state !== "on" || voice.way !== "browser" || choices.get("browser_way")) return;
    choices.set("browser_way", "told");
    tell(t("mic.browser_way"));
  });
  return voice;
}
