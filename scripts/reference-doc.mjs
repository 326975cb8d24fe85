// Writes docs/reference/ from the built code: commands, compared fields, policies, report schemas
// and routes. `--check` compares instead of writing.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const built = createRequire(path.join(root, "dist", "src", "index.js"));
const cell = (text) =>
  String(text ?? "")
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
const code = (text) => `\`${cell(text)}\``;
const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`.replaceAll("|  |", "| |"))
    .join("\n");
const written = "Written from the source by `node scripts/reference-doc.mjs`.";

function commandsPage() {
  const { commands } = built("./cli/entries");
  const sections = commands.map(({ name, summary, load }) => {
    const command = load()({});
    return [
      `## ${name}`,
      describe(command, `lakeform ${name}`, summary),
      ...subcommands(command, `lakeform ${name}`),
    ].join("\n\n");
  });
  return `# Commands

${written} [Day-to-day commands](../commands.md) explains those for jobs, files, secrets and tokens.

Exit codes: 0 fine, 1 error, 2 the answer is no (drift, a failed run, a closed gate). stdout carries the result, stderr the progress.
\`lakeform --debug …\` also prints stack traces and redacted HTTP exchanges.

${sections.join("\n\n")}
`;
}

function subcommands(command, words) {
  return command.commands.flatMap((each) => {
    const name = `${words} ${each.name()}`;
    return [
      `### ${name.replace("lakeform ", "")}`,
      describe(each, name),
      ...subcommands(each, name),
    ];
  });
}

function describe(command, words, summary) {
  const parameters = command.registeredArguments.filter(({ description }) => description !== "");
  const options = command.options.filter(({ hidden }) => !hidden);
  const usage = command.commands.length > 0 ? "COMMAND" : command.usage();
  return [
    `${command.description() || summary}.`,
    `\`\`\`text\n${words} ${usage}\n\`\`\``,
    parameters.length > 0 &&
      table(
        ["argument", ""],
        parameters.map((each) => [code(each.name()), cell(each.description)]),
      ),
    options.length > 0 &&
      table(
        ["option", ""],
        options.map((each) => [code(each.flags), optionText(each)]),
      ),
    examplesOf(command),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function optionText({ description, argChoices, defaultValue, defaultValueDescription }) {
  const byDefault =
    defaultValueDescription ??
    (["string", "number"].includes(typeof defaultValue) && defaultValue !== ""
      ? String(defaultValue)
      : undefined);
  const text = cell(description).replaceAll("<", "\\<");
  return [
    text,
    argChoices && `one of ${argChoices.map(code).join(", ")}`,
    byDefault && `default: ${cell(byDefault)}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** The text after the options: exit codes and examples. */
function examplesOf(command) {
  const lines = [];
  command.emit("afterHelp", { command, error: false, write: (text) => lines.push(text) });
  const [before = "", examples] = lines
    .join("")
    .trim()
    .split(/^Examples?:\n?/m);
  return [before.trim(), examples && fenced(examples.trimEnd())].filter(Boolean).join("\n\n");
}

/** Commands are indented, sentences are not. */
function fenced(text) {
  return text
    .replaceAll(
      /(?:^ +\S.*\n?)+/gm,
      (block) => `\`\`\`sh\n${block.trimEnd().split("\n").map(exampleOf).join("\n")}\n\`\`\`\n`,
    )
    .trimEnd()
    .replaceAll(/(\S)\n```sh/g, "$1\n\n```sh");
}

/** What follows after two spaces explains the command. */
const exampleOf = (line) => line.trim().replace(/^(\S.*?\S) {2,}(?!#)(\S.*)$/, "$1  # $2");

function comparedFieldsPage() {
  const { kinds } = built("./resources");
  const { schemaOf } = built("./resources/shape/schema");
  const count = ({ attributes, blocks }) =>
    Object.keys(attributes ?? {}).length +
    Object.values(blocks ?? {}).reduce((sum, { block }) => sum + count(block), 0);
  const sections = kinds.map(({ type, title, rules }) => {
    const rows = [
      ...Object.entries(rules.backendDefaults).map(([field, { reason }]) => [
        field,
        "not set in the code: accepted",
        reason,
      ]),
      ...Object.entries(rules.keyed).map(([field, key]) => [
        field,
        key === "*" ? "compared as a set" : `compared by ${code(key)}`,
        "",
      ]),
      ...Object.keys(rules.equivalent ?? {}).map((field) => [
        field,
        "equivalent spellings are equal",
        "",
      ]),
      ...Object.entries(rules.onlyNew ?? {}).map(([field, reason]) => [
        field,
        "cannot be healed",
        reason,
      ]),
      ...Object.entries(rules.kept ?? {}).map(([field, remedy]) => [
        field,
        "cannot be cleared by healing",
        remedy,
      ]),
      ...Object.entries(rules.unverifiable).map(([field, reason]) => [
        field,
        "unverifiable",
        reason,
      ]),
      ...Object.entries(rules.configOnly).map(([field, reason]) => [field, "not compared", reason]),
    ];
    const same = groupBy(rows, ([, how, why]) => JSON.stringify([how, why]));
    const lines = [...same.values()].map((group) => [
      group.map(([field]) => code(field)).join(", "),
      group[0][1],
      cell(group[0][2]),
    ]);
    return `## ${type}

All fields of the schema (${count(schemaOf(type).block)}) of a ${title} are compared with what REST returns${rows.length === 0 ? "." : ", with these rules:"}

${rows.length === 0 ? "" : table(["fields", "rule", "why"], lines)}`;
  });
  return `# Compared fields

${written} The fields of each kind that [verify](../verify.md) compares. A field of the code that REST cannot return is
reported as unverifiable, never as a match. [The mutation matrix](../verify-matrix.md) tests that a change of any other field is found.

${sections.join("\n\n")}
`;
}

function policiesPage() {
  const { policies } = built("./review/policies/all");
  const rows = policies.map(({ id, title, severity, types }) => [
    `[${id}](../policies/${id}.md)`,
    severity,
    cell(title),
    (types ?? []).map(code).join(", "),
  ]);
  return `# Policies

${written} The [review](../review.md#policies) checks each of them; a profile changes severity and settings. Findings of the
[secret scan](../policies/secret-scan.md) have severity error.

${table(["policy", "severity", "", "checks"], rows)}
`;
}

function schemasPage() {
  const folder = path.join(root, "docs", "schemas");
  const sections = fs
    .readdirSync(folder)
    .sort()
    .map((file) => {
      const schema = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"));
      const objects = [["(document)", schema], ...Object.entries(schema.$defs ?? {})].filter(
        ([, { properties }]) => properties !== undefined,
      );
      return [
        `## ${file}`,
        `${schema.title}. ${schema.description ?? ""} [JSON Schema](../schemas/${file}).`,
        ...objects.flatMap(([name, { properties, required = [], description }]) => [
          `### ${file.replace(".schema.json", "")}: ${name}`,
          description ?? "",
          table(
            ["field", "type", ""],
            Object.entries(properties).map(([field, value]) => [
              code(field) + (required.includes(field) ? "" : " (optional)"),
              typeOf(value),
              cell(value.description).replaceAll("<", "\\<"),
            ]),
          ),
        ]),
      ].join("\n\n");
    });
  return `# Report schemas

${written} The JSON that \`--format json\` prints, and the scripts of outcomes that the local workspace reads.

${sections.join("\n\n")}
`;
}

function typeOf(value) {
  if (value.$ref !== undefined) return code(value.$ref.replace("#/$defs/", ""));
  if (value.const !== undefined) return code(JSON.stringify(value.const));
  if (value.enum !== undefined)
    return value.enum.map((each) => code(JSON.stringify(each))).join(", ");
  if (value.type === "array") return `list of ${typeOf(value.items ?? {})}`;
  const choices = value.oneOf ?? value.anyOf;
  if (choices !== undefined) return choices.map(typeOf).join(" or ");
  if (value.type === "object" && typeof value.additionalProperties === "object")
    return `map to ${typeOf(value.additionalProperties)}`;
  return Array.isArray(value.type) ? value.type.join(" or ") : (value.type ?? "any value");
}

async function routesPage() {
  const { Http } = built("./workspace/http");
  const { startWorkspace } = built("./workspace/server");
  const routes = new Map();
  const original = Http.prototype.route;
  Http.prototype.route = function (method, route, ...rest) {
    const [, version, api = route] = /^\/api\/(\d\.\d)(\/.*)$/.exec(route) ?? [];
    const key = `${method} ${api}`;
    routes.set(key, {
      method,
      api,
      versions: [...(routes.get(key)?.versions ?? []), ...(version === undefined ? [] : [version])],
    });
    return original.call(this, method, route, ...rest);
  };
  await (await startWorkspace()).close();
  Http.prototype.route = original;
  const groups = groupBy(routes.values(), groupOf);
  const sections = [...groups.keys()].sort().map((group) => {
    const rows = groups
      .get(group)
      .sort((a, b) => a.api.localeCompare(b.api) || a.method.localeCompare(b.method))
      .map(({ method, api, versions }) => [method, code(api), versions.sort().join(", ")]);
    return `## ${group}\n\n${table(["method", "path", "versions"], rows)}`;
  });
  return `# Routes of the local workspace

${written} The path of a route with versions starts with \`/api/<version>\`. Any other route is answered with 501 and names the route
([the local workspace](../workspace.md)).

${sections.join("\n\n")}
`;
}

function groupOf({ api, versions }) {
  const [, first = "", second = ""] = api.split("/");
  if (versions.length === 0 && first !== "_lakeform") return "web pages and sign-in";
  if (first === "_lakeform") return "control";
  return first === "unity-catalog" || first === "preview"
    ? `${first}/${second.replace(/^:.*/, "")}`
    : first;
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const pages = {
  "commands.md": commandsPage(),
  "compared-fields.md": comparedFieldsPage(),
  "policies.md": policiesPage(),
  "report-schemas.md": schemasPage(),
  "routes.md": await routesPage(),
};
const folder = path.join(root, "docs", "reference");
const stale = [];
for (const [name, text] of Object.entries(pages)) {
  const file = path.join(folder, name);
  if (!process.argv.includes("--check")) fs.writeFileSync(file, text);
  else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text)
    stale.push(`docs/reference/${name}`);
}
if (stale.length > 0) {
  console.error(
    `not what the source contains: ${stale.join(", ")}\n  fix: node scripts/reference-doc.mjs`,
  );
  process.exitCode = 1;
}
