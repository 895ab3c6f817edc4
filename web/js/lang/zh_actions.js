/** 形象动作的中文文案。 */
export const actions = {
  "gesture.title": "动作",
  "gesture.show": "展示",
  "gesture.end": "结束",
  "gesture.failed": "无法展示 {name}：{reason}",
};
