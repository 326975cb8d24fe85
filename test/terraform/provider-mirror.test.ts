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
  const shimOf = (folder: string, registry = "registry.terraform.io"): string =>
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
    const [one, other] = [makeFolder(), makeFolder()];
    installProviderMirror(one, "/a/provider.js");
    installProviderMirror(other, "/b/provider.js");
    expect(fs.readFileSync(shimOf(one), "utf8")).toBe(fs.readFileSync(shimOf(other), "utf8"));
    expect(fs.statSync(shimOf(one)).mode & 0o777).toBe(0o755);
  });

  test("contains the version of each toolkit's bindings, or the version that a stack requires", () => {
    const folder = makeFolder();
    const versions = (): string[] =>
      fs
        .readdirSync(path.join(folder, "mirror/registry.terraform.io/databricks/databricks"))
        .sort();
    installProviderMirror(folder, "/a/provider.js");
    expect(versions()).toEqual(["1.132.0", "1.99.0"]);
    const required = requiredVersion({
      required_providers: { databricks: { source: "databricks/databricks", version: "1.140.2" } },
    });
    expect(installProviderMirror(folder, "/a/provider.js", required).version).toBe("1.140.2");
    expect(versions()).toEqual(["1.132.0", "1.140.2", "1.99.0"]);
    expect(
      requiredVersion({ required_providers: { databricks: { version: "~> 1.99" } } }),
    ).toBeUndefined();
  });

  test("contains the same bytes for OpenTofu, which resolves the short source to another registry", () => {
    const folder = makeFolder();
    const { cliConfigFile } = installProviderMirror(folder, "/a/provider.js");
    const shim = shimOf(folder, "registry.opentofu.org");
    expect(fs.readFileSync(shim)).toEqual(fs.readFileSync(shimOf(folder)));
    expect(fs.statSync(shim).mode & 0o777).toBe(0o755);
    expect(
      fs
        .readFileSync(cliConfigFile, "utf8")
        .match(/registry\.opentofu\.org\/databricks\/databricks/g),
    ).toHaveLength(2);
  });

  test("leaves files of a running command, and removes those of a killed one", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    const [living, dead] = [process.pid, 2 ** 30].map((pid) => `${shimOf(folder)}.${pid}.tmp`) as [
      string,
      string,
    ];
    for (const file of [living, dead]) fs.writeFileSync(file, "");
    installProviderMirror(folder, "/a/provider.js");
    expect([living, dead].map((file) => fs.existsSync(file))).toEqual([true, false]);
  });

  test("restores files that a cache has overwritten, without changing link targets", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    const shim = fs.readFileSync(shimOf(folder), "utf8");
    const cache = makeFolder("cache");
    fs.writeFileSync(path.join(cache, path.basename(shimOf(folder))), "the official binary");
    const provider = path.dirname(shimOf(folder));
    fs.rmSync(provider, { recursive: true });
    fs.symlinkSync(cache, provider);

    installProviderMirror(folder, "/a/provider.js");
    expect(fs.readFileSync(shimOf(folder), "utf8")).toBe(shim);
    expect(fs.readFileSync(path.join(cache, path.basename(shimOf(folder))), "utf8")).toBe(
      "the official binary",
    );
  });

  test("leaves only the shim in the provider's folder, since its hash is in lock files", () => {
    const folder = makeFolder();
    installProviderMirror(folder, "/a/provider.js");
    fs.writeFileSync(path.join(path.dirname(shimOf(folder)), "CHANGELOG.md"), "x");
    installProviderMirror(folder, "/a/provider.js");
    expect(fs.readdirSync(path.dirname(shimOf(folder)))).toEqual([path.basename(shimOf(folder))]);
  });
});
