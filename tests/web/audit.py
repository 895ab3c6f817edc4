"""What of the page is hard to read or to press, found by a script in the page."""

from __future__ import annotations

_IN_SIGHT = """
  const root = document.querySelector("dialog[open]") ?? document.body;
  const inSight = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && one.closest("dialog") === root.closest("dialog") && !one.closest(":disabled, .unseen");
"""

FAINT = (
    """() => {"""
    + _IN_SIGHT
    + """
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, below) => below.map((one, i) => top[i] * top[3] / 255 + one * (1 - top[3] / 255));
  const light = (colour) => colour.map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const ancestors = (one) => (one ? [one, ...ancestors(one.parentElement)] : []);
  const ground = (one) => ancestors(one).reverse()
    .reduce((below, each) => over(channels(getComputedStyle(each).backgroundColor), below), [255, 255, 255]);
  const opacity = (one) => ancestors(one).reduce((all, each) => all * getComputedStyle(each).opacity, 1);
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    if (!words || !inSight(one) || one.closest(".frame, option")) continue;  // a picture has no one colour
    const [colour, below] = [channels(getComputedStyle(one).color), ground(one)];
    const bright = [over([...colour.slice(0, 3), colour[3] * opacity(one)], below), below].map(light);
    const contrast = (Math.max(...bright) + 0.05) / (Math.min(...bright) + 0.05);
    if (contrast < 4.5) found.push(`${words.slice(0, 30)} ${contrast.toFixed(2)}`);
  }
  return found;
}"""
)
"""texts with less contrast than WCAG's AA asks for; those over the picture are left out"""

SMALL = (
    """() => {"""
    + _IN_SIGHT
    + """
  const reach = (one, x, y) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    const [atX, atY] = [left + width / 2 + x, top + height / 2 + y];
    const outside = atX < 0 || atY < 0 || atX >= innerWidth || atY >= innerHeight;
    return outside || one.contains(document.elementFromPoint(atX, atY));
  };
  return [...root.querySelectorAll("button, a, select, textarea, input:not([type]), label.switch")]
    .filter((one) => inSight(one) && reach(one, 0, 0) && getComputedStyle(one).pointerEvents !== "none")
    .filter((one) => ![[-21, 0], [21, 0], [0, -21], [0, 21]].every(([x, y]) => reach(one, x, y)))
    .map((one) => one.id || one.className);
}"""
)
"""what is to be pressed, and takes less than 44 pixels each way of a finger"""

OUTSIDE = (
    """() => {"""
    + _IN_SIGHT
    + """
  const outside = ({ left, right }) => left < -0.5 || right > document.documentElement.clientWidth + 0.5;
  return [...root.querySelectorAll("button, p, h1, h2, select, textarea, video")]
    .filter((one) => inSight(one) && outside(one.getBoundingClientRect()))
    .map((one) => one.id || one.className);
}"""
)
"""what sticks out of the window to the left or right"""

__all__ = ["FAINT", "OUTSIDE", "SMALL"]
