import { blocks, text, type Block, type Check, type Finding } from "./rendered";

/** Checks the limits of tags, and of the names and descriptions of jobs. */
export const checkLimits: Check = ({ type, body }) => {
  const findings: Finding[] = [];
  const tags = tagsOf(type, body);
  const count = Object.keys(tags).length;
  if (count > 25)
    findings.push({
      code: "TOO_MANY_TAGS",
      message:
        "at most 25 tags are allowed, including the environment's tags and those that lakeform adds",
      value: String(count),
      allowed: "25",
      fix: "remove some from the construct or the environment",
    });
  for (const [key, value] of Object.entries(tags)) {
    const isTooLong = key.length > 127 || (typeof value === "string" && value.length > 255);
    if (isTooLong || key === "" || /[\p{Cc}<>*&%;\\?]/u.test(key)) {
      findings.push({
        code: "BAD_TAG",
        message: "invalid tag",
        value: key.slice(0, 60),
        allowed:
          "keys of 1 to 127 characters, without control characters and < > * & % ; \\ ?; values of up to 255",
        fix: "shorten it, or remove these characters",
      });
    }
  }
  if (type === "databricks_job") {
    const name = text(body, "name") ?? "";
    if (Buffer.byteLength(name) > 4096)
      findings.push({
        code: "BAD_NAME",
        message: "the name of a job is longer than 4,096 bytes",
        value: `${Buffer.byteLength(name)} bytes`,
        fix: "shorten it",
      });
    const description = text(body, "description") ?? "";
    if (description.length > 27_700) {
      findings.push({
        code: "DESCRIPTION_TOO_LONG",
        message: "the description of a job is longer than 27,700 characters",
        value: `${description.length} characters`,
        fix: "shorten it, and link to a longer text",
      });
    }
  }
  return findings;
};

function tagsOf(type: string, body: Block): Readonly<Record<string, unknown>> {
  if (type === "databricks_job") return (body.tags ?? {}) as Readonly<Record<string, unknown>>;
  if (type === "databricks_cluster" || type === "databricks_instance_pool")
    return (body.custom_tags ?? {}) as Readonly<Record<string, unknown>>;
  if (type !== "databricks_sql_endpoint") return {};
  return Object.fromEntries(
    blocks(body, "tags").flatMap((tags) =>
      blocks(tags, "custom_tags").map((tag) => [text(tag, "key") ?? "", tag.value]),
    ),
  );
}
