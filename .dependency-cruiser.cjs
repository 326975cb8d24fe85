// design: which room may import which. Everything in src may use src/errors.ts and src/processes.ts.
const rooms = {
  api: [],
  resources: ["api"],
  provider: ["resources", "api"],
  workspace: [],
  terraform: [],
  verify: ["resources", "api", "terraform"],
  review: ["verify", "resources", "terraform"],
  deploy: ["review", "verify", "resources", "terraform", "api"],
  promote: ["deploy", "review", "verify", "terraform", "api"],
  run: ["api"],
  testing: ["workspace", "deploy", "verify"],
};
const forbidden = [
  { name: "no-circular", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
  { name: "no-orphan-import", severity: "error", from: {}, to: { couldNotResolve: true } },
  {
    name: "constructs-stand-alone",
    comment: "users import the constructs: they bring nothing of src with them",
    severity: "error",
    from: { path: "^constructs/" },
    to: { path: "^(src|stacks|test)/" },
  },
  {
    name: "only-bindings-names-cdktf",
    comment: "cdktf and the bindings are named in one file, so that a move to cdktn is one file",
    severity: "error",
    from: { path: "^(constructs|stacks|src)/", pathNot: "^constructs/core/bindings\\.ts$" },
    to: { path: "node_modules/(cdktf|@cdktf)/" },
  },
  { name: "stacks-import-constructs", severity: "error", from: { path: "^stacks/" }, to: { path: "^(src|test)/" } },
  { name: "src-never-imports-constructs", severity: "error", from: { path: "^src/" }, to: { path: "^(constructs|stacks|test)/" } },
  {
    name: "workspace-takes-wire-types-only",
    comment: "workspace and clients meet only over HTTP",
    severity: "error",
    from: { path: "^src/workspace/" },
    to: { path: "^src/api/", dependencyTypesNot: ["type-only"] },
  },
];
for (const [room, allowed] of Object.entries(rooms)) {
  const own = room === "workspace" ? ["workspace", "api"] : [room, ...allowed];
  forbidden.push({
    name: `${room}-imports`,
    severity: "error",
    from: { path: `^src/${room}/` },
    to: { path: "^src/", pathNot: `^src/((${own.join("|")})/|(errors|processes)\\.ts$)` },
  });
}
module.exports = {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    // No tsConfig: there are no path aliases, and with it the package "constructs" would be taken for the folder of that name.
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
