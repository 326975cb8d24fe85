import fs from "node:fs";
import path from "node:path";
import { exitCodeOf, renderMarkdown, renderText, review, type Finding } from "../../../src/review";
import { policies } from "../../../src/review/policies/all";
import { durableState } from "../../../src/review/policies/durable-state";
import { privateState } from "../../../src/review/policies/private-state";
import { policyPage } from "../../../src/review/policies/page";
import type { Example } from "../../../src/review/policies/policy";
import { planOf, stackOf, type Planned } from "../plans";

type Values = Readonly<Record<string, unknown>>;
const today = "2026-01-02";

function findingsOf(
  rule: string,
  { type, config, environment = "dev", settings, content, plan, stateReaders }: Example,
  more: Values = {},
): readonly Finding[] {
  const terraform = type === "terraform" ? config : {};
  const resources =
    type === "terraform"
      ? []
      : [{ type, name: "x", after: config, ...(plan === undefined ? {} : { ...plan, config }) }];
  const provider = type === "terraform" && { provider: "official" };
  const metadata = {
    environment,
    ...provider,
    ...(settings === undefined ? {} : { profileSettings: { policies: { [rule]: settings } } }),
    ...more,
  };
  const artifacts = new Map(
    content === undefined
      ? []
      : [[`${type}.x`, { sha256: "0", size: content.length, file: "x.py", text: content }]],
  );
  const stack = stackOf(resources, metadata, { terraform });
  const input = {
    name: "etl-dev",
    stack,
    plan: planOf(resources),
    artifacts,
    ...(stateReaders && { stateReaders }),
  };
  const result = review({ stacks: [input], today });
  return (result.stacks[0]?.policies ?? []).filter((finding) => finding.rule === rule);
}
const job = (config: Values): Example => ({ type: "databricks_job", config });
const cluster = (config: Values, environment = "dev"): Example => ({
  type: "databricks_cluster",
  config,
  environment,
});

describe("each policy", () => {
  it.each(policies.map((policy) => [policy.id, policy] as const))(
    "%s: finds the bad example and passes the good one",
    (id, { examples }) => {
      expect(findingsOf(id, examples.good)).toEqual([]);
      const [finding] = findingsOf(id, examples.bad);
      const place =
        examples.bad.type === "terraform"
          ? { path: "etl-dev" }
          : { path: "etl-dev/x", source: "stacks/etl.ts:17" };
      expect(finding).toMatchObject({ rule: id, ...place, docs: `docs/policies/${id}.md` });
      expect(finding?.where).toBeDefined();
      expect(finding?.message).not.toBe("");
    },
  );

  // UPDATE_GOLDENS=1 writes the pages.
  it.each(policies.map((policy) => [policy.id, policy] as const))(
    "%s: has a page in the docs that matches its texts",
    (id, policy) => {
      const file = path.join(__dirname, `../../../docs/policies/${id}.md`);
      if (process.env.UPDATE_GOLDENS === "1") fs.writeFileSync(file, policyPage(policy));
      expect(fs.readFileSync(file, "utf8")).toBe(policyPage(policy));
    },
  );

  it("has no page without a policy", () => {
    const pages = fs
      .readdirSync(path.join(__dirname, "../../../docs/policies"))
      .map((file) => file.replace(".md", ""));
    expect(pages.filter((page) => page !== "secret-scan").sort()).toEqual(
      policies.map(({ id }) => id).sort(),
    );
  });
});

describe("the policies in special cases", () => {
  const titled = <Row extends readonly [string, string, Example, number, Values?]>(
    rows: readonly Row[],
  ): readonly (readonly [string, Row])[] =>
    rows.map((row) => [`${row[0]} ${row[3] === 0 ? "accepts" : "reports"} ${row[1]}`, row]);

  it.each(
    titled<readonly [string, string, Example, number, Values?]>([
      [
        "durable-state",
        "a local state of a local workspace",
        { ...durableState.examples.bad },
        0,
        { provider: "embedded" },
      ],
      [
        "private-state",
        "a reader that the profile names",
        { ...privateState.examples.bad, settings: { readers: ["group users"] } },
        0,
        {},
      ],
      [
        "pinned-spark-version",
        "a version that is looked up",
        cluster({ spark_version: "${data.databricks_spark_version.lts.id}" }),
        1,
      ],
      [
        "pinned-spark-version",
        "an ML runtime with long-term support",
        cluster({ spark_version: "15.4.x-cpu-ml-scala2.12" }),
        0,
      ],
      [
        "pinned-spark-version",
        "unsupported versions in clusters of jobs and of tasks",
        job({
          job_cluster: [{ job_cluster_key: "a", new_cluster: [{ spark_version: "16.0.x" }] }],
          task: [{ task_key: "t", new_cluster: { spark_version: "14.0.x" } }],
        }),
        2,
      ],
      [
        "retries",
        "a job with a paused schedule",
        job({
          schedule: { quartz_cron_expression: "x", pause_status: "PAUSED" },
          task: [{ task_key: "a" }],
        }),
        0,
      ],
      [
        "retries",
        "a job with one paused and one active trigger",
        job({ triggers: [{ pause_status: "PAUSED" }, {}], task: [{ task_key: "a" }] }),
        1,
      ],
      [
        "retries",
        "a job whose only trigger is paused",
        job({ triggers: [{ pause_status: "PAUSED" }], task: [{ task_key: "a" }] }),
        0,
      ],
      [
        "retries",
        "a condition task, which cannot be retried",
        job({ trigger: {}, task: [{ task_key: "a", condition_task: { op: "EQUAL_TO" } }] }),
        0,
      ],
      ["failure-notification", "a job outside of production", job({ name: "x" }), 0],
      [
        "failure-notification",
        "a job whose tasks all have notifications",
        {
          ...job({
            task: [{ task_key: "a", email_notifications: [{ on_failure: ["x@example.com"] }] }],
          }),
          environment: "production",
        },
        0,
      ],
      [
        "run-as-service-principal",
        "a job without run_as",
        { ...job({}), environment: "prod-eu" },
        1,
      ],
      ["max-workers", "40 workers in production", cluster({ num_workers: 40 }, "prod"), 0],
      [
        "max-workers",
        "more workers than the maximum in the profile",
        { ...cluster({ num_workers: 5 }), settings: { max: 4 } },
        1,
      ],
      [
        "job-timeout",
        "a job whose tasks all have a limit",
        job({ task: [{ task_key: "a", timeout_seconds: 60 }] }),
        0,
      ],
      [
        "job-timeout",
        "a job with a health rule for its duration",
        job({
          health: { rules: [{ metric: "RUN_DURATION_SECONDS", op: "GREATER_THAN", value: 60 }] },
        }),
        0,
      ],
      [
        "no-dbfs-root",
        "libraries in mounts and volumes",
        job({
          task: [
            {
              task_key: "a",
              library: [{ whl: "dbfs:/mnt/libs/a.whl" }, { jar: "/Volumes/a/b/c.jar" }],
            },
          ],
        }),
        0,
      ],
      [
        "no-dbfs-root",
        "a task library in the DBFS root",
        job({ task: [{ task_key: "a", library: [{ whl: "dbfs:/FileStore/a.whl" }] }] }),
        1,
      ],
      [
        "secrets-by-reference",
        "a literal secret value",
        { type: "databricks_secret", config: { string_value: "abc" } },
        1,
      ],
      [
        "secrets-by-reference",
        "a secret value from a variable",
        { type: "databricks_secret", config: { string_value: "${var.x}" } },
        0,
      ],
      [
        "secrets-by-reference",
        "a literal storage key in spark_conf",
        cluster({ spark_conf: { "fs.azure.account.key.acme.dfs.core.windows.net": "abc" } }),
        1,
      ],
      [
        "no-all-privileges",
        "the privilege written with a blank",
        { type: "databricks_grant", config: { principal: "x", privileges: ["ALL PRIVILEGES"] } },
        1,
      ],
      [
        "access-mode",
        "a single-user cluster without user",
        cluster({ data_security_mode: "SINGLE_USER" }),
        1,
      ],
      [
        "access-mode",
        "a single-user job cluster",
        job({
          job_cluster: [
            { job_cluster_key: "a", new_cluster: [{ data_security_mode: "SINGLE_USER" }] },
          ],
        }),
        0,
      ],
      [
        "photon-compatibility",
        "a GPU runtime on CPU nodes",
        cluster({ spark_version: "15.4.x-gpu-ml-scala2.12", node_type_id: "i3.xlarge" }),
        1,
      ],
      [
        "photon-compatibility",
        "a GPU runtime on GPU nodes",
        cluster({ spark_version: "15.4.x-gpu-ml-scala2.12", node_type_id: "g5.xlarge" }),
        0,
      ],
      [
        "no-user-folders",
        "a task with a notebook in a user's folder",
        job({
          task: [
            {
              task_key: "a",
              notebook_task: [{ notebook_path: "/Workspace/Users/ann@example.com/x" }],
            },
          ],
        }),
        1,
      ],
      [
        "no-public-init-scripts",
        "a script from the network",
        cluster({ init_scripts: [{ file: [{ destination: "https://example.com/x.sh" }] }] }),
        1,
      ],
      [
        "git-source-pinned",
        "a branch outside of production",
        job({ git_source: { branch: "main" } }),
        0,
      ],
      [
        "git-source-pinned",
        "a databricks_repo on a branch in production",
        { type: "databricks_repo", config: { branch: "main" }, environment: "prod" },
        1,
      ],
      ["required-tags", "a job without tags if the profile requires none", job({}), 0],
      [
        "autotermination",
        "a warehouse that never stops",
        { type: "databricks_sql_endpoint", config: { auto_stop_mins: 0 } },
        1,
      ],
    ]),
  )("%s", (_, [rule, _subject, example, count, metadata]) => {
    expect(findingsOf(rule, example, metadata)).toHaveLength(count);
  });

  it("check a resource that only the plan has by its planned values, and an instance of count or for_each by its block", () => {
    const cluster = {
      num_workers: 400,
      autotermination_minutes: 60,
      spark_version: "15.4.x-scala2.12",
      policy_id: null,
      init_scripts: [],
    };
    const resources: Planned[] = [
      { type: "databricks_cluster", name: "x", after: cluster, config: null },
      {
        type: "databricks_secret",
        name: "s",
        after: { scope: "a", key: "k", string_value: "abc" },
        config: null,
      },
      { type: "databricks_cluster", name: 'each["a"]', after: cluster, config: null },
    ];
    const each = stackOf([{ type: "databricks_cluster", name: "each", after: cluster }]);
    const result = review({
      stacks: [{ name: "etl-dev", stack: each, plan: planOf(resources) }],
      today,
    });
    expect(
      result.stacks[0]?.policies.map(({ rule, path: constructPath }) => [rule, constructPath]),
    ).toEqual([
      ["max-workers", "databricks_cluster.x"],
      ["max-workers", "etl-dev/each"],
    ]);
    expect(result.stacks[0]?.changes.map(({ path: constructPath }) => constructPath)).toEqual([
      "databricks_cluster.x",
      "databricks_secret.s",
      'etl-dev/each["a"]',
    ]);
  });

  it("do not treat a local workspace named prod as production, unless its profile says so", () => {
    const findingCount = (more: Values): number =>
      findingsOf(
        "failure-notification",
        { ...job({ name: "x" }), environment: "prod" },
        { provider: "embedded", ...more },
      ).length;
    expect(findingCount({})).toBe(0);
    expect(findingCount({ profileSettings: { production: true } })).toBe(1);
  });

  it("check the value of a variable that is known in the plan", () => {
    const resources = [
      {
        type: "databricks_cluster",
        name: "x",
        config: { num_workers: "${var.workers}" },
        after: { num_workers: 400 },
      },
    ];
    const result = review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources), plan: planOf(resources) }],
      today,
    });
    expect(result.stacks[0]?.policies).toMatchObject([
      { rule: "max-workers", message: "400 workers, but the maximum here is 10" },
    ]);
  });
});

describe("severity and suppression", () => {
  const bad: Example = cluster({ num_workers: 400, autotermination_minutes: 0 });
  const reviewBad = (metadata: Values) => {
    const resources = [{ type: bad.type, name: "x", after: bad.config }];
    return review({
      stacks: [{ name: "etl-dev", stack: stackOf(resources, metadata), plan: planOf(resources) }],
      today,
    });
  };
  const suppression = (rule: string, expires: string) => ({
    path: "etl-dev/x",
    rule,
    reason: "load test",
    expires,
  });

  test("errors exit with 2, warnings only with --fail-on warning", () => {
    expect(exitCodeOf(reviewBad({}))).toBe(2);
    const milder = reviewBad({
      profileSettings: {
        policies: { "max-workers": "off", autotermination: { severity: "warning" } },
      },
    });
    expect(milder.stacks[0]?.policies.map(({ rule, severity }) => [rule, severity])).toEqual([
      ["autotermination", "warning"],
    ]);
    expect([exitCodeOf(milder), exitCodeOf(milder, { failOn: "warning" })]).toEqual([0, 2]);
  });

  test("a suppression applies to its construct until it expires", () => {
    const suppressed = reviewBad({
      suppressions: [
        suppression("max-workers", today),
        suppression("autotermination", "2030-01-01"),
      ],
    });
    expect(exitCodeOf(suppressed)).toBe(0);
    expect(renderText(suppressed)).toContain(
      "max-workers etl-dev/x num_workers: load test (until 2026-01-02)",
    );
    expect(renderMarkdown(suppressed)).toContain("suppressed: max-workers");
    const expired = reviewBad({
      suppressions: [
        suppression("max-workers", "2026-01-01"),
        suppression("autotermination", "2030-01-01"),
        { ...suppression("retries", "2030-01-01") },
      ],
    });
    expect(exitCodeOf(expired)).toBe(2);
    expect(expired.stacks[0]?.suppressions.map(({ rule, state }) => [rule, state])).toEqual([
      ["max-workers", "expired"],
      ["retries", "unused"],
    ]);
  });

  test("a suppression applies to the construct's children, and not to a construct of the same name elsewhere", () => {
    const resources = ["a", "ab"].map((name) => ({
      type: bad.type,
      name,
      after: { autotermination_minutes: 0 },
      path: `etl-dev/${name}/cluster`,
    }));
    const stack = stackOf(resources, {
      suppressions: [{ ...suppression("autotermination", "2030-01-01"), path: "etl-dev/a" }],
    });
    const result = review({ stacks: [{ name: "etl-dev", stack, plan: planOf(resources) }], today });
    expect(
      result.stacks[0]?.policies.map(({ path: constructPath, suppressed }) => [
        constructPath,
        suppressed?.reason,
      ]),
    ).toEqual([
      ["etl-dev/a/cluster", "load test"],
      ["etl-dev/ab/cluster", undefined],
    ]);
  });
});
