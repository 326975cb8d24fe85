/**
 * Ctrl-C during an apply, with the real terraform: calls in flight are finished and saved, the rest
 * is not started.
 */
import path from "node:path";
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import type { JsonObject } from "../support/replay-format";
import { nothing, Stack } from "../support/stack";

let stack: Stack;
let samples: readonly Sample[];
beforeAll(async () => {
  stack = await Stack.open();
  // Clusters and warehouses are in errors.test.ts, since the provider waits for them.
  const waited = ["databricks_cluster", "databricks_sql_endpoint"];
  samples = everyKind(await prepare(stack)).filter(({ type }) => !waited.includes(type));
}, 60_000);
afterAll(() => stack.close());

/** A delay long enough for Terraform to receive the interrupt on any machine. */
const held = { delay_ms: 600_000 };
const begun = (): number =>
  stack.workspace.faults.list().reduce((sum, { fired }) => sum + fired, 0);
const interrupted = (
  args: readonly string[],
  due: () => boolean,
): Promise<{ code: number; output: string }> =>
  stack.directory.interrupted(
    [...args, "-auto-approve", "-input=false", "-no-color"],
    due,
    undefined,
    () => stack.workspace.faults.clear(),
  );
const addresses = (some: readonly Sample[]): string[] => some.map(({ type }) => `${type}.a`);

// The kinds are split in two halves: the client has fewer connections than there are kinds, and a
// waiting call has not started.
test.each([
  ["first half of the kinds", 0],
  ["second half of the kinds", 1],
])(
  "after an interrupt, creates in flight of every kind are completed and in the state, and dependent ones are not started: %s",
  async (_half, at) => {
    const half = samples.filter((_sample, index) => index % 2 === at);
    const known = at === 0 ? half : samples;
    const later = Object.fromEntries(
      [0, 1].slice(0, at + 1).map((item): [string, JsonObject] => {
        const before = samples.filter((_sample, index) => index % 2 === item);
        return [`later_${item}`, { path: `/Shared/later-${item}`, depends_on: addresses(before) }];
      }),
    );
    const resources = resourcesOf(known, ({ config }) => config) as Record<string, JsonObject>;
    stack.write({
      ...resources,
      databricks_directory: { ...resources["databricks_directory"], ...later },
    });
    for (const method of ["POST", "PUT", "PATCH"])
      stack.workspace.faults.add({ method, path: "/api/*", when: "before", ...held });
    const { code, output } = await interrupted(
      ["apply", "-parallelism=40"],
      () => begun() >= half.length,
    );
    expect(output).toContain("Interrupt received");
    expect(code).toBe(1);
    const saved = stack.directory.readState();
    const expected = [...addresses(known), ...(at === 0 ? [] : ["databricks_directory.later_0"])];
    expect(
      saved.flatMap(({ type, name, instances }) => instances.map(() => `${type}.${name}`)).sort(),
    ).toEqual(expected.sort());
    expect(saved.filter(({ instances }) => instances[0]?.status === "tainted")).toEqual([]);
    const { actions, errors } = await stack.apply();
    expect({ actions, errors }).toEqual({
      actions: { [`databricks_directory.later_${at}`]: "create" },
      errors: [],
    });
    expect(await stack.plan()).toEqual(nothing);
  },
  120_000,
);

test("the upload of a file stops after a block, and the file is tainted in the state", async () => {
  // A source file, since Terraform needs ten seconds of processor time for megabytes in
  // content_base64.
  stack.directory.write("large.bin", Buffer.alloc(2_500_000));
  const large = {
    databricks_dbfs_file: {
      large: { path: "/tmp/large", source: path.join(stack.directory.path, "large.bin") },
    },
  };
  const kept = resourcesOf(samples, ({ config }) => config) as Record<string, JsonObject>;
  stack.write({
    ...kept,
    databricks_dbfs_file: { ...kept["databricks_dbfs_file"], ...large.databricks_dbfs_file },
  });
  stack.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/dbfs/add-block",
    when: "after",
    ...held,
  });
  const { code, output } = await interrupted(
    ["apply", "-target=databricks_dbfs_file.large"],
    () => begun() > 0,
  );
  expect(code).toBe(1);
  expect(output).toContain("stopped before the file was sent completely");
  const saved = stack.directory
    .readState()
    .find(({ type, name }) => type === "databricks_dbfs_file" && name === "large");
  expect(saved?.instances[0]?.status).toBe("tainted");
}, 60_000);

test("an interrupted destroy removes deleted objects from the state, and keeps the rest", async () => {
  const before = Object.keys(stack.state());
  stack.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/delete",
    when: "after",
    ...held,
  });
  const targets = [
    "-target=databricks_directory.later_0",
    "-target=databricks_catalog.a",
    "-parallelism=1",
  ];
  const { code } = await interrupted(["destroy", ...targets], () => begun() > 0);
  expect(code).toBe(1);
  const gone = before.filter((address) => !(address in stack.state()));
  // Only the object whose call was in flight is deleted; Terraform chooses the order.
  expect(gone).toEqual([expect.stringMatching(/^databricks_directory\.later_[01]$/)]);
}, 60_000);
