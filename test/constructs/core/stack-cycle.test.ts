import {
  buildAndSynth,
  ClusterPolicy,
  ClusterSize,
  NodeType,
  NotebookTask,
  PolicyRule,
  SparkVersion,
  Workflow,
  WorkspaceStack,
  type App,
} from "../../../constructs";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

const environment = { name: "dev", values: {} };
const definition = { "custom_tags.team": PolicyRule.fixed("data") };

/** Adds a job whose cluster uses a policy of another stack. */
function addJobWithPolicy(stack: WorkspaceStack, policy: ClusterPolicy): void {
  const job = new Workflow(stack, "user", { name: "user" });
  const on = job.addJobCluster("main", {
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("Standard_DS3_v2"),
    size: ClusterSize.fixed(1),
    customTags: { team: "data" },
    policy,
  });
  job.addTask("load", { run: NotebookTask.at("/Shared/load"), on });
}

/** Builds stacks that each use a policy of the next one; the last stack uses one of the first. */
function circle(names: readonly string[]): (app: App) => void {
  return (app) => {
    const stacks = names.map(
      (name) => new WorkspaceStack(app, name, { project: "circle", environment }),
    );
    const policies = stacks.map(
      (stack) => new ClusterPolicy(stack, "owned", { name: "owned", definition }),
    );
    stacks.forEach((stack, index) => {
      const policy = policies[(index + 1) % policies.length];
      if (policy !== undefined) addJobWithPolicy(stack, policy);
    });
  };
}

describe("stacks that use each other in a circle", () => {
  test.each([[["a", "b"]], [["a", "b", "c"]]])(
    "are rejected at synth with the constructs involved: %s",
    (names) => {
      const synth = (): unknown => buildAndSynth(circle(names), { outdir: makeFolder("circle") });
      expect(synth).toThrow(expect.objectContaining({ code: "STACK_CYCLE" }) as Error);
      for (const [index, name] of names.entries()) {
        const next = names[(index + 1) % names.length] ?? "";
        const value = expect.stringContaining(`${name}-dev/user uses ${next}-dev`) as string;
        const details = expect.objectContaining({ value }) as object;
        expect(synth).toThrow(expect.objectContaining({ details }) as Error);
      }
    },
  );

  test("do not include a chain of stacks, which is accepted", () => {
    const chain = (app: App): void => {
      const first = new WorkspaceStack(app, "a", { project: "circle", environment });
      const second = new WorkspaceStack(app, "b", { project: "circle", environment });
      addJobWithPolicy(second, new ClusterPolicy(first, "owned", { name: "owned", definition }));
    };
    expect(() => buildAndSynth(chain, { outdir: makeFolder("chain") })).not.toThrow();
  });
});
