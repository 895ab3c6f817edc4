/** Why a call failed, in few words. */

import { ApiError, Unreachable } from "./api.js";
import { t } from "./i18n.js";

/**
 * @param {unknown} error
 * @returns {string}
 */
export function reason(error) {
  if (error instanceof Unreachable) return t("reason.unreachable");
  if (error instanceof ApiError) return error.message;
  return String(error);
}
