import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  AllPurposeCluster,
  ClusterSize,
  NodeType,
  NotebookTask,
  Serverless,
  SparkVersion,
  Suppress,
  Workflow,
} from "../../../constructs";
import type { Review, StackReview } from "../../../src/review";
import { policies } from "../../../src/review/policies/all";
import { durableState } from "../../../src/review/policies/durable-state";
import type { Example } from "../../../src/review/policies/policy";
import { synth } from "../../constructs/support";
import { lakeform, type CliResult } from "../../support/cli";
import { makeProject, removeFolders, type StackContent } from "../../support/project";

type Values = Record<string, unknown>;
const nameOf = (id: string): string => id.replaceAll("-", "_");

/**
 * Returns a production stack with the example of each policy, as a resource that is named after the
 * policy.
 */
function stackOf(quality: "good" | "bad"): StackContent {
  const resource: Record<string, Values> = {};
  for (const { id, examples } of policies) {
    const { type, config, content }: Example = examples[quality];
    if (type === "terraform") continue;
    const inline =
      content === undefined
        ? {}
        : { content_base64: Buffer.from(content).toString("base64"), language: "PYTHON" };
    (resource[type] ??= {})[nameOf(id)] = { ...config, ...inline };
  }
  return {
    environment: "prod",
    provider: "official",
    resource,
    terraform: durableState.examples[quality].config,
  };
}
const addressOf = (id: string, { type }: Example): string =>
  type === "terraform" ? type : `${type}.${nameOf(id)}`;
const sourceOf = (id: string, { type }: Example): string | undefined =>
  type === "terraform" ? undefined : `stacks/${id}.ts:7`;
const settingsOf = (quality: "good" | "bad"): Values =>
  Object.fromEntries(
    policies.flatMap(({ id, examples }) =>
      examples[quality].settings === undefined ? [] : [[id, examples[quality].settings]],
    ),
  );

/** Runs `review --base HEAD` without a workspace, in a project with its own repository. */
describe("lakeform review", () => {
  afterAll(removeFolders);

  function createProject(
    stacks: Readonly<Record<string, StackContent>>,
    edit: (json: Record<string, Values>) => void = () => undefined,
  ): string {
    const root = makeProject(stacks);
    const file = path.join(root, "stacks.json");
    const json = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, Values>;
    edit(json);
    fs.writeFileSync(file, JSON.stringify(json));
    const git = (...words: string[]): unknown =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...words], {
        cwd: root,
        stdio: "ignore",
      });
    git("init", "-q");
    git("add", "-A");
    git("commit", "-qm", "one");
    return root;
  }
  const run = (root: string, ...words: string[]): Promise<CliResult> =>
    lakeform(root, ["review", "--base", "HEAD", "--quiet", ...words]);
  const stacksOf = (result: CliResult): readonly StackReview[] =>
    (JSON.parse(result.stdout) as Review).stacks;
  const createExampleProject = (quality: "good" | "bad"): string =>
    createProject({ "etl-prod": stackOf(quality) }, (json) => {
      const about = json["etl-prod"]?.["//"] as { lakeform: Values };
      about.lakeform.profileSettings = { production: true, policies: settingsOf(quality) };
      about.lakeform.resources = Object.fromEntries(
        policies.map(({ id, examples }) => [
          addressOf(id, examples[quality]),
          { path: `etl-prod/${id}`, source: sourceOf(id, examples[quality]) },
        ]),
      );
    });

  it("reports the bad example of every policy at its source line, accepts the good one, and exits with 2 or 0", async () => {
    const badRun = await run(createExampleProject("bad"), "--format", "json");
    const [stack] = stacksOf(badRun);
    // A review between two revisions has no plan and no workspace, so it lacks these findings.
    const inCode = policies.filter(
      ({ examples: policyExamples }) =>
        policyExamples.bad.plan === undefined && policyExamples.bad.stateReaders === undefined,
    );
    for (const { id, examples: policyExamples, severity, fix } of inCode) {
      const address = addressOf(id, policyExamples.bad);
      const finding = stack?.policies.find(
        (policyFinding) => policyFinding.rule === id && policyFinding.address === address,
      );
      expect({ id, finding, source: finding?.source }).toMatchObject({
        id,
        finding: { severity, fix, docs: `docs/policies/${id}.md` },
        source: sourceOf(id, policyExamples.bad),
      });
    }
    expect(badRun.code).toBe(2);
    const goodRun = await run(createExampleProject("good"), "--format", "json");
    const unexpected = policies.flatMap(({ id, examples: policyExamples }) =>
      (stacksOf(goodRun)[0]?.policies ?? []).filter(
        ({ rule, address }) => rule === id && address === addressOf(id, policyExamples.good),
      ),
    );
    expect(unexpected).toEqual([]);
  });

  it("reads suppressions from the code, ignores expired ones, and reports an unknown rule", async () => {
    const { json } = synth(
      (stack) => {
        const big = new AllPurposeCluster(stack, "big", {
          name: "big",
          sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
          nodeType: NodeType.of("i3.xlarge"),
          size: ClusterSize.fixed(400),
        });
        Suppress.rule(big, {
          rule: "max-workers",
          reason: "the load test of the quarter",
          expires: "2099-12-31",
        });
        const late = new Workflow(stack, "late", { name: "late" });
        late.addTask("a", { run: NotebookTask.at("/Shared/a"), on: Serverless.compute });
        Suppress.rule(late, {
          rule: "job-timeout",
          reason: "should be over by then",
          expires: "2020-01-01",
        });
        Suppress.rule(late, {
          rule: "no-such-rule",
          reason: "a misspelt rule",
          expires: "2099-12-31",
        });
      },
      { name: "dev" },
      "etl",
    );
    const root = createProject({}, (stacks) => void (stacks["etl-dev"] = json));
    const result = await run(root, "--format", "json");
    const [stack] = stacksOf(result);
    expect(stack?.policies.filter(({ rule }) => rule === "max-workers")).toMatchObject([
      {
        suppressed: { reason: "the load test of the quarter", expires: "2099-12-31" },
        source: expect.stringContaining("review-policies.test.ts:") as string,
      },
    ]);
    expect(stack?.policies.find(({ rule }) => rule === "job-timeout")).not.toHaveProperty(
      "suppressed",
    );
    expect(stack?.suppressions.map(({ rule, state }) => [rule, state])).toEqual([
      ["job-timeout", "expired"],
      ["no-such-rule", "unused"],
    ]);
    expect(stack?.notes).toContain("a suppression names an unknown policy: no-such-rule");
    expect(result.code).toBe(0);
    const text = (await run(root)).stdout;
    expect(text).toContain(
      "max-workers etl-dev/big num_workers: the load test of the quarter (until 2099-12-31)",
    );
    expect(text).toContain(
      "expired: job-timeout etl-dev/late: should be over by then (until 2020-01-01)",
    );
  });

  it("finds a secret in a notebook, never shows it, and accepts it only with a reason", async () => {
    const token = `dapi${"0123456789abcdef".repeat(2)}`;
    const content = Buffer.from(`client = connect("${token}")\n`).toString("base64");
    const root = createProject({
      "etl-dev": {
        resource: {
          databricks_notebook: {
            n: { path: "/Shared/n", language: "PYTHON", content_base64: content },
          },
        },
      },
    });
    const files = ["r.md", "r.html", "r.json", "r.sarif", "r.txt"].flatMap((file) => [
      "--out",
      file,
    ]);
    const result = await run(root, ...files);
    expect(result.code).toBe(2);
    const outputs = [
      result.stdout,
      result.stderr,
      ...["r.md", "r.html", "r.json", "r.sarif", "r.txt"].map((file) =>
        fs.readFileSync(path.join(root, file), "utf8"),
      ),
    ];
    expect(outputs.filter((output) => output.includes(token) || output.includes(content))).toEqual(
      [],
    );
    expect(result.stdout).toContain("a Databricks personal access token [databricks-token]");
    const allow = (yaml: string): void =>
      fs.writeFileSync(path.join(root, "lakeform.secrets.yaml"), yaml);
    allow("- where: /Shared/n\n");
    expect(await run(root)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("BAD_ALLOW_LIST") as string,
    });
    allow("- where: /Shared/n\n  reason: the example of the vendor\n");
    expect(await run(root)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("the example of the vendor") as string,
    });
  });
});
