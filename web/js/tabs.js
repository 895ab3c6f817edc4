/** The panels: tabs beside the picture, on a phone sheets over it. */

/**
 * Wire them up; on a phone the keyboard goes along with the sheets.
 * @returns {(name: string) => void} opens one by its name
 */
export function tabs() {
  const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[role=tab]")]);
  const status = document.getElementById("status");
  /** @type {HTMLElement | null} what opened the sheet */
  let opener = null;
  /** @param {string} name */
  const open = (name) => {
    const { dataset } = document.body;
    const before = document.activeElement;
    if (dataset.tab === "talk" && before instanceof HTMLElement) opener = before;
    dataset.tab = name;
    for (const button of buttons) {
      const chosen = button.dataset.tab === name;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    /** @type {HTMLElement | null} */
    const way = document.querySelector(`#panel-${name} .sheet-head button`);
    if (way?.checkVisibility()) way.focus();
    else if (!before?.checkVisibility()) (opener?.checkVisibility() ? opener : status)?.focus(); // it stood on a sheet that is closed now
  };
  for (const button of document.querySelectorAll("[data-open]")) {
    const name = /** @type {HTMLElement} */ (button).dataset.open ?? "talk";
    button.addEventListener("click", () => open(name));
  }
  for (const button of buttons) {
    button.addEventListener("click", () => open(button.dataset.tab ?? "talk"));
    button.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = buttons[(buttons.indexOf(button) + step + buttons.length) % buttons.length];
      next.focus();
      next.click();
    });
  }
  open("talk");
  return open;
}
