/** What people read of an action: "look-left" is Look left. */

/** @param {string} name */
export function actionName(name) {
  const words = name.replace(/[-_]+/g, " ").trim() || name;
  return words[0].toUpperCase() + words.slice(1);
}
