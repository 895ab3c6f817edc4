/* Runs before the first paint, so that neither the theme nor the language flickers. A classic script on purpose. */
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
  root.dataset.theme = read("livetalk.theme") ?? (dark ? "dark" : "light");
  const language = read("livetalk.language") ?? navigator.language;
  root.lang = language.toLowerCase().startsWith("zh") ? "zh" : "en";
})();
