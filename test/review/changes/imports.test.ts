import {
  renderHtml,
  renderMarkdown,
  renderText,
  review,
  type Artifact,
  type Review,
} from "../../../src/review";
import { sha256 } from "../../../src/review/plan/json";
import { planOf, stackOf, type Planned } from "../plans";

type Values = Readonly<Record<string, unknown>>;
const address = "databricks_job.etl";

/** Returns the review of a plan that imports all resources. */
function reviewImports(
  resources: readonly Planned[],
  artifacts: ReadonlyMap<string, Artifact> = new Map(),
): Review {
  const plan = planOf(resources) as { resource_changes: { change: Values }[] };
  const changes = plan.resource_changes.map((resourceChange) => ({
    ...resourceChange,
    change: { ...resourceChange.change, importing: { id: "1" } },
  }));
  const imports = resources.map(({ type, name }) => ({ to: `${type}.${name}`, id: "1" }));
  const stack = { ...stackOf(resources), import: imports };
  return review({
    stacks: [{ name: "etl-dev", stack, plan: { ...plan, resource_changes: changes }, artifacts }],
    today: "2026-01-02",
  });
}

const job = (before: Values, after: Values, config: Values): Planned => ({
  type: "databricks_job",
  name: "etl",
  before,
  after,
  config,
});
const task = (key: string): Values => ({
  task_key: key,
  notebook_task: [{ notebook_path: `/Shared/${key}` }],
});

const clusterOf = (more: Values): Values => ({
  name: "etl",
  job_cluster: [{ job_cluster_key: "c", new_cluster: [{ node_type_id: "i3.xlarge", ...more }] }],
});

describe("an import", () => {
  test.each<[string, Planned]>([
    ["that changes nothing", job({ name: "etl" }, { name: "etl" }, { name: "etl" })],
    [
      "after which the provider sets its own defaults",
      job(
        { name: "etl", control_run_state: null },
        { name: "etl", control_run_state: false },
        { name: "etl" },
      ),
    ],
    [
      "whose code sets the platform's defaults",
      job(
        clusterOf({}),
        clusterOf({ driver_node_type_id: "i3.xlarge" }),
        clusterOf({ driver_node_type_id: "i3.xlarge" }),
      ),
    ],
    [
      "whose tasks are in another order",
      job(
        { name: "etl", task: [task("b"), task("a")] },
        { name: "etl", task: [task("a"), task("b")] },
        { name: "etl", task: [task("a"), task("b")] },
      ),
    ],
  ])("%s is counted as an import", async (_what, resource) => {
    const result = reviewImports([resource]);
    const [stack] = result.stacks;
    expect(stack?.counts).toEqual({
      create: 0,
      update: 0,
      replace: 0,
      delete: 0,
      import: 1,
      other: 0,
      unchanged: 0,
    });
    expect(stack?.changes.map(({ action, fields }) => [action, fields])).toEqual([["import", []]]);
    expect(stack?.blocks.filter(({ kind }) => kind === "import")).toEqual([]);
    expect(renderText(result)).toContain("0 create, 0 update, 0 replace, 0 destroy, 1 import\n");
    expect(renderMarkdown(result)).toContain(
      "| stack | create | update | replace | destroy | import | unchanged |\n|---|--:|--:|--:|--:|--:|--:|\n| etl-dev | 0 | 0 | 0 | 0 | 1 | 0 |",
    );
    for (const text of [renderText(result), renderMarkdown(result)])
      expect(text).not.toContain("no visible difference");
    expect(await renderHtml(result)).toMatch(/class="counts">.*import/);
  });

  test("that changes something is an update that shows only the change", () => {
    const [stack] = reviewImports([
      job(
        { name: "etl", always_running: null },
        { name: "new", always_running: false },
        { name: "new" },
      ),
    ]).stacks;
    expect(stack?.counts).toMatchObject({ update: 1, import: 0 });
    expect(
      stack?.changes.map(({ action, imported: isImported, fields }) => [
        action,
        isImported,
        fields.map(({ path }) => path),
      ]),
    ).toEqual([["update", true, ["name"]]]);
  });

  test("that gives a cluster a driver type different from its workers is an update", () => {
    const after = clusterOf({ driver_node_type_id: "i3.2xlarge" });
    expect(reviewImports([job(clusterOf({}), after, after)]).stacks[0]?.counts).toMatchObject({
      update: 1,
      import: 0,
    });
  });

  const notebook: Planned = {
    type: "databricks_notebook",
    name: "n",
    before: { path: "/Shared/n", language: "PYTHON" },
    after: { path: "/Shared/n", language: "PYTHON", source: "assets/n.py", md5: "1" },
  };
  const local = { sha256: sha256("print(1)"), size: 8, file: "n.py", text: "print(1)" };
  const notebookAddress = "databricks_notebook.n";

  test("of a notebook with the same content is an import without a difference in content", () => {
    const artifacts = new Map([
      [notebookAddress, { ...local, previous: "print(1)", previousSha256: sha256("print(1)") }],
    ]);
    const result = reviewImports([notebook], artifacts);
    expect(result.stacks[0]?.counts).toMatchObject({ update: 0, import: 1 });
    expect(renderText(result)).not.toContain("content");
    expect(renderText(result)).toContain("Terraform writes it again with its current values");
  });

  test("of a notebook with different content shows the difference", () => {
    const artifacts = new Map([
      [notebookAddress, { ...local, previous: "print(2)", previousSha256: sha256("print(2)") }],
    ]);
    const result = reviewImports([notebook], artifacts);
    expect(result.stacks[0]?.counts).toMatchObject({ update: 1, import: 0 });
    expect(renderText(result)).toContain("-print(2)");
  });

  test("that is requested by an import block but absent from the plan stays in the list of blocks", () => {
    const stack = { ...stackOf([]), import: [{ to: address, id: "1" }] };
    const [result] = review({
      stacks: [{ name: "etl-dev", stack, plan: planOf([]) }],
      today: "2026-01-02",
    }).stacks;
    expect(result?.blocks.filter(({ kind }) => kind === "import")).toHaveLength(1);
  });
});
