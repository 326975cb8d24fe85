// The folders of src that each folder may import. All may import the files directly in src.
const importable = {
  api: [],
  resources: ["api"],
  provider: ["resources", "api"],
  workspace: [],
  terraform: [],
  state: ["api", "terraform"],
  verify: ["resources", "api", "terraform"],
  review: ["verify", "resources", "terraform"],
  deploy: ["review", "verify", "state", "resources", "terraform", "api"],
  promote: ["deploy", "review", "verify", "state", "terraform", "api"],
  adopt: ["api", "resources", "terraform", "verify"],
  run: ["api"],
  testing: ["workspace", "deploy", "run", "verify", "resources", "terraform", "api"],
};
// The content of the large folders, in the order in which data passes through it. A subfolder or
// file may import only itself and the entries before it.
const contentOrder = {
  api: ["client.ts", "transport", "auth", "families", "index.ts"],
  resources: ["kind.ts", "schema", "shape", "families", "kinds", "data", "index.ts", "cut"],
  verify: [
    "input.ts",
    "plural.ts",
    "expressions",
    "redactor.ts",
    "model.ts",
    "fields",
    "deployed",
    "target.ts",
    "desired",
    "remote",
    "compare",
    "unmanaged",
    "display.ts",
    "report",
    "options.ts",
    "merge.ts",
    "verify.ts",
    "index.ts",
  ],
  review: [
    "model.ts",
    "plan",
    "secrets",
    "changes",
    "flags",
    "policies",
    "render",
    "approval",
    "stack-notes.ts",
    "stack-review.ts",
    "review.ts",
    "revisions",
    "index.ts",
  ],
};

module.exports = { importable, contentOrder };
