/** Files dropped anywhere on the page. */

/**
 * Take what is dropped; the body has data-drop while something hovers.
 * @param {(files: FileList | null) => void} take
 */
export function onDrop(take) {
  const carriesFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  let depth = 0; // every element under the pointer reports its own enter and leave
  const mark = (/** @type {number} */ change) => {
    depth = change ? Math.max(0, depth + change) : 0;
    document.body.toggleAttribute("data-drop", depth > 0);
  };
  addEventListener("dragenter", (event) => carriesFile(event) && mark(1));
  addEventListener("dragleave", (event) => carriesFile(event) && mark(-1));
  addEventListener("dragover", (event) => carriesFile(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    mark(0);
    take(event.dataTransfer?.files ?? null);
  });
}
