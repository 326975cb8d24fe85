import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { readSynthOutput, contentChanges } from "../src/adopt/migrate-toolkit";
import { findProject } from "../src/terraform/project";
import { providerVersions } from "../src/terraform/toolkit";
import { startWorkspace } from "../src/workspace/server";
import { copyRepositoryStacks, edit } from "./support/app";
import { expectExit, lakeform } from "./support/cli";
import { isInstalled } from "./support/installed";
import { makeFolder, removeFolders, repository } from "./support/project";
import { fieldsIn, officialSchemas } from "./support/official-schema";
import { longScale, scaled } from "./support/scale";
import { installCdktn, installNode, stacksOnCdktn } from "./support/toolkit";

const execute = promisify(execFile);
const hasTofu = isInstalled("tofu");
if (!hasTofu) process.stderr.write("\n!!! NOT RUN: OpenTofu. There is no `tofu` on the PATH.\n\n");

const secrets = { GALLERY_API_KEY: "a", GALLERY_GIT_TOKEN: "b", GALLERY_REGISTRY_PASSWORD: "c" };
/** The provider version that the stacks of each toolkit require. */
const providerVersionOf: Readonly<Record<string, string>> = providerVersions;
const useGalleryApp = (root: string): string => {
  edit(path.join(root, "cdktf.json"), (text) =>
    text.replace(
      "npx ts-node stacks/main.ts",
      "node node_modules/ts-node/dist/bin.js stacks/gallery/main.ts",
    ),
  );
  return root;
};

describe("the library with both toolkits", () => {
  const modules = installCdktn();
  const roots: Record<string, string> = {};
  afterAll(removeFolders);

  (modules === undefined ? test.skip : test)(
    "both toolkits synthesize the same gallery, except for versions",
    async () => {
      roots["cdktf"] = useGalleryApp(copyRepositoryStacks());
      roots["cdktn"] = useGalleryApp(stacksOnCdktn(modules ?? ""));
      for (const root of Object.values(roots)) expectExit(await lakeform(root, ["synth"]), 0);
      const [cdktf, cdktn] = Object.values(roots).map((root) => readSynthOutput(findProject(root)));
      if (cdktf === undefined || cdktn === undefined) throw new Error("no synth output");
      expect(contentChanges(cdktf, cdktn)).toEqual([]);
      const [cdktfManifest, cdktnManifest] = [cdktf, cdktn].map((stacks) =>
        stacks.get("gallery-local"),
      ) as [object, object];
      expect(differences(cdktfManifest, cdktnManifest).sort()).toEqual(differencesInDocs());
      const manifests = Object.values(roots).map((root) =>
        fs.readFileSync(path.join(root, "cdktf.out/manifest.json"), "utf8"),
      );
      const [left, right] = manifests.map((text) => JSON.parse(text) as object) as [object, object];
      expect(differences(left, right)).toEqual(["version"]);
    },
  );

  (modules === undefined ? test.skip : test)(
    "after a deploy with one engine and toolkit, all others verify it and show an empty plan",
    async () => {
      const combinations = Object.keys(roots).flatMap((toolkit) =>
        ["terraform", ...(hasTofu ? ["tofu"] : [])].map((engine) => ({ toolkit, engine })),
      );
      const rows: string[] = [];
      for (const first of combinations.slice(0, scaled(combinations.length, 1))) {
        const workspace = await startWorkspace();
        const run = async (
          { toolkit, engine }: (typeof combinations)[number],
          ...words: string[]
        ): ReturnType<typeof lakeform> =>
          lakeform(roots[toolkit] ?? "", [...words, "gallery-local", "--auto-approve"], {
            ...secrets,
            LAKEFORM_LOCAL_HOST: workspace.host,
            LAKEFORM_LOCAL_TOKEN: workspace.token,
            TERRAFORM_BINARY_NAME: engine,
          });
        const stateOf = (toolkit: string): string =>
          path.join(roots[toolkit] ?? "", ".lakeform/state/gallery-local.tfstate");
        try {
          for (const { toolkit } of combinations)
            for (const file of [stateOf(toolkit), `${stateOf(toolkit)}.backup`])
              fs.rmSync(file, { force: true });
          expectExit(await run(first, "deploy"), 0);
          const state = fs.readFileSync(stateOf(first.toolkit));
          // The schema depends on the bindings: only the newer one has a field for the workspace of
          // a secret.
          expect(
            new RegExp(`"workspace_id": ?"${workspace.workspaceId}"`).test(state.toString("utf8")),
          ).toBe(first.toolkit === "cdktn");
          const others = combinations.filter((combination) => combination !== first);
          for (const next of others.slice(-scaled(others.length, 1))) {
            fs.mkdirSync(path.dirname(stateOf(next.toolkit)), { recursive: true });
            fs.writeFileSync(stateOf(next.toolkit), state);
            const secondRun = await run(next, "deploy");
            expectExit(secondRun, 0);
            expect([first, next, secondRun.stdout]).toEqual([
              first,
              next,
              expect.stringContaining("nothing to do"),
            ]);
            const describeCombination = ({
              toolkit,
              engine,
            }: (typeof combinations)[number]): string =>
              `${toolkit} | ${providerVersionOf[toolkit] ?? ""} | ${engine}`;
            rows.push(
              `| ${describeCombination(first)} | ${describeCombination(next)} | empty plan, verified |`,
            );
          }
          expectExit(await run(first, "destroy"), 0);
        } finally {
          await workspace.close();
        }
      }
      if (process.env.UPDATE_GOLDENS === "1")
        writeRows(
          "| applied with | provider | engine | planned with | provider | engine | result |\n|---|---|---|---|---|---|---|\n",
          rows,
        );
      const page = fs.readFileSync(docs, "utf8");
      for (const row of rows) expect(page).toContain(row);
    },
  );

  (modules === undefined ? test.skip : test)(
    "the current bindings deploy every field added after 1.99.0, verify it, and reject another workspace",
    async () => {
      const root = stacksOnCdktn(modules ?? "");
      const props = fs.readFileSync(path.join(repository, "test/support/newer-props.ts"), "utf8");
      fs.mkdirSync(path.join(root, "stacks/newer"));
      fs.writeFileSync(
        path.join(root, "stacks/newer/props.ts"),
        props.replace('"../../constructs"', '"lakeform/constructs"'),
      );
      fs.writeFileSync(
        path.join(root, "stacks/newer/main.ts"),
        `import { buildAndSynth, WorkspaceStack } from "lakeform/constructs";
import { newerProps } from "./props";
buildAndSynth((app) => {
  const stack = new WorkspaceStack(app, "newer", { project: "tests", environment: { name: "local", provider: "embedded", values: {}, workspaceId: process.env["WORKSPACE_ID"] ?? "1" } });
  for (const build of Object.values(newerProps)) build(stack);
});
`,
      );
      edit(path.join(root, "cdktf.json"), (text) =>
        text.replace(
          "npx ts-node stacks/main.ts",
          "node node_modules/ts-node/dist/bin.js stacks/newer/main.ts",
        ),
      );
      expectExit(await lakeform(root, ["synth"]), 0);
      const { resource } = JSON.parse(
        fs.readFileSync(path.join(root, "cdktf.out/stacks/newer-local/cdk.tf.json"), "utf8"),
      ) as {
        resource: Record<string, Record<string, object>>;
      };
      const written = Object.values(resource).flatMap((named) => Object.values(named) as Written[]);
      const inOtherWorkspaces = written.filter(
        (body) => JSON.stringify(body.provider_config) !== '{"workspace_id":"1"}',
      );
      expect(inOtherWorkspaces).toEqual([
        expect.objectContaining({ name: "placed", provider_config: { workspace_id: "2" } }),
      ]);
      const copy = written.find(({ name }) => name === "[dev ada] any-copy");
      expect(copy?.triggers?.map(({ pause_status }) => pause_status)).toEqual(["PAUSED", "PAUSED"]);
      const usedFields = new Set(
        Object.entries(resource).flatMap(([type, named]) =>
          Object.values(named).flatMap((body) => pathsIn(body).map((field) => `${type}.${field}`)),
        ),
      );
      const [oldSchemas, newSchemas] = [officialSchemas("1.99.0"), officialSchemas("1.132.0")];
      const added = Object.keys(resource).flatMap((type) => {
        const known = new Set(
          fieldsIn(oldSchemas.get(type)?.block ?? emptyBlock).map(({ path: field }) => field),
        );
        return fieldsIn(newSchemas.get(type)?.block ?? emptyBlock).flatMap(({ path: field }) =>
          known.has(field) ? [] : [`${type}.${field}`],
        );
      });
      const table = fs.readFileSync(
        path.join(repository, "docs/constructs/not-reachable.md"),
        "utf8",
      );
      const notReachable = [...table.matchAll(/^\| `([^`]+)` \| \S/gm)].map(
        ([, field]) => field ?? "",
      );
      // The paths are normalized, because tasks inside a for_each are rendered like other tasks, and
      // all clusters are rendered alike.
      const normalized = (field: string): string =>
        field
          .replace("task.for_each_task.task.", "task.")
          .replace(
            /(databricks_job\.(task|job_cluster)\.new_cluster|databricks_cluster)\./,
            "cluster.",
          );
      const usedPaths = new Set([...usedFields].map(normalized));
      const isCovered = (field: string): boolean =>
        usedPaths.has(normalized(field)) ||
        notReachable.some(
          (entry) =>
            normalized(field) === normalized(entry) ||
            normalized(field).startsWith(`${normalized(entry)}.`),
        );
      expect(added.filter((field) => !isCovered(field))).toEqual([]);

      const workspace = await startWorkspace();
      try {
        const headers = {
          authorization: `Bearer ${workspace.token}`,
          "content-type": "application/json",
        };
        const url = `${workspace.host}/api/2.0/preview/scim/v2/ServicePrincipals`;
        const response = await fetch(url, {
          method: "POST",
          headers,
          body: JSON.stringify({ displayName: "git" }),
        });
        const { id: PRINCIPAL_ID } = (await response.json()) as { id: string };
        const WORKSPACE_ID = workspace.workspaceId;
        const env = {
          ...secrets,
          WORKSPACE_ID,
          PRINCIPAL_ID,
          TOKEN: "t",
          LAKEFORM_LOCAL_HOST: workspace.host,
          LAKEFORM_LOCAL_TOKEN: workspace.token,
        };
        const deployed = await lakeform(root, ["deploy", "newer-local", "--auto-approve"], env);
        expectExit(deployed, 0);
        expect(deployed.stdout).toContain("the workspace matches the code");
        expect(
          (await lakeform(root, ["deploy", "newer-local", "--auto-approve"], env)).stdout,
        ).toContain("nothing to do");
        const rejectedDeploy = await lakeform(root, ["deploy", "newer-local", "--auto-approve"], {
          ...env,
          WORKSPACE_ID: "17",
        });
        expect([rejectedDeploy.code, rejectedDeploy.stderr]).toEqual([
          1,
          expect.stringContaining("OTHER_WORKSPACE"),
        ]);
      } finally {
        await workspace.close();
      }
    },
  );

  const nodes = ["22.23.3", "24.21.0"];
  // Not in CI, since it takes half a minute.
  (modules === undefined || longScale < 0.5 ? test.skip : test)(
    "the gallery is deployed, verified and destroyed on newer versions of Node",
    async () => {
      const rows: string[] = [];
      for (const version of nodes.slice(0, scaled(nodes.length, 1))) {
        const node = installNode(version);
        if (node === undefined) continue;
        for (const toolkit of ["cdktn", "cdktf"].slice(0, scaled(2, 1))) {
          const root = roots[toolkit] ?? "";
          const command = path.join(
            toolkit === "cdktn" ? path.join(modules ?? "", "lakeform") : repository,
            "bin",
            "lakeform.js",
          );
          const env = {
            PATH: `${node}${path.delimiter}${process.env.PATH ?? ""}`,
            HOME: makeFolder("home"),
            ...secrets,
          };
          const run = async (...words: string[]): Promise<string> =>
            (
              await execute(path.join(node, "node"), [command, ...words], {
                cwd: root,
                env,
                maxBuffer: 1e8,
              })
            ).stdout;
          fs.rmSync(path.join(root, ".lakeform"), { recursive: true, force: true });
          await run("workspace", "start", "--detach");
          try {
            expect(await run("deploy", "gallery-local", "--auto-approve")).toContain(
              "the workspace matches the code",
            );
            const record = "/Workspace/Shared/.lakeform/lakeform/gallery-local/record.json";
            const recordText = await run("fs", "cat", record);
            expect(recordText).toContain(
              toolkit === "cdktn"
                ? '"databricks provider":"1.132.0"'
                : '"databricks provider":"1.99.0"',
            );
            expect(await run("doctor")).toContain(`Node ${version}`);
            await run("destroy", "gallery-local", "--auto-approve");
          } finally {
            await run("workspace", "stop");
          }
          rows.push(
            `| ${version.split(".")[0] ?? ""} | ${toolkit} | deployed, verified, destroyed |`,
          );
        }
      }
      if (process.env.UPDATE_GOLDENS === "1")
        writeRows("| Node | toolkit | result |\n|---|---|---|\n", rows);
      for (const row of rows) expect(fs.readFileSync(docs, "utf8")).toContain(row);
    },
  );
});

const emptyBlock = { attributes: {}, blocks: {} };

interface Written {
  readonly name?: string;
  readonly provider_config?: unknown;
  readonly triggers?: readonly { readonly pause_status?: string }[];
}

/** Returns the dotted paths in a resource of a configuration, without indices. */
function pathsIn(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, path));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    `${path}${name}`,
    ...pathsIn(inner, `${path}${name}.`),
  ]);
}

const docs = path.join(repository, "docs", "toolkits.md");

/** Returns the first column of the table of differences. */
function differencesInDocs(): string[] {
  const rows = fs.readFileSync(docs, "utf8").matchAll(/^\| `([^`]+)` of cdk\.tf\.json/gm);
  return [...rows].map(([, name]) => name ?? "").sort();
}

/** Replaces the rows of the table with this header in the docs. */
function writeRows(header: string, rows: readonly string[]): void {
  edit(docs, (text) => {
    const start = text.indexOf(header);
    const end = text.indexOf("\n\n", start);
    return `${text.slice(0, start)}${header}${rows.join("\n")}${end < 0 ? "\n" : text.slice(end)}`;
  });
}

/** Returns the dotted paths of values that differ; lists are compared as values. */
function differences(left: unknown, right: unknown, path = ""): string[] {
  if (!isObject(left) || !isObject(right))
    return JSON.stringify(left) === JSON.stringify(right) ? [] : [path];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    differences(left[key], right[key], path === "" ? key : `${path}.${key}`),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
