/** Completion: the candidates for the next argument, and the scripts in real shells. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { command } from "../run/command";
import { makeFolder } from "../support/project";

const repository = path.join(__dirname, "..", "..");

function makeProjectFolder(): string {
  const folder = makeFolder("completion");
  const output = path.join(folder, "cdktf.out");
  fs.writeFileSync(
    path.join(folder, "cdktf.json"),
    JSON.stringify({ app: "true", language: "typescript" }),
  );
  const stacks = ["etl-local", "etl-prod"].map((name) => {
    const workingDirectory = `stacks/${name}`;
    fs.mkdirSync(path.join(output, workingDirectory), { recursive: true });
    const settings =
      name === "etl-prod" ? { provider: "official", profile: "prod" } : { provider: "embedded" };
    const metadata = {
      version: 1,
      stack: name,
      environment: name.slice(4),
      ...settings,
      resources: {},
      variables: {},
    };
    fs.writeFileSync(
      path.join(output, workingDirectory, "cdk.tf.json"),
      JSON.stringify({ "//": { lakeform: metadata } }),
    );
    return [
      name,
      {
        name,
        workingDirectory,
        synthesizedStackPath: `${workingDirectory}/cdk.tf.json`,
        annotations: [],
        dependencies: [],
      },
    ];
  });
  fs.writeFileSync(
    path.join(output, "manifest.json"),
    JSON.stringify({ version: "0.21.0", stacks: Object.fromEntries(stacks) as object }),
  );
  return folder;
}

const cwd = makeProjectFolder();
afterAll(() => fs.rmSync(cwd, { recursive: true }));

test.each([
  ["commands", ["pro"], ["promote", "promotions"]],
  ["subcommands", ["workspace", "st"], ["start", "stop", "status"]],
  ["options", ["review", "--fail"], ["--fail-on"]],
  ["values of an option", ["runs", "list", "--format", ""], ["text", "json"]],
  ["stacks and environments", ["review", "etl"], ["etl-local", "etl-prod"]],
  ["environments of --on", ["tokens", "list", "--on", "p"], ["prod"]],
  ["an environment to promote to", ["promote", "local", "p"], ["prod"]],
  ["no stacks for a command that takes paths", ["fs", "cp", "e"], []],
  ["nothing after an unknown command", ["nonsense", ""], []],
])("completes %s", async (_, args, expected) => {
  const { stdout } = await command(["completion", "words", "--", ...args], {}, { cwd });
  expect(stdout.split("\n").filter(Boolean)).toEqual(expected);
});

const isInstalled = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;
const shells: readonly [string, string][] = [
  [
    "bash",
    'eval "$(lakeform completion bash)"; COMP_WORDS=(lakeform deploy etl-p); COMP_CWORD=2; _lakeform lakeform; echo "${COMPREPLY[@]}"',
  ],
  [
    "zsh",
    'compdef() { :; }; compadd() { shift; echo "$@"; }; eval "$(lakeform completion zsh)"; words=(lakeform deploy etl-p); CURRENT=3; _lakeform',
  ],
  ["fish", "lakeform completion fish | source; complete --do-complete 'lakeform deploy etl-p'"],
];
test.each(shells.filter(([shell]) => isInstalled(shell)))(
  "the script for %s completes a stack",
  (shell, script) => {
    const bin = path.join(cwd, "bin");
    fs.mkdirSync(bin, { recursive: true });
    fs.rmSync(path.join(bin, "lakeform"), { force: true });
    fs.symlinkSync(path.join(repository, "bin", "lakeform.js"), path.join(bin, "lakeform"));
    const env = { PATH: `${bin}:${process.env.PATH ?? ""}`, HOME: cwd };
    const { stdout, stderr } = spawnSync(shell, ["-c", script], { cwd, env, encoding: "utf8" });
    expect({ found: stdout.trim(), stderr }).toEqual({ found: "etl-prod", stderr: "" });
  },
  60_000,
);

test("lakeform without arguments shows the current project and the next commands", async () => {
  const overview = await command([], {}, { cwd });
  expect(overview).toMatchObject({ code: 0, stderr: "" });
  expect(overview.stdout).toContain(
    `project:         ${cwd}\nstacks:          etl-local, etl-prod\nenvironments:    local, prod`,
  );
  expect(overview.stdout).toMatch(
    /local workspace: not running\n\nnext:\n {2}lakeform workspace start --detach\n {2}lakeform review local\n/,
  );
  expect((await command([])).stdout).toMatch(
    /project: +none in this folder[^]*next:\n {2}lakeform init NAME\n/,
  );
});

test("help does not show empty lists as defaults", async () => {
  const help = (await command(["run", "--help"])).stdout;
  expect(help).toContain("--param <key=value>");
  expect(help).toContain('default:\n                                "text"');
  expect(help).not.toMatch(/default:\s+(\[\]|\{\})/);
});

test("errors suggest similar stacks, and ways to connect the project to a workspace", async () => {
  expect((await command(["tokens", "list", "--on", "etl-prdo"], {}, { cwd })).stderr).toMatch(
    /UNKNOWN_STACK[^]*fix: +did you mean etl-prod\?/,
  );
  expect((await command(["tokens", "list"], {}, { cwd })).stderr).toMatch(
    /NO_HOST[^]*fix: +start the local workspace \(lakeform workspace start --detach\); use --on with an environment \(local, prod\) or stack; or /,
  );
  expect(
    (await command(["tokens", "list", "--on", "etl-prod"], { HOME: cwd }, { cwd })).stderr,
  ).toMatch(
    /UNKNOWN_PROFILE[^]*fix: +add a section \[prod\][^]* or set LAKEFORM_PROD_HOST and LAKEFORM_PROD_TOKEN/,
  );
  const withHost = { HOME: cwd, LAKEFORM_PROD_HOST: "https://adb-1.2.azuredatabricks.net" };
  expect((await command(["tokens", "list", "--on", "etl-prod"], withHost, { cwd })).stderr).toMatch(
    /NO_CREDENTIALS[^]*fix: +set LAKEFORM_PROD_TOKEN \(or LAKEFORM_PROD_CLIENT_ID and LAKEFORM_PROD_CLIENT_SECRET\); or set DATABRICKS_TOKEN/,
  );
});
