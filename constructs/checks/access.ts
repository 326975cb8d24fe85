import { redundantPrivileges } from "../catalog/privileges";
import { blocks, text, type Block, type Check, type Finding } from "./rendered";

/**
 * Finds access lists and grants that the platform would reject, or return differently from how they
 * were written.
 */
export const checkAccess: Check = ({ type, body }) => {
  if (type === "databricks_permissions") return checkPermissions(body);
  if (type === "databricks_grants")
    return blocks(body, "grant").flatMap((grant) =>
      checkGrant(text(grant, "principal") ?? "", grant.privileges),
    );
  if (type === "databricks_grant")
    return checkGrant(text(body, "principal") ?? "", body.privileges);
  return [];
};

function checkPermissions(body: Block): Finding[] {
  const findings: Finding[] = [];
  const entries = blocks(body, "access_control");
  const principals = entries.map(
    (entry) =>
      text(entry, "user_name") ??
      text(entry, "group_name") ??
      text(entry, "service_principal_name") ??
      "",
  );
  for (const name of new Set(
    principals.filter((candidate, index) => principals.indexOf(candidate) !== index),
  )) {
    const levels = entries
      .filter((_, index) => principals[index] === name)
      .map((entry) => text(entry, "permission_level") ?? "");
    findings.push({
      code: "TWO_LEVELS",
      message: `${name} has two levels: the platform keeps one, and every plan would show a diff`,
      value: levels.join(" and "),
      fix: "give each principal one level, the highest intended",
    });
  }
  const owners = entries.filter((entry) => text(entry, "permission_level") === "IS_OWNER");
  if (owners.length > 1)
    findings.push({
      code: "TWO_OWNERS",
      message: "an object has exactly one owner",
      value: String(owners.length),
      fix: "keep one of them",
    });
  if (owners.some((entry) => entry.group_name !== undefined)) {
    findings.push({
      code: "GROUP_OWNER",
      message: "a group cannot own an object",
      allowed: "a user or a service principal",
      fix: "let a user or a service principal own it, and give the group CAN_MANAGE",
    });
  }
  if (entries.some((entry) => text(entry, "group_name") === "admins")) {
    findings.push({
      code: "ADMIN_PERMISSIONS",
      message: "admins always have all permissions, which cannot be changed",
      fix: "remove the entry for the group `admins` from this access list",
    });
  }
  return findings;
}

function checkGrant(principal: string, privileges: unknown): Finding[] {
  const names = Array.isArray(privileges)
    ? privileges.filter((privilege): privilege is string => typeof privilege === "string")
    : [];
  const redundantNames = redundantPrivileges(names);
  if (redundantNames.length === 0) return [];
  return [
    {
      code: "REDUNDANT_PRIVILEGE",
      message: `ALL_PRIVILEGES for ${principal} already includes the other privileges granted to it`,
      value: redundantNames.sort().join(", "),
      fix: "grant ALL_PRIVILEGES alone, or the others without it",
    },
  ];
}
