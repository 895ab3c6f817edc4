/** The choice among several microphones, in the dialog of face and voice. */

import { byId } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { choices } from "./preferences.js";

/**
 * @param {import("./microphone.js").Microphone} microphone
 * @param {import("./casting.js").Casting} casting
 * @param {() => void} onChange another one was chosen
 */
export function offerMicrophones(microphone, casting, onChange) {
  const select = /** @type {HTMLSelectElement} */ (byId("microphone"));
  const render = () => {
    const { devices } = microphone;
    const several = devices.length > 1;
    byId("microphone-choice").hidden = !several;
    casting.hasMore(several);
    const chosen = choices.get("microphone") ?? "";
    select.replaceChildren(new Option(t("casting.usual_microphone"), ""), ...devices.map(({ label, deviceId }) => new Option(label, deviceId)));
    select.value = devices.some(({ deviceId }) => deviceId === chosen) ? chosen : "";
  };
  select.addEventListener("change", () => {
    choices.set("microphone", select.value || null);
    onChange();
  });
  microphone.addEventListener("devices", render);
  onLanguage(render);
}
