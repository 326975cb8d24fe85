const { contentOrder, importable } = require("./scripts/import-order.cjs");

/** Files directly in src that every folder of src may import. */
const shared =
  "(code-cache|defined|errors|exact-json|interrupt|list-examples|mask|module-cache|package-versions|page-style|printable|private-files|processes|secret-search|secret-shapes|suggestion|terraform-workspace|text-diff)\\.ts$";

const forbidden = [
  {
    name: "no-circular",
    comment: "types included",
    severity: "error",
    from: {},
    to: { circular: true },
  },
  { name: "no-orphan-import", severity: "error", from: {}, to: { couldNotResolve: true } },
  {
    name: "constructs-stand-alone",
    comment:
      "users import the constructs: of src they bring only types, and files that import nothing of the project except each other",
    severity: "error",
    from: { path: "^constructs/" },
    to: {
      path: "^(src|stacks|test)/",
      pathNot: "^src/(defined|module-cache|package-versions|terraform/metadata)\\.ts$",
    },
  },
  {
    name: "only-bindings-names-cdktf",
    comment: "cdktf and the bindings are named in one file, so that a move to cdktn is one file",
    severity: "error",
    from: { path: "^(constructs|stacks|src)/", pathNot: "^constructs/core/bindings\\.ts$" },
    to: { path: "node_modules/(cdktf|@cdktf)/" },
  },
  {
    name: "constructs-take-types-only",
    severity: "error",
    from: { path: "^constructs/" },
    to: {
      path: "^src/",
      pathNot: "^src/(defined|module-cache|package-versions)\\.ts$",
      dependencyTypesNot: ["type-only"],
    },
  },
  {
    name: "stacks-import-constructs",
    severity: "error",
    from: { path: "^stacks/" },
    to: { path: "^(src|test)/" },
  },
  {
    name: "src-never-imports-constructs",
    severity: "error",
    from: { path: "^src/" },
    to: { path: "^(constructs|stacks|test)/" },
  },
  {
    name: "workspace-takes-wire-types-only",
    comment: "workspace and clients meet only over HTTP",
    severity: "error",
    from: { path: "^src/workspace/" },
    to: { path: "^src/api/", dependencyTypesNot: ["type-only"] },
  },
];
for (const [folder, allowed] of Object.entries(importable)) {
  const own = folder === "workspace" ? ["workspace", "api"] : [folder, ...allowed];
  forbidden.push({
    name: `${folder}-imports`,
    severity: "error",
    from: { path: `^src/${folder}/` },
    to: {
      path: "^src/",
      pathNot: `^src/((${own.join("|")})/|${shared})`,
    },
  });
}
for (const [folder, entries] of Object.entries(contentOrder)) {
  entries.forEach((entry, position) => {
    const pattern = (name) => (name.endsWith(".ts") ? name.replace(".", "\\.") : `${name}/`);
    forbidden.push({
      name: `${folder}-${entry}-order`,
      comment: `in src/${folder}, each entry imports only those before it: ${entries.join(", ")}`,
      severity: "error",
      from: { path: `^src/${folder}/${pattern(entry)}` },
      to: {
        path: `^src/${folder}/`,
        pathNot: `^src/${folder}/(${entries
          .slice(0, position + 1)
          .map(pattern)
          .join("|")})`,
      },
    });
  });
  forbidden.push({
    name: `${folder}-is-listed`,
    comment: "every file of a large folder is in `contentOrder`, or in a subfolder listed there",
    severity: "error",
    from: {},
    to: {
      path: `^src/${folder}/`,
      pathNot: `^src/${folder}/(${entries.map((name) => (name.endsWith(".ts") ? name.replace(".", "\\.") : `${name}/`)).join("|")})`,
    },
  });
}
forbidden.push({
  name: "execution-stands-in-workspace",
  comment: "real execution of notebooks uses the workspace's jobs and blobs, and nothing else",
  severity: "error",
  from: { path: "^src/workspace/execution/" },
  to: { path: "^src/", pathNot: `^src/(workspace/|${shared})` },
});
forbidden.push({
  name: "stack-order-reads-synth-only",
  comment: "the order of stacks comes from their synthesized references",
  severity: "error",
  from: { path: "^src/deploy/order\\.ts$" },
  to: { path: "^src/", pathNot: `^src/(terraform/|${shared})` },
});
module.exports = {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    // No tsConfig: there are no path aliases, and with it the package "constructs" would be taken
    // for the folder of that name.
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
