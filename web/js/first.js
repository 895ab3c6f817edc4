/* Runs before the first paint, so that neither view, theme nor language flickers. A classic script on purpose. */
(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is switched off: follow the system
    }
  };
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (new URLSearchParams(location.hash.slice(1)).get("view") === "picture") root.dataset.view = "picture";
  root.dataset.theme = read("livetalk.theme") ?? (dark ? "dark" : "light");
  const language = read("livetalk.language") ?? navigator.language;
  root.lang = language.toLowerCase().startsWith("zh") ? "zh" : "en";
})();
