import fs from "node:fs";
import path from "node:path";
import {
  installProviderMirror,
  providerVersion,
  requiredVersion,
} from "../../src/terraform/provider-mirror";
import { makeFolder, removeFolders } from "../support/project";

describe("installProviderMirror", () => {
  afterAll(removeFolders);
  const launcherPath = (folder: string, registry = "registry.terraform.io"): string =>
    path.join(
      folder,
      "mirror",
      registry,
      "databricks/databricks",
      providerVersion,
      "linux_amd64",
      `terraform-provider-databricks_v${providerVersion}`,
    );

  test("writes the same bytes for any folder and any code", () => {
    const [firstFolder, secondFolder] = [makeFolder(), makeFolder()];
    installProviderMirror(firstFolder, "/a/provider.js");
    installProviderMirror(secondFolder, "/b/provider.js");
    expect(fs.readFileSync(launcherPath(firstFolder), "utf8")).toBe(
      fs.readFileSync(launcherPath(secondFolder), "utf8"),
    );
    expect(fs.statSync(launcherPath(firstFolder)).mode & 0o777).toBe(0o755);
  });

  test("contains the version of each toolkit's bindings, or the version that a stack requires", () => {
    const folder = makeFolder();
    const versions = (): string[] =>
      fs
        .readdirSync(path.join(folder, "mirror/registry.terraform.io/databricks/databricks"))
        .sort();
    installProviderMirror(folder, "/a/provider.js");
    expect(versions()).toEqual(["1.132.0", "1.99.0"]);
    const requiredByStack = requiredVersion({
      required_providers: { databricks: { source: "databricks/databricks", version: "1.140.2" } },
    });
    expect(installProviderMirror(folder, "/a/provider.js", requiredByStack).version).toBe(
      "1.140.2",
    );
    expect(versions()).toEqual(["1.132.0", "1.140.2", "1.99.0"]);
    expect(
      requiredVersion({ required_providers: { databricks: { version: "~> 1.99" } } }),
    ).toBeUndefined();
  });

  test("contains the same bytes for OpenTofu, which resolves the short source to another registry", () => {
    const folder = makeFolder();
    const { cliConfigFile } = installProviderMirror(folder, "/a/provider.js");
    const launcher = launcherPath(folder, "registry.opentofu.org");
    expect(fs.readFileSync(launcher)).toEqual(fs.readFileSync(launcherPath(folder)));
    expect(fs.statSync(launcher).mode & 0o777).toBe(0o755);
    expect(
      fs
        .readFileSync(cliConfigFile, "utf8")
        .match(/registry\.opentofu\.org\/databricks\/databricks/g),
    ).toHaveLength(2);
  });

  test("leaves files of a running command, and removes those of a killed one", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    const [runningFile, killedFile] = [process.pid, 2 ** 30].map(
      (pid) => `${launcherPath(folder)}.${pid}.tmp`,
    ) as [string, string];
    for (const file of [runningFile, killedFile]) fs.writeFileSync(file, "");
    installProviderMirror(folder, "/a/provider.js");
    expect([runningFile, killedFile].map((file) => fs.existsSync(file))).toEqual([true, false]);
  });

  test("restores files that a cache has overwritten, without changing link targets", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    const launcher = fs.readFileSync(launcherPath(folder), "utf8");
    const cache = makeFolder("cache");
    fs.writeFileSync(path.join(cache, path.basename(launcherPath(folder))), "the official binary");
    const provider = path.dirname(launcherPath(folder));
    fs.rmSync(provider, { recursive: true });
    fs.symlinkSync(cache, provider);

    installProviderMirror(folder, "/a/provider.js");
    expect(fs.readFileSync(launcherPath(folder), "utf8")).toBe(launcher);
    expect(fs.readFileSync(path.join(cache, path.basename(launcherPath(folder))), "utf8")).toBe(
      "the official binary",
    );
  });

  test("leaves only the shim in the provider's folder, since its hash is in lock files", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    fs.writeFileSync(path.join(path.dirname(launcherPath(folder)), "CHANGELOG.md"), "x");
    installProviderMirror(folder, "/a/provider.js");
    expect(fs.readdirSync(path.dirname(launcherPath(folder)))).toEqual([
      path.basename(launcherPath(folder)),
    ]);
  });
});
