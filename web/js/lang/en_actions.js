/** English texts of an avatar's actions. */
export const actions = {
  "gesture.title": "Gestures",
  "gesture.show": "Show it",
  "gesture.end": "End it",
  "gesture.failed": "{name} could not be shown: {reason}",
};
