/**
 * Interrupted creates with the real terraform, for the kinds of more-kinds.ts: Ctrl-C while a
 * create is in flight, and a provider killed after it took effect. The other kinds are in
 * interrupt.long.test.ts and lost-answers.long.test.ts.
 */
import { childrenOf } from "../support/children";
import { resourcesOf, prepare, type Sample } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import { longScale } from "../support/scale";
import { noChanges, Stack } from "../support/stack";

let stack: Stack;
let samples: readonly Sample[];
beforeAll(async () => {
  stack = await Stack.open();
  await prepare(stack);
  samples = moreKinds(await prepareMore(stack)).filter(({ type }) => !(type in kindsOfOtherTests));
}, 60_000);
afterAll(() => stack.close());

const kindsOfOtherTests: Readonly<Record<string, string>> = {
  databricks_dashboard: "makes its folder first: its create has not begun when the others have",
  databricks_obo_token: "nothing identifies one whose answer was lost (docs/reliability.md)",
  databricks_service_principal_secret: "as a token on behalf",
};

const countStarted = (): number =>
  stack.workspace.faults.list().reduce((sum, { fired }) => sum + fired, 0);
const addresses = (selected: readonly Sample[]): string[] =>
  selected.map(({ type }) => `${type}.a`).sort();

/**
 * Applies these kinds with writes that do not respond, and interrupts the apply when all writes
 * have started.
 */
async function applyDisturbed(
  selected: readonly Sample[],
  when: "before" | "after",
  disturb?: (terraform: number) => void,
): Promise<string> {
  stack.write(resourcesOf(selected, ({ config }) => config));
  for (const method of ["POST", "PUT", "PATCH"])
    stack.workspace.faults.add({ method, path: "/api/*", when, delay_ms: 600_000 });
  const args = ["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=40"];
  const { code, output } = await stack.directory.runInterrupted(
    args,
    () => countStarted() >= selected.length,
    disturb,
    () => stack.workspace.faults.clear(),
  );
  expect(code).toBe(1);
  stack.workspace.faults.clear();
  return output;
}

// The kinds are split into thirds, because the client has fewer connections than there are kinds,
// and a create that waits for a connection has not started.
describe.each(longScale < 0.5 ? [1] : [1, 2, 3])("objects of the kinds (part %d of 3)", (part) => {
  const selectPart = (): Sample[] => samples.filter((_sample, index) => index % 3 === part - 1);

  test("are finished and in the state after Ctrl-C while their creates are in flight", async () => {
    expect(await applyDisturbed(selectPart(), "before")).toContain("Interrupt received");
    expect(Object.keys(stack.state()).sort()).toEqual(addresses(selectPart()));
    expect(
      stack.directory.readState().filter(({ instances }) => instances[0]?.status === "tainted"),
    ).toEqual([]);
    expect(await stack.plan()).toEqual(noChanges);
    expect(await stack.terraform("destroy", "-auto-approve")).toMatchObject({
      code: 0,
      errors: [],
    });
  }, 120_000);

  test("are adopted by the next apply if the provider is killed after their creates took effect", async () => {
    // A call counts as started before it takes effect.
    await applyDisturbed(selectPart(), "after", (terraform) => {
      setTimeout(() => {
        for (const pid of childrenOf(terraform)) process.kill(pid, "SIGKILL");
      }, 500);
    });
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(Object.keys(stack.state()).sort()).toEqual(addresses(selectPart()));
    expect(await stack.plan()).toEqual(noChanges);
    expect(await stack.terraform("destroy", "-auto-approve")).toMatchObject({
      code: 0,
      errors: [],
    });
  }, 120_000);
});
