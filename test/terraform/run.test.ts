import fs from "node:fs";
import path from "node:path";
import { findEngine } from "../../src/terraform/engine";
import { goMemory } from "../../src/terraform/go-memory";
import {
  activateLock,
  hideValues,
  runTerraform,
  terraformEnvironment,
  type TerraformContext,
} from "../../src/terraform/run";
import { makeFolder, removeFolders } from "../support/project";

const mirror = { directory: "/m", cliConfigFile: "/m.tfrc", entry: "/p.js" };

async function contextIn(
  directory: string,
  given: Partial<TerraformContext> = {},
): Promise<TerraformContext> {
  return {
    engine: await findEngine(process.env),
    directory,
    env: { PATH: process.env.PATH },
    credentials: {},
    variables: {},
    mirror: undefined,
    ...given,
  };
}

describe("terraformEnvironment", () => {
  afterAll(removeFolders);

  test("contains only the credentials of the stack's environment, and never a plugin cache", async () => {
    const env = terraformEnvironment(
      await contextIn("/", {
        env: {
          PATH: "/bin",
          DATABRICKS_HOST: "https://other",
          DATABRICKS_CLIENT_SECRET: "x",
          TF_PLUGIN_CACHE_DIR: "/cache",
          TF_CLI_CONFIG_FILE: "/does/not/exist",
        },
        credentials: { DATABRICKS_HOST: "https://ours", DATABRICKS_TOKEN: "t" },
        variables: { api_key: "v" },
      }),
    );
    expect(env).toMatchObject({
      PATH: "/bin",
      DATABRICKS_HOST: "https://ours",
      DATABRICKS_TOKEN: "t",
      TF_VAR_api_key: "v",
      TF_DATA_DIR: ".terraform",
    });
    for (const removedName of [
      "DATABRICKS_CLIENT_SECRET",
      "TF_PLUGIN_CACHE_DIR",
      "TF_CLI_CONFIG_FILE",
    ])
      expect(env).not.toHaveProperty(removedName);
  });

  test("has a separate configuration and data folder for the embedded provider", async () => {
    expect(terraformEnvironment(await contextIn("/", { mirror }))).toMatchObject({
      TF_CLI_CONFIG_FILE: "/m.tfrc",
      TF_DATA_DIR: ".terraform-embedded",
      LAKEFORM_PROVIDER_ENTRY: "/p.js",
    });
  });

  test("raises the garbage collector's limit within the machine's memory, unless the user has set one", async () => {
    expect(terraformEnvironment(await contextIn("/", { mirror }))).toMatchObject({
      GOGC: "160",
      GOMEMLIMIT: expect.stringMatching(/^\d+MiB$/) as string,
    });
    const gigabytes = 2 * 2 ** 30;
    expect(goMemory({}, 1, gigabytes)).toEqual({ GOGC: "160", GOMEMLIMIT: "1024MiB" });
    expect(goMemory({}, 2, gigabytes)).toEqual({ GOGC: "160", GOMEMLIMIT: "512MiB" });
    for (const userSettings of [{ GOGC: "50" }, { GOMEMLIMIT: "256MiB" }]) {
      const env = terraformEnvironment(
        await contextIn("/", { env: { PATH: process.env.PATH, ...userSettings } }),
      );
      expect({ GOGC: env.GOGC, GOMEMLIMIT: env.GOMEMLIMIT }).toEqual({
        GOGC: undefined,
        GOMEMLIMIT: undefined,
        ...userSettings,
      });
    }
  });

  test("has a separate lock file for each kind of provider", () => {
    const folder = makeFolder();
    const lock = path.join(folder, ".terraform.lock.hcl");
    activateLock(folder, mirror);
    fs.writeFileSync(lock, "embedded hash");
    activateLock(folder, undefined);
    expect(fs.existsSync(lock)).toBe(false);
    fs.writeFileSync(lock, "official hash");
    activateLock(folder, mirror);
    expect(fs.readFileSync(lock, "utf8")).toBe("embedded hash");
    activateLock(folder, undefined);
    expect(fs.readFileSync(lock, "utf8")).toBe("official hash");
  });
});

describe("runTerraform", () => {
  test("rejects a failing command with Terraform's output, secrets removed", async () => {
    const folder = makeFolder();
    fs.writeFileSync(
      path.join(folder, "main.tf"),
      'variable "v" {}\noutput "o" { value = nonexistent.thing }\n',
    );
    const context = await contextIn(folder, { variables: { v: "canary-secret-value" } });
    await expect(runTerraform(context, ["validate", "-no-color"])).rejects.toMatchObject({
      code: "TERRAFORM_FAILED",
      message: expect.stringContaining("nonexistent") as string,
    });
  });

  test("shows Terraform's output without colours", async () => {
    const context = await contextIn(makeFolder());
    const state = runTerraform(context, ["state", "show", "nothing.here"]);
    await expect(state).rejects.toMatchObject({
      message: expect.not.stringContaining("\u001B") as string,
    });
  });

  test("hides the values of variables and credentials", () => {
    expect(
      hideValues("token dapi123 and canary", {
        variables: { a: "canary" },
        credentials: { DATABRICKS_TOKEN: "dapi123" },
      }),
    ).toBe("token *** and ***");
  });
});
