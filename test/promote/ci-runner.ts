/**
 * Reads the jobs out of a written pipeline: their shell steps, and where each variable of a step
 * comes from.
 */
import { parse } from "yaml";

export interface CiJob {
  readonly name: string;
  readonly event: "pull request" | "push" | "tag" | "schedule";
  readonly steps: readonly CiJobStep[];
}

export interface CiJobStep {
  readonly run: string;
  /**
   * The name of the secret or variable that each environment variable is taken from, and the store
   * that contains it.
   */
  readonly env: Readonly<Record<string, { readonly store: string; readonly name: string }>>;
}

interface Step {
  readonly run?: string;
  readonly script?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Returns the jobs in execution order, one event after the other, without steps that need the CI
 * system's own server.
 */
export function jobsOf(system: string, text: string): CiJob[] {
  const jobs = { "github-actions": githubJobs, "azure-devops": azureJobs, jenkins: jenkinsJobs }[
    system
  ];
  if (jobs === undefined) throw new Error(system);
  return jobs(text);
}

const events: readonly (readonly [RegExp, CiJob["event"]])[] = [
  [/pull_request|PullRequest'\)$|changeRequest/, "pull request"],
  [/'schedule'|'Schedule'\)$|(?<!not \{ )triggeredBy/, "schedule"],
  [/refs\/tags|\btag '/, "tag"],
  [/refs\/heads|branch '/, "push"],
];
const eventOf = (condition: string): CiJob["event"] =>
  events.find(([pattern]) => pattern.test(condition))?.[1] ?? "tag";

const needsCiServer = /--base|SYSTEM_ACCESSTOKEN|uploadsummary/;

function stepsOf(steps: readonly Step[], store: string, reference: RegExp): CiJobStep[] {
  return steps.flatMap(({ run, script, env = {}, if: condition = "" }) => {
    const shell = run ?? script;
    if (
      shell === undefined ||
      condition.startsWith("!(") ||
      needsCiServer.test(`${shell}${Object.keys(env).join(" ")}`)
    )
      return [];
    const sources = Object.entries(env).flatMap(([name, value]) => {
      const sourceName = reference.exec(value)?.[1];
      return sourceName === undefined || name === "DIGEST"
        ? []
        : [[name, { store, name: sourceName }] as const];
    });
    return [{ run: shell, env: Object.fromEntries(sources) }];
  });
}

function githubJobs(text: string): CiJob[] {
  const { jobs } = parse(text) as {
    jobs: Record<string, { if?: string; environment: string; steps: Step[] }>;
  };
  return Object.entries(jobs).map(([name, job]) => ({
    name,
    event: eventOf(job.if ?? ""),
    steps: stepsOf(job.steps, job.environment, /^\$\{\{ (?:secrets|vars)\.(\w+) \}\}$/),
  }));
}

function azureJobs(text: string): CiJob[] {
  interface Stage {
    readonly stage: string;
    readonly condition?: string;
    readonly variables: readonly { readonly group?: string }[];
    readonly jobs: readonly {
      readonly steps?: Step[];
      readonly strategy?: { readonly runOnce: { readonly deploy: { readonly steps: Step[] } } };
    }[];
  }
  return (parse(text) as { stages: Stage[] }).stages.map(
    ({ stage, condition = "", variables, jobs }) => {
      const environment =
        variables.find(({ group }) => group !== undefined)?.group?.replace("lakeform-", "") ?? "";
      const steps = jobs.flatMap((job) => job.steps ?? job.strategy?.runOnce.deploy.steps ?? []);
      return {
        name: stage,
        event: eventOf(condition),
        steps: stepsOf(steps, environment, /^\$\((\w+)\)$/),
      };
    },
  );
}

/**
 * Merges the stages of a Jenkins build into one job: the install stage, and the stages of the
 * event.
 */
function jenkinsJobs(text: string): CiJob[] {
  const stages = text
    .split("    stage('")
    .slice(1)
    .map((stage) => {
      const env = Object.fromEntries(
        [...stage.matchAll(/(\w+) = credentials\('(\w+)'\)/g)].map(
          ([, name = "", credential = ""]) => {
            const isReadOnly = credential.startsWith("REVIEW_");
            return [
              name,
              { store: isReadOnly ? "review" : "", name: credential.replace(/^REVIEW_/, "") },
            ];
          },
        ),
      );
      const scripts = [
        ...stage.matchAll(/sh\((?:label: '[^']*', )?script: '''([\s\S]*?)'''(?=[,)])/g),
      ].map(([, run = ""]) => run);
      const steps = scripts
        .filter((run) => !run.startsWith("node -p"))
        .map((run) => ({ run, env }));
      return {
        name: stage.slice(0, stage.indexOf("'")),
        event: eventOf(/when \{(.*)\}/.exec(stage)?.[1] ?? ""),
        steps,
      };
    });
  const [install, ...otherStages] = stages;
  return otherStages.map((stage) => ({
    ...stage,
    steps: [...(install?.steps ?? []), ...stage.steps],
  }));
}
