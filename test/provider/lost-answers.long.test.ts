/**
 * The connection breaks after the creates of every kind took effect, with the real terraform: no
 * object is created twice or missing in the state.
 */
import fs from "node:fs";
import path from "node:path";
import { unlessMissing } from "../../src/terraform/state-file";
import { childrenOf } from "../support/children";
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import { noChanges, Stack } from "../support/stack";

let stack: Stack;
let samples: readonly Sample[];
beforeAll(async () => {
  stack = await Stack.open("Terraform's own");
  samples = everyKind(await prepare(stack));
}, 60_000);
afterAll(() => stack.close());

/** The create calls, each of which loses its first response. */
const creates: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/api/2.2/jobs/create"],
  ["POST", "/api/2.1/clusters/create"],
  ["POST", "/api/2.0/policies/clusters/create"],
  ["POST", "/api/2.0/instance-pools/create"],
  ["POST", "/api/2.0/libraries/install"],
  ["POST", "/api/2.0/secrets/scopes/create"],
  ["POST", "/api/2.0/secrets/put"],
  ["POST", "/api/2.0/secrets/acls/put"],
  ["POST", "/api/2.0/dbfs/create"],
  ["PUT", "/api/2.0/fs/files/*"],
  ["POST", "/api/2.0/workspace/import"],
  ["POST", "/api/2.0/workspace/mkdirs"],
  ["POST", "/api/2.0/sql/warehouses"],
  ["POST", "/api/2.1/unity-catalog/catalogs"],
  ["POST", "/api/2.1/unity-catalog/schemas"],
  ["POST", "/api/2.1/unity-catalog/volumes"],
  ["PATCH", "/api/2.1/unity-catalog/permissions/*"],
  ["PUT", "/api/2.0/permissions/*"],
  ["POST", "/api/2.0/repos"],
  ["POST", "/api/2.0/git-credentials"],
];

const count = async (
  path: string,
  list: string,
  isOwn: (item: Record<string, unknown>) => boolean,
): Promise<number> =>
  (((await stack.call("GET", path))[list] ?? []) as Record<string, unknown>[]).filter(isOwn).length;

/** Counts the objects of samples that could have been created twice. */
async function countObjects(): Promise<Record<string, number>> {
  const isSampleIn = (field: string) => (item: Record<string, unknown>) => item[field] === "sample";
  return {
    jobs: await count("/api/2.2/jobs/list?name=sample", "jobs", () => true),
    clusters: await count("/api/2.1/clusters/list", "clusters", isSampleIn("cluster_name")),
    policies: await count("/api/2.0/policies/clusters/list", "policies", isSampleIn("name")),
    pools: await count(
      "/api/2.0/instance-pools/list",
      "instance_pools",
      isSampleIn("instance_pool_name"),
    ),
    warehouses: await count("/api/2.0/sql/warehouses", "warehouses", isSampleIn("name")),
    repos: await count("/api/2.0/repos", "repos", () => true),
    credentials: await count("/api/2.0/git-credentials", "credentials", () => true),
    tokens: await count("/api/2.0/token/list", "token_infos", isSampleIn("comment")),
  };
}
const oneOfEach = {
  jobs: 1,
  clusters: 1,
  policies: 1,
  pools: 1,
  warehouses: 1,
  repos: 1,
  credentials: 1,
};

test("after lost responses, each object except tokens exists once in the state and once in the workspace, and the next plan is empty", async () => {
  const created = samples.filter(({ type }) => type !== "databricks_token");
  stack.write(resourcesOf(created, ({ config }) => config));
  const faults = creates.map(
    ([method, path]) =>
      stack.workspace.faults.add({ method, path, nth: 1, when: "after", drop: true }).id,
  );
  const { errors } = await stack.apply();
  expect(errors).toEqual([]);
  const firedFaults = stack.workspace.faults.list().filter((fault) => fault.fired > 0);
  expect(firedFaults.map(({ id }) => id)).toEqual(faults);
  stack.workspace.faults.clear();
  expect(Object.keys(stack.state()).sort()).toEqual(created.map(({ type }) => `${type}.a`).sort());
  expect(await stack.plan()).toEqual(noChanges);
  expect(await countObjects()).toEqual({ ...oneOfEach, tokens: 0 });
}, 180_000);

const sendSignal = (pid: number, name: NodeJS.Signals): void => void process.kill(pid, name);
/**
 * Parses the process's fields after its name, which is in brackets and can contain any character.
 */
const isStopped = (pid: number): boolean =>
  /^.*\) T /s.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
function isStateComplete(): boolean {
  try {
    stack.state();
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
/** The provider's notes about creates that Terraform has not confirmed. */
function readNotes(): { id?: string }[] {
  const folder = path.join(stack.directory.path, ".cache", "lakeform", "pending");
  // A note that is being written has another name, and a confirmed one may be removed at any
  // moment.
  const noteFiles = fs.readdirSync(folder).filter((name) => !name.endsWith(".tmp"));
  const texts = noteFiles.map((name) =>
    unlessMissing(() => fs.readFileSync(path.join(folder, name), "utf8")),
  );
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as { id?: string }]));
}

/**
 * Applies all samples, and interrupts when many creates have taken effect and their responses are
 * delayed.
 */
async function applyDisturbed(
  disturb: (terraform: number) => void,
): Promise<{ code: number; output: string }> {
  await stack.terraform("destroy", "-auto-approve");
  stack.write(resourcesOf(samples, ({ config }) => config));
  const delayed = { when: "after", delay_ms: 600_000 };
  for (const [method, path] of [...creates, ["POST", "/api/2.0/token/create"]])
    stack.workspace.faults.add({ method, path, ...delayed });
  const countStarted = (): number =>
    stack.workspace.faults.list().filter(({ fired }) => fired > 0).length;
  // One create is in flight for each connection.
  return stack.directory.runInterrupted(
    ["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=40"],
    () => countStarted() >= 15,
    disturb,
  );
}

async function expectNoDuplicates(): Promise<void> {
  const { errors } = await stack.apply();
  expect(errors).toEqual([]);
  expect(await stack.plan()).toEqual(noChanges);
  expect(await countObjects()).toEqual({ ...oneOfEach, tokens: 1 });
  expect(readNotes()).toEqual([]);
}

test("terraform reports a provider that is killed during an apply, and the next apply creates nothing twice", async () => {
  const { code, output } = await applyDisturbed((terraform) => {
    const providers = childrenOf(terraform);
    // The change in the workspace is complete, because the fault is counted after it.
    setTimeout(() => providers.forEach((pid) => sendSignal(pid, "SIGKILL")), 500);
  });
  expect(code).toBe(1);
  expect(output).toContain("plugin");
  stack.workspace.faults.clear();
  await expectNoDuplicates();
}, 180_000);

test("the next apply creates nothing twice if Terraform is killed before it saves the provider's response", async () => {
  let answeredCount = 0;
  await applyDisturbed((terraform) => {
    // Terraform receives no more responses.
    sendSignal(terraform, "SIGSTOP");
    let isStopping = false;
    const timer = setInterval(() => {
      if (!isStopping) {
        if (!isStopped(terraform)) return;
        if (!isStateComplete()) {
          // A kill while the file is written is a different case.
          sendSignal(terraform, "SIGCONT");
          setTimeout(() => sendSignal(terraform, "SIGSTOP"), 20);
          return;
        }
        isStopping = true;
        stack.workspace.faults.clear();
      }
      if (readNotes().some(({ id }) => id === undefined)) return;
      clearInterval(timer);
      answeredCount = readNotes().length;
      sendSignal(terraform, "SIGKILL");
    }, 50);
  });
  expect(answeredCount).toBeGreaterThan(3);
  expect(stack.state()).toEqual({});
  await expectNoDuplicates();
}, 180_000);
