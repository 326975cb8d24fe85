import type { ReadClient } from "../../api/client";
import { whoAmI } from "../../api/families/me";
import { defined } from "../../defined";
import { object, optionalText } from "../shape/json";

export interface Me {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string;
  /** Names of the groups of which the caller is a direct member. */
  readonly groups: readonly string[];
}

/** Reads the identity of the caller. */
export async function readIdentity(api: ReadClient, signal?: AbortSignal): Promise<Me> {
  const response = object(await whoAmI(api, defined({ signal })));
  const groups = Array.isArray(response.groups)
    ? response.groups.map((group) => optionalText(object(group).display) ?? "")
    : [];
  return {
    id: optionalText(response.id) ?? "",
    userName: optionalText(response.userName) ?? "",
    externalId: optionalText(response.externalId) ?? "",
    groups,
  };
}
