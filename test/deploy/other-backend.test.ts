/**
 * Folders that Terraform initialized with another backend than the code has now.
 * test/state/serve.test.ts tests real backends.
 */
import fs from "node:fs";
import path from "node:path";
import { initializedElsewhere, leaveOldBackend } from "../../src/deploy/other-backend";
import type { DeployTarget } from "../../src/deploy/target";
import { readStackFolder } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

interface Case {
  readonly target: DeployTarget;
  readonly note: string;
  readonly file: (name: string, serial: number, lineage?: string) => void;
}

/** A stack with the given backend, in a folder where `terraform init` noted another one. */
function initializedStack(backend: object, noted: unknown): Case {
  const directory = makeFolder("other-backend");
  const lakeform = {
    version: 1,
    project: "p",
    environment: "dev",
    stack: "etl-dev",
    provider: "official",
    recordFolder: "/r",
  };
  fs.writeFileSync(
    path.join(directory, "cdk.tf.json"),
    JSON.stringify({ "//": { lakeform }, terraform: { backend } }),
  );
  const note = path.join(directory, ".terraform", "terraform.tfstate");
  fs.mkdirSync(path.dirname(note));
  fs.writeFileSync(
    note,
    typeof noted === "string" ? noted : JSON.stringify({ version: 3, backend: noted }),
  );
  const target = {
    stack: readStackFolder(directory),
    terraform: { directory, env: {}, mirror: undefined },
  } as unknown as DeployTarget;
  const resources = [{ mode: "managed", type: "databricks_directory", name: "a", instances: [] }];
  const file = (name: string, serial: number, lineage = "l"): void =>
    fs.writeFileSync(
      path.join(directory, name),
      `${JSON.stringify({ version: 4, serial, lineage, outputs: {}, resources })}\n`,
    );
  return { target, note, file };
}

const local = (name: string): object => ({ local: { path: name } });
const notedBackend = (name: string): object => ({
  type: "local",
  config: { path: name, workspace_dir: null },
});

test.each([
  ["an equal backend", local("a"), notedBackend("a"), undefined],
  ["another file", local("b"), notedBackend("a"), "local"],
  [
    "an S3 backend with unset settings",
    { s3: { bucket: "b", encrypt: true } },
    { type: "s3", config: { bucket: "b", encrypt: true, key: null } },
    undefined,
  ],
  ["another bucket", { s3: { bucket: "c" } }, { type: "s3", config: { bucket: "b" } }, "s3"],
  [
    "a backend with blocks, which Terraform compares",
    { s3: { bucket: "b", assume_role: { role_arn: "r" } } },
    { type: "s3", config: { bucket: "b", assume_role: [{ role_arn: "r" }] } },
    undefined,
  ],
  [
    "the workspace, whose address is in the environment",
    local("a"),
    { type: "http", config: { address: null, username: "etl-dev" } },
    "workspace",
  ],
  ["a note that was truncated by a kill", local("a"), '{"version":3,"back', undefined],
])(
  "the backend with which a folder was initialized is compared with the code: %s",
  (_, backend, noted, kind) => {
    expect(
      initializedElsewhere(initializedStack(backend, noted).target)?.metadata.profileSettings?.[
        "backend"
      ],
    ).toBe(kind);
  },
);

test("Terraform initializes the new backend if the old one has no state, or no newer one", async () => {
  const empty = initializedStack(local("new"), notedBackend("old"));
  await leaveOldBackend(empty.target);
  expect(fs.existsSync(empty.note)).toBe(false);
  const destroyedStack = initializedStack(local("new"), notedBackend("old"));
  const oldState = path.join(path.dirname(path.dirname(destroyedStack.note)), "old");
  fs.writeFileSync(
    oldState,
    JSON.stringify({ version: 4, serial: 4, lineage: "l", outputs: {}, resources: [] }),
  );
  await leaveOldBackend(destroyedStack.target);
  expect(fs.existsSync(destroyedStack.note)).toBe(false);
  const movedStack = initializedStack(local("new"), notedBackend("old"));
  movedStack.file("old", 3);
  movedStack.file("new", 3);
  await leaveOldBackend(movedStack.target);
  expect(fs.existsSync(movedStack.note)).toBe(false);
});

test.each([
  ["none", undefined, ""],
  ["serial 2", 2, "l"],
  ["serial 9 of another lineage", 9, "other"],
])(
  "a command is rejected if the old backend has a state, and the new one has: %s",
  async (expectedResult, serial, lineage) => {
    const { target, note, file } = initializedStack(local("new"), notedBackend("old"));
    file("old", 3);
    if (serial !== undefined) file("new", serial, lineage);
    await expect(leaveOldBackend(target)).rejects.toMatchObject({
      code: "BACKEND_CHANGED",
      details: {
        value: `settings of local; state in the old one: serial 3; in the new one: ${expectedResult}`,
      },
    });
    expect(fs.existsSync(note)).toBe(true);
  },
);
