import {
  App,
  ClusterSize,
  Content,
  NodeType,
  Notebook,
  NotebookTask,
  SecretScope,
  SecretValue,
  SparkVersion,
  Workflow,
  WorkspaceStack,
} from "../../constructs";
import { matchers, startWorkspace, type TestWorkspace } from "../../src/testing";

expect.extend(matchers);

class Nightly extends WorkspaceStack {
  readonly workflow: Workflow;
  constructor(app: App, keys = ["b", "c", "d", "e"]) {
    super(app, "nightly", {
      project: "testing",
      environment: { name: "local", provider: "embedded", values: {} },
    });
    const secrets = new SecretScope(this, "secrets", { name: "nightly" });
    secrets.addSecret("key", SecretValue.fromEnvironment("NIGHTLY_KEY"));
    const notebook = new Notebook(this, "load", {
      path: "/Shared/load",
      content: Content.file("stacks/notebooks/ingest_raw_data.py"),
    });
    this.workflow = new Workflow(this, "workflow", { name: "nightly" });
    const shared = this.workflow.addJobCluster("shared", {
      sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(1),
    });
    let last = this.workflow.addTask("a", { run: NotebookTask.of(notebook), on: shared });
    for (const key of keys)
      last = this.workflow.addTask(key, {
        run: NotebookTask.of(notebook),
        on: shared,
        after: [last],
      });
  }
}

describe("lakeform/testing", () => {
  test("creates the same objects by REST as by Terraform, and updates them at the next deploy", async () => {
    const writeCalls = (calls: ReturnType<TestWorkspace["calls"]>) =>
      calls
        .filter(
          ({ method, path: route }) =>
            !["GET", "HEAD"].includes(method) && route.startsWith("/api/"),
        )
        .map(({ method, path: route, body }) => JSON.stringify([method, route, body]))
        .sort();
    const [restWorkspace, terraformWorkspace] = [await startWorkspace(), await startWorkspace()];
    try {
      const restDeploy = await restWorkspace.deploy(new Nightly(new App()));
      const terraformDeploy = await terraformWorkspace.deploy(new Nightly(new App()), {
        terraform: true,
      });
      expect(writeCalls(restWorkspace.calls())).toEqual(writeCalls(terraformWorkspace.calls()));
      expect(await restDeploy.verify()).toBeVerified();
      expect(await terraformDeploy.verify()).toBeVerified();
      const lastSequence = restWorkspace.calls().at(-1)?.sequence ?? 0;
      const secondDeploy = await restWorkspace.deploy(new Nightly(new App(), ["b", "d"]));
      expect(
        restWorkspace.calls({ after: lastSequence }).filter(({ method }) => method !== "GET"),
      ).toMatchObject([{ path: "/api/2.2/jobs/reset" }]);
      expect(await secondDeploy.verify()).toBeVerified();
      // Even without Terraform for the first deploy, a later one must not create the objects again.
      await restWorkspace.deploy(new Nightly(new App(), ["b", "d"]), { terraform: false });
      expect(Object.keys((await restWorkspace.run("nightly")).tasks)).toEqual(["a", "b", "d"]);
    } finally {
      await restWorkspace.close();
      await terraformWorkspace.close();
    }
  });
});
