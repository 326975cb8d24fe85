// Terraform with different schemas and providers. Variants:
// - cut: the embedded provider with only the fields that the stack uses
// - full: the embedded provider with its full schema
// - an earlier commit (LAKEFORM_BENCH_BASELINE), with the environment variables that it used
// - official: the official provider, if TERRAFORM_PROVIDER_OFFICIAL is the path of its binary
// Each variant runs the first apply, a plan, a plan without refresh, and destroy, on two stacks:
// 100 jobs of 10 tasks (LAKEFORM_BENCH_JOBS sets the number of jobs; 20 for a quick run), and the
// gallery. Processor seconds are those of Terraform and the provider together.
// LAKEFORM_BENCH_ONLY="cut, jobs" runs one variant.
import { cpSync } from "node:fs";
import path from "node:path";
import { goMemory } from "../../src/terraform/go-memory";
import { mirrorOf } from "../../test/support/both-ways";
import { removeFolders } from "../../test/support/project";
import { Directory } from "../../test/support/replay-terraform";
import type { JsonObject } from "../../test/support/replay-format";
import { baselineCommit, buildBaseline } from "../baseline";
import { synthesizeGallery } from "../gallery";
import { jobsOfTenTasks } from "../jobs-of-ten-tasks";
import type { Scenario, Variant } from "../scenario";
import { timeTerraform } from "../timed-terraform";
import { stopServer, startServer } from "./workspace";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "100");
const official = process.env.TERRAFORM_PROVIDER_OFFICIAL ?? "";

type Environment = Readonly<Record<string, string>>;

interface Stack {
  readonly name: string;
  readonly configuration: JsonObject;
  /** The folder of the files that the configuration refers to. */
  readonly folder?: string;
  readonly variables?: Environment;
}

interface Context {
  readonly stacks: readonly Stack[];
}

const steps = {
  apply: ["apply", "-auto-approve"],
  plan: ["plan"],
  planWithoutRefresh: ["plan", "-refresh=false"],
  destroy: ["destroy", "-auto-approve"],
};

/**
 * Measures the commands of `steps`.
 * @param environment returns variables in addition to those of the workspace and of the stack
 */
async function measure(
  { configuration, folder, variables }: Stack,
  environment: () => Environment,
): Promise<Record<string, number>> {
  const workspace = await startServer("workspace");
  const directory = new Directory({
    DATABRICKS_HOST: workspace.host,
    DATABRICKS_TOKEN: workspace.token,
    ...variables,
    ...environment(),
  });
  const figures: Record<string, number> = {};
  const peaks = { peakTerraformMegabytes: 0, peakProviderMegabytes: 0 };
  try {
    await directory.init();
    if (folder !== undefined) {
      cpSync(folder, directory.path, { recursive: true });
      directory.remove("cdk.tf.json");
    }
    directory.write("main.tf.json", configuration);
    for (const [name, args] of Object.entries(steps)) {
      const { wall, processor, provider, peakTerraform, peakProvider } = await timeTerraform(
        directory,
        args,
      );
      figures[`${name}Seconds`] = wall;
      figures[`${name}ProcessorSeconds`] = processor;
      figures[`${name}ProviderProcessorSeconds`] = provider;
      peaks.peakTerraformMegabytes = Math.max(peaks.peakTerraformMegabytes, peakTerraform);
      peaks.peakProviderMegabytes = Math.max(peaks.peakProviderMegabytes, peakProvider);
    }
    return { ...figures, ...peaks };
  } finally {
    directory.close();
    await stopServer(workspace);
  }
}

const environments: Readonly<Record<string, () => Environment>> = {
  [baselineCommit]: () => ({
    LAKEFORM_PROVIDER_ENTRY: path.join(buildBaseline(), "dist", "provider.js"),
  }),
  full: () => ({ ...goMemory(process.env, 1), LAKEFORM_SCHEMA_CUT: "full" }),
  cut: () => goMemory(process.env, 1),
  ...(official === ""
    ? {}
    : {
        official: () => ({
          ...goMemory(process.env, 2),
          TF_CLI_CONFIG_FILE: mirrorOf(path.resolve(official)),
        }),
      }),
};

function variantsOf(stack: string): Variant<Context>[] {
  const against = `${baselineCommit}, ${stack}`;
  return Object.entries(environments).map(([way, environment]) => ({
    name: `${way}, ${stack}`,
    against,
    run: async ({ stacks }) => {
      const content = stacks.find(({ name }) => name === stack);
      if (content === undefined) throw new Error(`no stack ${stack}`);
      return measure(content, environment);
    },
  }));
}

export const scenario: Scenario<Context> = {
  title: `${jobs} jobs of 10 tasks, and the gallery, with terraform: reduced schema compared with the full schema and with ${baselineCommit}`,
  baseline: `${baselineCommit}, jobs`,
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_ROUNDS ?? "1"),
  setup: async () => ({
    stacks: [
      { name: "jobs", configuration: jobsOfTenTasks(jobs) },
      { name: "gallery", ...(await synthesizeGallery()) },
    ],
  }),
  teardown: () => {
    removeFolders();
    return Promise.resolve();
  },
  variants: ["jobs", "gallery"].flatMap(variantsOf),
};
