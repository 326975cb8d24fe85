/**
 * Ctrl-C during an apply, with the real terraform: calls in flight are finished and saved, the rest
 * is not started.
 */
import path from "node:path";
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import type { JsonObject } from "../support/replay-format";
import { noChanges, Stack } from "../support/stack";

let stack: Stack;
let samples: readonly Sample[];
beforeAll(async () => {
  stack = await Stack.open();
  // A starting cluster is in errors.long.test.ts, since the provider waits for them.
  const slowTypes = ["databricks_cluster", "databricks_sql_endpoint"];
  samples = everyKind(await prepare(stack)).filter(({ type }) => !slowTypes.includes(type));
}, 60_000);
afterAll(() => stack.close());

/** A delay long enough for Terraform to receive the interrupt on any machine. */
const longDelay = { delay_ms: 600_000 };
const countStartedCalls = (): number =>
  stack.workspace.faults.list().reduce((sum, { fired }) => sum + fired, 0);
const applyInterrupted = (
  args: readonly string[],
  isDue: () => boolean,
): Promise<{ code: number; output: string }> =>
  stack.directory.runInterrupted(
    [...args, "-auto-approve", "-input=false", "-no-color"],
    isDue,
    undefined,
    () => stack.workspace.faults.clear(),
  );
const addresses = (selected: readonly Sample[]): string[] =>
  selected.map(({ type }) => `${type}.a`);

// The kinds are split in two halves: the client has fewer connections than there are kinds, and a
// waiting call has not started.
test.each([
  ["first half of the kinds", 0],
  ["second half of the kinds", 1],
])(
  "after an interrupt, creates in flight of every kind are completed and in the state, and dependent ones are not started: %s",
  async (_half, offset) => {
    const half = samples.filter((_sample, index) => index % 2 === offset);
    const deployed = offset === 0 ? half : samples;
    const dependent = Object.fromEntries(
      [0, 1].slice(0, offset + 1).map((item): [string, JsonObject] => {
        const dependencies = samples.filter((_sample, index) => index % 2 === item);
        return [
          `later_${item}`,
          { path: `/Shared/later-${item}`, depends_on: addresses(dependencies) },
        ];
      }),
    );
    const resources = resourcesOf(deployed, ({ config }) => config) as Record<string, JsonObject>;
    stack.write({
      ...resources,
      databricks_directory: { ...resources["databricks_directory"], ...dependent },
    });
    for (const method of ["POST", "PUT", "PATCH"])
      stack.workspace.faults.add({ method, path: "/api/*", when: "before", ...longDelay });
    const { code, output } = await applyInterrupted(
      ["apply", "-parallelism=40"],
      () => countStartedCalls() >= half.length,
    );
    expect(output).toContain("Interrupt received");
    expect(code).toBe(1);
    const savedState = stack.directory.readState();
    const expected = [
      ...addresses(deployed),
      ...(offset === 0 ? [] : ["databricks_directory.later_0"]),
    ];
    expect(
      savedState
        .flatMap(({ type, name, instances }) => instances.map(() => `${type}.${name}`))
        .sort(),
    ).toEqual(expected.sort());
    expect(savedState.filter(({ instances }) => instances[0]?.status === "tainted")).toEqual([]);
    const { actions, errors } = await stack.apply();
    expect({ actions, errors }).toEqual({
      actions: { [`databricks_directory.later_${offset}`]: "create" },
      errors: [],
    });
    expect(await stack.plan()).toEqual(noChanges);
  },
  120_000,
);

test("the upload of a file stops after a block, and the file is tainted in the state", async () => {
  // A source file, since Terraform needs ten seconds of processor time for megabytes in
  // content_base64.
  stack.directory.write("large.bin", Buffer.alloc(2_500_000));
  const largeFile = {
    databricks_dbfs_file: {
      large: { path: "/tmp/large", source: path.join(stack.directory.path, "large.bin") },
    },
  };
  const resources = resourcesOf(samples, ({ config }) => config) as Record<string, JsonObject>;
  stack.write({
    ...resources,
    databricks_dbfs_file: {
      ...resources["databricks_dbfs_file"],
      ...largeFile.databricks_dbfs_file,
    },
  });
  stack.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/dbfs/add-block",
    when: "after",
    ...longDelay,
  });
  const { code, output } = await applyInterrupted(
    ["apply", "-target=databricks_dbfs_file.large"],
    () => countStartedCalls() > 0,
  );
  expect(code).toBe(1);
  expect(output).toContain("stopped before the file was sent completely");
  const savedFile = stack.directory
    .readState()
    .find(({ type, name }) => type === "databricks_dbfs_file" && name === "large");
  expect(savedFile?.instances[0]?.status).toBe("tainted");
}, 60_000);

test("an interrupted destroy removes deleted objects from the state, and keeps the rest", async () => {
  const addressesBefore = Object.keys(stack.state());
  stack.workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/delete",
    when: "after",
    ...longDelay,
  });
  const targets = [
    "-target=databricks_directory.later_0",
    "-target=databricks_catalog.a",
    "-parallelism=1",
  ];
  const { code } = await applyInterrupted(["destroy", ...targets], () => countStartedCalls() > 0);
  expect(code).toBe(1);
  const deleted = addressesBefore.filter((address) => !(address in stack.state()));
  // Only the object whose call was in flight is deleted; Terraform chooses the order.
  expect(deleted).toEqual([expect.stringMatching(/^databricks_directory\.later_[01]$/)]);
}, 60_000);
