import { reversed, runInOrder, orderOf } from "../../src/deploy/order";

/** Builds a stack from its references, folders and files. */
const stack = (
  name: string,
  uses: readonly string[] = [],
  paths: { folder?: string; file?: string } = {},
): Parameters<typeof orderOf>[0][number] => ({
  name,
  directory: "/nowhere/stacks/x",
  json: {
    data: {
      terraform_remote_state: Object.fromEntries(
        uses.map((usedName) => [`cross-stack-reference-input-${usedName}`, {}]),
      ),
    },
    resource: {
      ...(paths.folder !== undefined && { databricks_directory: { d: { path: paths.folder } } }),
      ...(paths.file !== undefined && { databricks_notebook: { n: { path: paths.file } } }),
    },
  },
});

async function recordRun(
  order: ReturnType<typeof orderOf>,
  failing: readonly string[] = [],
): Promise<{ done: string[]; maxRunning: number; failed: unknown }> {
  const finishedStacks: string[] = [];
  let [running, maxRunning] = [0, 0];
  const work = async (name: string): Promise<void> => {
    maxRunning = Math.max(maxRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (failing.includes(name)) throw new Error(name);
    finishedStacks.push(name);
  };
  const failure = await runInOrder(order, work).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { done: finishedStacks, maxRunning, failed: failure };
}

describe("the order of stacks", () => {
  test("follows the references, for any order of the given stacks; a destroy runs in reverse", async () => {
    const order = orderOf([stack("c", ["b"]), stack("b", ["a"]), stack("a")]);
    expect((await recordRun(order)).done).toEqual(["a", "b", "c"]);
    expect((await recordRun(reversed(order))).done).toEqual(["c", "b", "a"]);
  });

  test("runs independent stacks in parallel, four at a time", async () => {
    const order = orderOf([
      stack("platform"),
      ...Array.from({ length: 9 }, (_, index) => stack(`jobs${index}`, ["platform"])),
    ]);
    const { done, maxRunning: most } = await recordRun(order);
    expect(done[0]).toBe("platform");
    expect(done).toHaveLength(10);
    expect(most).toBe(4);
  });

  test("does not start stacks that depend on a failed one, and throws the failure", async () => {
    const { done, failed } = await recordRun(
      orderOf([stack("a"), stack("b", ["a"]), stack("c", ["b"])]),
      ["a"],
    );
    expect(done).toEqual([]);
    expect(failed).toEqual(new Error("a"));
  });

  test("puts a stack with a file in another stack's folder after that stack, without a reference", async () => {
    const [jobs, platform] = [
      stack("jobs", [], { file: "/Workspace/Shared/x/load" }),
      stack("platform", [], { folder: "/Shared/x" }),
    ];
    expect((await recordRun(reversed(orderOf([platform, jobs])))).done).toEqual([
      "jobs",
      "platform",
    ]);
    const reverseOrder = orderOf([jobs, stack("platform", ["jobs"], { folder: "/Shared/x" })]);
    expect((await recordRun(reverseOrder)).done).toEqual(["jobs", "platform"]);
  });

  test("reports a cycle, and ignores unselected stacks", () => {
    expect(() => orderOf([stack("a", ["b"]), stack("b", ["c"]), stack("c", ["a"])])).toThrow(
      expect.objectContaining({
        code: "STACK_CYCLE",
        details: expect.objectContaining({ value: "a -> b -> c -> a" }) as object,
      }) as Error,
    );
    expect(orderOf([stack("b", ["a"])])).toEqual(new Map([["b", new Set()]]));
  });
});
