import { createHash } from "node:crypto";
import { LakeformError } from "../../errors";
import { byId, urls } from "../families/by-id";
import {
  contentConfigOnly,
  contentOfBytes,
  desiredBytes,
  md5Suppress,
  readContent,
  missingSourceProblems,
} from "../families/content";
import { versionOf } from "../families/versions";
import type { Attributes, Kind, WriteContext } from "../kind";
import { optionalText } from "../shape/json";

const path = "/api/2.0/global-init-scripts";
const maxBytes = 64 * 1024;

const base = byId({
  type: "databricks_global_init_script",
  title: "global init script",
  traits: {
    content: {},
    foundInList: {},
    unmanagedTitle: "the global init scripts",
    listedVersions: [],
  },
  calls: urls(path),
  idField: "script_id",
  nameField: "name",
  items: "scripts",
  createdAt: (item) => item["created_at"],
  version: ({ updated_at }) => versionOf(updated_at),
  readDetails: (_api, { script }) =>
    Promise.resolve({ content: contentOfBytes(Buffer.from(optionalText(script) ?? "", "base64")) }),
  link: (host, id) => `${host}/#setting/clusters/global-init-scripts/${id}`,
  // Send `enabled` even if it is false, which `fields` omits.
  body: (fields, planned) => ({
    ...fields,
    enabled: planned["enabled"] === true,
    script: planned["script"],
  }),
  rules: {
    backendDefaults: {
      position: { reason: "the platform adds a new script at the end", when: () => true },
    },
    configOnly: contentConfigOnly,
  },
  suppress: {
    ...md5Suppress,
    // The position 10,000 (the default) means the end of the list.
    position: (before, after) =>
      before === after || (before !== null && before !== 10_000 && after === 10_000),
  },
  validate: ({ name, position }) => [
    ...(typeof name === "string" && !/^[-\w. ]{1,100}$/.test(name)
      ? [
          {
            path: "name",
            message: `${JSON.stringify(name)} is not a valid script name: up to 100 letters, digits, spaces and - _ . are allowed`,
          },
        ]
      : []),
    ...(typeof position === "number" && position < 0
      ? [{ path: "position", message: "position must not be negative" }]
      : []),
  ],
});

/** @throws LakeformError NO_CONTENT, SOURCE_UNREADABLE, FILE_TOO_LARGE */
async function readScript(attributes: Attributes, context: WriteContext): Promise<Buffer> {
  const bytes = await readContent(attributes, context.directory);
  if (bytes.length <= maxBytes) return bytes;
  throw new LakeformError("FILE_TOO_LARGE", "the global init script is too large", {
    value: `${bytes.length} bytes`,
    allowed: `up to ${maxBytes} bytes`,
    fix: "shorten it, for example by moving parts to a file that it downloads",
  });
}

const md5Of = (bytes: Buffer): Attributes => ({
  md5: createHash("md5").update(bytes).digest("hex"),
});

/** A script that every cluster in the workspace runs when it starts. */
export const globalInitScript: Kind = {
  ...base,
  validatePlan: missingSourceProblems,
  desiredContent: desiredBytes,
  async create(api, planned, context) {
    const bytes = await readScript(planned, context);
    const sent = { ...planned, script: bytes.toString("base64") };
    const written = await base.create(api, sent, context);
    return { ...written, attributes: md5Of(bytes) };
  },
  async update(api, id, prior, planned, context) {
    const bytes = await readScript(planned, context);
    const sent = { ...planned, script: bytes.toString("base64") };
    const written = await base.update?.(api, id, prior, sent, context);
    return { id, ...written, attributes: md5Of(bytes) };
  },
  async restore(api, id, desired, context) {
    await base.restore?.(
      api,
      id,
      { ...desired, script: (await readScript(desired, context)).toString("base64") },
      context,
    );
  },
};
