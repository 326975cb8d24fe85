import fs from "node:fs";
import path from "node:path";
import { verify, verifyMatchers } from "../../src/testing";
import { makeFolder, removeFolders } from "../support/project";
import {
  metadataFor,
  check,
  deployDirect,
  openLab,
  type Deployed,
  type Lab,
} from "../verify/harness";

expect.extend(verifyMatchers);

let lab: Lab;
let deployed: Deployed;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, { databricks_secret_scope: { s: { name: "etl" } } });
});
afterAll(async () => {
  await lab.close();
  removeFolders();
});

describe("toBeVerified", () => {
  test("passes for a clean report, and prints any other report", async () => {
    expect(await check(lab, deployed)).toBeVerified();
    await lab.client.post("/api/2.0/secrets/scopes/delete", { scope: "etl" });
    const report = await check(lab, deployed);
    expect(report).not.toBeVerified();
    expect(() => expect(report).toBeVerified()).toThrow(
      /does not match the code[\s\S]*missing[\s\S]*lab-local\/s/,
    );
    expect(() => expect({ ...report, exitCode: 1 }).toBeVerified()).toThrow(
      /could not be read completely[\s\S]*no verdict/,
    );
  });

  test("rejects a value that is not a report", () => {
    expect(() => expect(Promise.resolve()).toBeVerified()).toThrow(/is an await missing/);
  });
});

describe("verify(folder)", () => {
  const folder = makeFolder("verify-folder");
  const write = (metadata?: object): void => {
    const json = {
      ...(metadata === undefined ? {} : { "//": { lakeform: metadata } }),
      ...deployed.stack,
    };
    fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(json));
  };

  test("reads a synthesized stack, its state and the ignore file", async () => {
    deployed = await deployDirect(lab, {
      databricks_secret_scope: { s: { name: "by-folder" } },
      databricks_job: { j: { name: "j", max_concurrent_runs: 2 } },
    });
    write(metadataFor(deployed.stack.resource ?? {}, { provider: "official" }));
    fs.writeFileSync(path.join(folder, "terraform.tfstate"), JSON.stringify(deployed.state));
    const options = {
      host: lab.workspace.host,
      token: lab.workspace.token,
      env: { PATH: process.env.PATH },
    };
    expect(await verify(folder, options)).toBeVerified();
    const id = deployed.state.resources.find(({ type }) => type === "databricks_job")?.instances[0]
      ?.attributes?.id;
    await lab.client.post("/api/2.1/jobs/update", {
      job_id: Number(id),
      new_settings: { max_concurrent_runs: 3 },
    });
    const report = await verify(folder, options);
    expect(report).toMatchObject({
      exitCode: 2,
      counts: { match: 1, drift: 1 },
      stacks: [{ name: "lab-local", basis: "state" }],
    });
    fs.writeFileSync(
      path.join(folder, "lakeform.ignore.yaml"),
      '- {kind: job, field: max_concurrent_runs, reason: a test, expires: "2099-01-01"}\n',
    );
    expect(await verify(folder, options)).toBeVerified();
  });

  test("rejects a folder that does not exist, and one that terraform cannot plan", async () => {
    await expect(verify(path.join(folder, "nothing"))).rejects.toMatchObject({
      code: "NO_SUCH_FOLDER",
    });
    write();
    const options = { host: lab.workspace.host, token: lab.workspace.token };
    await expect(verify(folder, options)).rejects.toMatchObject({ code: "NOT_INITIALIZED" });
  });
});
