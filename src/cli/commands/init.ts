import fs from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { LakeformError } from "../../errors";
import { ciSystems } from "../../promote/ci/systems";
import type { MakeCommand } from "../io";
import { toolkits, type Toolkit } from "../../terraform/toolkit";
import { tellNode } from "../toolkit-node";
import { templateEnvironments, templateFiles } from "../template/files";
import { packageVersion } from "../package-version";

export const command: MakeCommand = (io) =>
  new Command("init")
    .description("Create a project: a stack, its environments, a test, a CI pipeline")
    .argument("[dir]", "new or empty folder", ".")
    .option("--name <name>", "project name (default: the folder's name)")
    .addOption(
      new Option("--ci <system>", "CI system to write a pipeline for")
        .choices([...Object.keys(ciSystems), "none"])
        .default("github-actions"),
    )
    .addOption(
      new Option("--toolkit <name>", "cdktn, which is maintained and needs Node 22, or cdktf, which is archived and runs on Node 20")
        .choices(toolkits)
        .default("cdktn"),
    )
    .addHelpText("after", "\nExample: lakeform init my-pipelines && cd my-pipelines && npm install")
    .action((dir: string, flags: { name?: string; ci: string; toolkit: Toolkit }) => {
      const root = path.resolve(io.cwd, dir);
      const name =
        flags.name ??
        path
          .basename(root)
          .toLowerCase()
          .replaceAll(/[^a-z0-9-]+/g, "-")
          .replaceAll(/^-+|-+$/g, "");
      if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) {
        throw new LakeformError("BAD_PROJECT_NAME", "not a valid project name", {
          value: name,
          allowed: "a letter, then up to 40 letters, digits and -",
          fix: "--name my-pipelines",
        });
      }
      const ci = ciSystems[flags.ci];
      const pipeline = { name: path.basename(root), environments: templateEnvironments, secrets: [], smokeJobs: [] };
      const files = {
        ...templateFiles(name, packageVersion(), flags.toolkit),
        ...(ci === undefined ? {} : { [ci.file]: ci.render(pipeline) }),
      };
      const there = Object.keys(files).filter((file) => fs.existsSync(path.join(root, file)));
      if (there.length > 0) {
        throw new LakeformError("FILE_EXISTS", "the folder already contains project files: nothing was written", {
          value: there.join(", "),
          fix: "choose an empty folder: lakeform init <dir>",
        });
      }
      for (const [file, content] of Object.entries(files)) {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        fs.writeFileSync(path.join(root, file), content);
        io.stdout.write(`${path.join(dir, file)}\n`);
      }
      tellNode(io, flags.toolkit);
      io.stderr.write(
        `\nnext: ${dir === "." ? "" : `cd ${dir} && `}npm install && npx lakeform workspace start --detach && npx lakeform deploy local\n`,
      );
    });
