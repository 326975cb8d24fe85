import { renderReport, type VerifyReport } from "../../src/verify";
import { reportFormats } from "../../src/verify/report";
import { check, deployDirect } from "../verify/harness";
import {
  changeJob,
  editedTask,
  lab,
  secret,
  secretResources,
  task,
  useLabPerTest,
} from "./secret-paths-lab";

useLabPerTest();

describe("a secret in every place of a job", () => {
  const explanations: string[] = [];
  let reportOnce: Promise<VerifyReport> | undefined;

  const makeReport = async (): Promise<VerifyReport> => {
    const firstHalf = secret.slice(0, 20);
    const library = { pypi: [{ package: "x".repeat(46), repo: firstHalf }] };
    const deployed = await deployDirect(lab, {
      ...secretResources,
      databricks_secret: {
        ...secretResources.databricks_secret,
        half: { scope: "etl", key: "half", string_value: firstHalf },
      },
      databricks_notebook: {
        n: { path: `/Shared/${secret}`, language: "PYTHON", content_base64: "cHJpbnQoMSk=" },
      },
      databricks_job: {
        j: {
          name: `job ${secret}`,
          description: secret,
          tags: { [`team-${secret}`]: secret },
          task: [task(`a-${secret}`, { library: [library], description: `x ${secret}` })],
        },
      },
    });
    await changeJob(deployed, {
      name: `renamed ${secret}`,
      description: `changed ${secret}`,
      tags: { [`team-${secret}`]: `changed ${secret}`, [`more-${secret}`]: "" },
      tasks: [editedTask(`a-${secret}`), editedTask(`b-${secret}`)],
    });
    await lab.client.post("/api/2.0/workspace/import", {
      path: `/Shared/${secret}`,
      language: "PYTHON",
      content: Buffer.from(`print("${secret}")`).toString("base64"),
      overwrite: true,
    });
    await lab.client.post("/api/2.2/jobs/create", { name: `job ${secret}` });
    return check(lab, deployed, {
      deep: true,
      ignore: [{ field: `tags[more-${secret}]`, reason: secret, expires: "2999-12-31", from: "x" }],
      explain: (_subject, { path, why }) => void explanations.push(`${path}: ${why}`),
    });
  };

  test.each(reportFormats)("is not in the %s report", async (format) => {
    const report = await (reportOnce ??= makeReport());
    expect(report.counts).toMatchObject({ drift: 2, unmanaged: 1 });
    const text = await renderReport(report, format);
    expect(text).toContain("description");
    // The first half of the secret is where a long label is truncated.
    expect(text).not.toContain(secret.slice(0, 8));
  });

  test("is not in any explanation", () => {
    expect(explanations.length).toBeGreaterThan(10);
    expect(explanations.join("\n")).not.toContain(secret.slice(0, 8));
  });
});
