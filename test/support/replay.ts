/**
 * Replays recordings of the official provider through the real terraform and the embedded provider,
 * and compares calls, plans and states. Cases without special requirements share one run: each is a
 * module with a separate provider configuration and stub workspace, and in each round every case
 * with the same next command takes its next step.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { cutFile, readConfiguration } from "../../src/resources/cut/cut-file";
import { Uses } from "../../src/resources/cut/schema-cut";
import {
  compareCalls,
  compareNulls,
  comparePlan,
  compareState,
  type ResourceChange,
  type StateInstance,
} from "./replay-compare";
import { findKind } from "../../src/resources";
import { schemaOf } from "../../src/resources/shape/schema";
import {
  loadCase,
  type Json,
  type JsonObject,
  type Plan,
  type Recording,
  type Step,
} from "./replay-format";
import { Stub } from "./replay-stub";
import { intendedDifferences, type IntendedDifference } from "./intended-differences";
import {
  Directory,
  requiredProviders,
  type RawResource,
  type TerraformError,
} from "./replay-terraform";

export interface CaseResult {
  readonly name: string;
  readonly problems: string[];
  /** Intended differences, with the reason. */
  readonly intended: string[];
  /** Harmless differences, such as null instead of "". */
  readonly nulls: string[];
  readonly errors: string[];
}

type Mode = "plan" | "apply" | "import";

class CaseRun {
  readonly stub = new Stub();
  readonly result: CaseResult;
  /**
   * The module name `case_x`, or undefined for a case alone in the root module with its own
   * environment.
   */
  readonly module: string | undefined;
  readonly recording: Recording;
  private stepIndex = 0;
  private readonly metDifferences = new Set<unknown>();
  state: readonly RawResource[] = [];
  applied: JsonObject;

  constructor(private readonly recorded: Recording) {
    this.recording = withOurCalls(recorded);
    const { recording } = this;
    this.result = { name: recording.case, problems: [], intended: [], nulls: [], errors: [] };
    this.module = needsOwnRun(recording)
      ? undefined
      : `case_${recording.case.replaceAll("-", "_")}`;
    this.applied = recording.config;
  }

  get folder(): string {
    return this.module === undefined ? "" : `cases/${this.module}/`;
  }

  get prefix(): string {
    return this.module === undefined ? "" : `module.${this.module}.`;
  }

  get step(): Step | undefined {
    return this.recording.steps[this.stepIndex];
  }

  get next(): Step | undefined {
    return this.recording.steps[this.stepIndex + 1];
  }

  get mode(): Mode | undefined {
    const { step } = this;
    if (step === undefined) return undefined;
    return step.import_id !== undefined
      ? "import"
      : step.apply_exit_code !== undefined
        ? "apply"
        : "plan";
  }

  get config(): JsonObject {
    const { step } = this;
    if (step?.step !== "destroy") return step?.config ?? this.applied;
    const { provider } = this.recording.config;
    return provider === undefined ? {} : { provider };
  }

  /** The command; `import` includes the plan after it. */
  advance(mode: Mode): void {
    if (this.step?.config !== undefined && mode === "apply") this.applied = this.step.config;
    this.stepIndex += mode === "import" ? 2 : 1;
    const cutoff = this.intendedDifferences.find(
      (item) => item.from !== undefined && item.from === this.step?.step,
    );
    if (cutoff === undefined) return;
    this.result.intended.push(`from "${cutoff.from ?? ""}" on: ${cutoff.reason}`);
    this.stop();
  }

  stop(): void {
    this.stepIndex = this.recording.steps.length;
  }

  problem(text: string): void {
    const line = `${this.step?.step ?? "end"}: ${text}`;
    for (const { reason, matching = [] } of this.intendedDifferences) {
      const matchingDifference = matching.find((item) =>
        typeof item === "function" ? item(line) : item.test(line),
      );
      if (matchingDifference === undefined) continue;
      this.metDifferences.add(matchingDifference);
      this.result.intended.push(`${line} (${reason})`);
      return;
    }
    this.result.problems.push(line);
  }

  private get intendedDifferences(): readonly IntendedDifference[] {
    return intendedDifferences.filter(
      (wantedDifference) => wantedDifference.case === this.recording.case,
    );
  }

  /** An intended difference that does not occur is a problem, too. */
  finish(): void {
    for (const item of this.intendedDifferences.flatMap(({ matching = [] }) => matching)) {
      if (!this.metDifferences.has(item))
        this.result.problems.push(`a wanted difference is none: ${String(item)}`);
    }
    const { recorded, recording } = this;
    if (recorded !== recording && JSON.stringify(recorded) === JSON.stringify(recording))
      this.result.problems.push("a wanted difference changes no call");
  }

  get address(): string {
    const { resource } = this.recording.config as { resource: Record<string, JsonObject> };
    const [type = "", named = {}] = Object.entries(resource)[0] ?? [];
    return `${type}.${Object.keys(named)[0] ?? ""}`;
  }

  /** The name of the main resource's kind in error messages. */
  get title(): string {
    return findKind(this.recording.kind)?.title ?? this.recording.kind;
  }

  get hasSeveralResources(): boolean {
    const { resource, data } = this.recording.config as {
      resource?: Record<string, JsonObject>;
      data?: Record<string, JsonObject>;
    };
    return (
      [resource, data].flatMap((kinds) =>
        Object.values(kinds ?? {}).flatMap((named) => Object.keys(named)),
      ).length > 1
    );
  }

  get files(): readonly (readonly [string, string | Buffer])[] {
    return Object.entries(this.recording.files ?? {}).map(([name, content]) => [
      name,
      typeof content === "string" ? content : patternedContent(content.bytes, content.sha256),
    ]);
  }
}

/**
 * Cases that depend on the environment or the provider's block, or that `terraform import` rejects.
 */
function needsOwnRun(recording: Recording): boolean {
  return (
    recording.environment !== undefined ||
    "provider" in recording.config ||
    recording.steps[0]?.import_id !== undefined
  );
}

/** The recording with the calls of the embedded provider where they are meant to differ. */
function withOurCalls(recording: Recording): Recording {
  const ourCalls = intendedDifferences.find((item) => item.case === recording.case)?.ourCalls;
  if (ourCalls === undefined) return recording;
  const steps = recording.steps.map((step) => ({
    ...step,
    requests: step.requests.flatMap((call) => ourCalls(call)),
  }));
  return { ...recording, steps };
}

/** The large file of a recording: a repeated pattern of sixteen characters. */
function patternedContent(bytes: number, sha256: string): Buffer {
  const content = Buffer.alloc(bytes, "0123456789abcdef");
  if (createHash("sha256").update(content).digest("hex") !== sha256)
    throw new Error("the recorded file is made of something else");
  return content;
}

/** Replaces the stub's address and the module's folder by the values of the recordings. */
function withRecordedNames(value: Json, run: CaseRun): Json {
  if (typeof value === "string")
    return value
      .replaceAll(run.stub.host, "http://stub.local")
      .replace(run.folder, run.module === undefined ? "" : "./");
  if (Array.isArray(value)) return value.map((item) => withRecordedNames(item, run));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withRecordedNames(item, run)]),
    );
  return value;
}

/**
 * Returns the parts of one case for the state and plan comparison, by address within its module.
 */
function changesOf(changes: readonly ResourceChange[], run: CaseRun): ResourceChange[] {
  const { prefix } = run;
  return changes
    .filter((change) => change.address.startsWith(prefix))
    .map((change) => ({
      ...(withRecordedNames(change as unknown as Json, run) as unknown as ResourceChange),
      address: change.address.slice(prefix.length),
    }));
}

function instancesOf(
  resources: readonly RawResource[],
  run: CaseRun,
): Record<string, StateInstance> {
  return Object.fromEntries(
    resources.flatMap((resource) =>
      resource.instances.map((instance) => [
        `${resource.mode === "data" ? "data." : ""}${resource.type}.${resource.name}`,
        { ...instance, attributes: withRecordedNames(instance.attributes, run) as JsonObject },
      ]),
    ),
  );
}

/**
 * Replays cases, those without special requirements together.
 * @param schema `cut`: the provider serves the part of the schema that the cases use, as lakeform
 * configures it
 * @returns one result for each case, in the given order
 */
export async function replay(
  names: readonly string[],
  {
    log = () => undefined,
    schema = "full",
  }: { readonly log?: (text: string) => void; readonly schema?: "full" | "cut" } = {},
): Promise<readonly CaseResult[]> {
  const runs = names.map((name) => new CaseRun(loadCase(name)));
  const sharedRuns = runs.filter((run) => run.module !== undefined);
  if (sharedRuns.length > 0) await replayGroup(sharedRuns, new Directory(), { log, schema });
  for (const run of runs) {
    if (run.module !== undefined) continue;
    await run.stub.start();
    await replayGroup([run], new Directory(environmentOf(run)), { log, schema });
  }
  // With a reduced schema, each case ends before its import.
  if (schema === "full") for (const run of runs) run.finish();
  return runs.map((run) => run.result);
}

function environmentOf(run: CaseRun): Record<string, string> {
  const environment = {
    DATABRICKS_HOST: run.stub.host,
    DATABRICKS_TOKEN: "dapi-test",
    ...run.recording.environment,
  };
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== "(unset)"));
}

async function replayGroup(
  runs: readonly CaseRun[],
  directory: Directory,
  { log, schema }: { readonly log: (text: string) => void; readonly schema: "full" | "cut" },
): Promise<void> {
  try {
    await Promise.all(runs.map((run) => run.stub.start()));
    await directory.init();
    const modules = runs.flatMap(({ module }) =>
      module === undefined
        ? []
        : [{ Key: module, Source: `./cases/${module}`, Dir: `cases/${module}` }],
    );
    if (modules.length > 0)
      directory.write(".terraform/modules/modules.json", {
        Modules: [{ Key: "", Source: "", Dir: "." }, ...modules],
      });
    for (const run of runs)
      for (const [name, content] of run.files) directory.write(`${run.folder}${name}`, content);
    for (let mode = commonestMode(runs); mode !== undefined; mode = commonestMode(runs)) {
      const active = runs.filter((run) => run.mode === mode);
      if (mode === "import" && schema === "cut") {
        // An import uses the full schema.
        for (const run of active) run.stop();
        continue;
      }
      const startedAt = Date.now();
      if (mode === "import" && active[0]?.module === undefined)
        await expectRefusedImport(directory, active);
      else
        await runRound(
          directory,
          active,
          mode,
          schema === "cut" ? new ServedCut(directory) : undefined,
        );
      log(`${mode} of ${active.length} cases: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
      for (const run of active) run.advance(mode);
    }
  } finally {
    await Promise.all(runs.map((run) => run.stub.stop()));
    directory.close();
  }
}

/** `terraform import` of an object that cannot be imported. */
async function expectRefusedImport(directory: Directory, runs: readonly CaseRun[]): Promise<void> {
  for (const run of runs) {
    writeRound(directory, [run], "plan");
    run.stub.expect(run.step?.requests ?? []);
    const { code } = await directory.terraform([
      "import",
      "-input=false",
      "-no-color",
      run.address,
      run.step?.import_id ?? "",
    ]);
    if (code === 0) run.problem("the import should fail");
    checkCalls(run, "import", run.stub.requests);
    if (directory.readState().length > 0)
      run.problem("the refused import left something in the state");
  }
}

function commonestMode(runs: readonly CaseRun[]): Mode | undefined {
  const count = (mode: Mode): number => runs.filter((run) => run.mode === mode).length;
  const modes: Mode[] = ["plan", "apply", "import"];
  return modes.filter((mode) => count(mode) > 0).sort((a, b) => count(b) - count(a))[0];
}

function writeRound(directory: Directory, runs: readonly CaseRun[], mode: Mode): void {
  const moduleRuns = runs.flatMap((run) =>
    run.module === undefined ? [] : [{ run, module: run.module }],
  );
  for (const run of runs) {
    const config = JSON.parse(
      JSON.stringify(run.config).replaceAll("http://stub.local", run.stub.host),
    ) as JsonObject;
    // The recordings omit an empty provider block.
    const provider: JsonObject = run.module === undefined ? { provider: { databricks: {} } } : {};
    directory.write(`${run.folder}main.tf.json`, {
      terraform: { required_providers: requiredProviders },
      ...provider,
      ...config,
    });
  }
  if (moduleRuns.length > 0) {
    const root: JsonObject = {
      terraform: { required_providers: requiredProviders },
      provider: {
        databricks: moduleRuns.map(({ run, module }) => ({
          alias: module,
          host: run.stub.host,
          token: "dapi-test",
        })),
      },
      module: Object.fromEntries(
        moduleRuns.map(({ module }) => [
          module,
          { source: `./cases/${module}`, providers: { databricks: `databricks.${module}` } },
        ]),
      ),
    };
    if (mode === "import")
      root.import = runs.map((run) => ({
        to: `${run.prefix}${run.address}`,
        id: run.step?.import_id ?? "",
      }));
    directory.write("main.tf.json", root);
  }
  directory.writeState(mode === "import" ? [] : runs.flatMap((run) => run.state));
}

/** The part of the schema that cases use, computed and extended as in `lakeform deploy`. */
class ServedCut {
  readonly #fullTypes = new Set<string>();

  constructor(private readonly directory: Directory) {}

  handOver(runs: readonly CaseRun[]): void {
    const { path: folder, environment } = this.directory;
    const uses = new Uses();
    for (const { config, state } of runs) {
      uses.addConfiguration(config);
      for (const { type, mode, instances } of state)
        for (const { attributes } of instances) uses.addState(type, mode, attributes);
    }
    for (const type of this.#fullTypes) uses.addType(type);
    this.directory.write("cut", cutFile(folder, readConfiguration(folder)?.hash ?? "", uses.cut()));
    environment["LAKEFORM_SCHEMA_CUT"] = path.join(folder, "cut");
  }

  /**
   * @returns whether a read found a value outside the reduced schema, so that the plan must be
   * repeated
   */
  widen(errors: readonly TerraformError[]): boolean {
    const types = errors.flatMap(
      ({ summary }) => /^SCHEMA_CUT_TOO_NARROW: (\w+)/.exec(summary)?.[1] ?? [],
    );
    for (const type of types) this.#fullTypes.add(type);
    return types.length > 0;
  }
}

/**
 * Plans and applies all cases; a case whose plan fails is removed from the round, since terraform
 * then plans nothing.
 */
async function runRound(
  directory: Directory,
  runs: readonly CaseRun[],
  mode: Mode,
  cut: ServedCut | undefined,
): Promise<void> {
  delete directory.environment["LAKEFORM_SCHEMA_CUT"];
  let active = [...runs];
  while (active.length > 0) {
    writeRound(directory, active, mode);
    cut?.handOver(active);
    for (const run of active)
      run.stub.expect([
        ...(run.step?.requests ?? []),
        ...(mode === "import" ? (run.next?.requests ?? []) : []),
      ]);
    const warnings: TerraformError[] = [];
    const errors = await directory.plan(warnings);
    if (errors.length === 0) {
      for (const run of active) checkWarnings(run, mode, warnings);
      break;
    }
    if (cut?.widen(errors) !== true) active = withoutFailed(active, errors, warnings);
  }
  if (active.length === 0) return;
  const { changes, drift } = await directory.showPlan();
  const requestCounts = new Map(active.map((run) => [run, run.stub.requests.length]));
  for (const run of active) checkPlan(run, mode, changesOf(changes, run), changesOf(drift, run));
  if (mode !== "apply") {
    for (const run of active)
      checkCalls(run, mode === "import" ? "import" : "plan", run.stub.requests);
    return;
  }
  const errors = await directory.apply();
  const state = directory.readState();
  for (const run of active)
    run.state = state.filter(
      (resource) =>
        resource.module === (run.module === undefined ? undefined : `module.${run.module}`),
    );
  const unassignedErrors = errors.filter((error) => !active.some((run) => isAbout(error, run)));
  for (const run of active) {
    const requestCount = requestCounts.get(run) ?? 0;
    checkCalls(run, "plan", run.stub.requests.slice(0, requestCount));
    checkCalls(run, "apply", run.stub.requests.slice(requestCount));
    // The error of a destroy does not name a resource: it belongs to the remaining one of that
    // kind.
    const hasRemaining = run.step?.step === "destroy" && run.state.length > 0;
    checkApply(
      run,
      errors.filter(
        (error) =>
          isAbout(error, run) ||
          (hasRemaining && unassignedErrors.includes(error) && error.summary.includes(run.title)),
      ),
    );
  }
}

const describe = (error: TerraformError): string =>
  `${error.summary}: ${error.detail}`.replaceAll("\n", " ");

function isAbout(error: TerraformError, run: CaseRun): boolean {
  if (run.module === undefined) return true;
  return (
    error.address?.startsWith(run.prefix) === true ||
    error.file?.startsWith(run.folder) === true ||
    error.detail.includes(run.prefix)
  );
}

/**
 * Returns warnings, such as deprecated arguments. An import includes the plan after it; a destroy
 * has no configuration left.
 */
function checkWarnings(run: CaseRun, mode: Mode, warnings: readonly TerraformError[]): void {
  const step = mode === "import" ? run.next : run.step;
  // Terraform validates twice; the recordings contain each warning of a resource once.
  const warningsOfRun = warnings.filter((warning) => isAbout(warning, run));
  const texts = [
    ...new Map(
      warningsOfRun.map((warning) => [
        `${warning.address ?? ""} ${warning.summary}`,
        describe(warning),
      ]),
    ).values(),
  ];
  if (texts.length !== (step?.warnings ?? 0))
    run.problem(
      `expected ${step?.warnings ?? 0} warnings, got ${texts.length}: ${texts.join("; ")}`,
    );
}

function checkErrors(run: CaseRun, foundErrors: readonly TerraformError[]): void {
  const { plan, apply_exit_code, errors = 0 } = run.step ?? {};
  // The recorder stopped terraform, which causes one of the errors.
  const stopped = apply_exit_code === -1 || (typeof plan === "object" && plan.exit_code === -1);
  const expected = stopped ? errors - 1 : errors;
  if (foundErrors.length !== expected)
    run.problem(
      `expected ${expected} errors, got ${foundErrors.length}: ${foundErrors.map(describe).join("; ")}`,
    );
}

function withoutFailed(
  active: readonly CaseRun[],
  errors: readonly TerraformError[],
  warnings: readonly TerraformError[],
): CaseRun[] {
  const failedRuns = active.filter((run) => errors.some((error) => isAbout(error, run)));
  for (const run of failedRuns.length === 0 ? active : failedRuns) {
    const errorsOfRun = errors.filter((error) => failedRuns.length === 0 || isAbout(error, run));
    run.result.errors.push(...errorsOfRun.map(describe));
    const { plan } = run.step ?? {};
    if (failedRuns.length > 0 && typeof plan === "object" && plan.exit_code === 1) {
      checkCalls(run, "plan", run.stub.requests);
      checkErrors(run, errorsOfRun);
      checkWarnings(run, "plan", warnings);
    } else {
      run.problem(`the plan fails: ${errorsOfRun.map(describe).join("; ")}`);
      run.stop();
    }
  }
  return failedRuns.length === 0 ? [] : active.filter((run) => !failedRuns.includes(run));
}

function checkPlan(
  run: CaseRun,
  mode: Mode,
  changes: readonly ResourceChange[],
  drift: readonly ResourceChange[],
): void {
  const { step, next } = run;
  const plan: "no changes" | Plan | undefined = mode === "import" ? next?.plan : step?.plan;
  if (plan === undefined) return;
  if (plan !== "no changes" && plan.exit_code === 1) run.problem("the plan should fail");
  else {
    const destroy = step?.step === "destroy";
    // The recordings have no drift in the plans of a destroy.
    for (const text of comparePlan(
      withoutReasons(plan, destroy),
      changes,
      destroy ? undefined : drift,
    ))
      run.problem(text);
  }
  if (mode !== "import") return;
  const imported = changes.filter(
    ({ change }) => change.importing !== undefined && change.before !== null,
  );
  const state = Object.fromEntries(
    imported.map(({ address, change }) => [
      address,
      // Fields that terraform writes in addition to an imported state: the version in the schema.
      {
        schema_version: schemaOf(address.split(".")[0] ?? "")?.version ?? 0,
        attributes: change.before ?? {},
      },
    ]),
  );
  const expected = step?.state ?? {};
  for (const text of compareState(expected, state)) run.problem(text);
  run.result.nulls.push(...compareNulls(expected, state));
}

/**
 * Ignores terraform's reason for a destroy: here a resource is destroyed by removing it from the
 * configuration.
 */
function withoutReasons(plan: "no changes" | Plan, destroy: boolean): "no changes" | Plan {
  if (!destroy || plan === "no changes") return plan;
  const resources = Object.entries(plan.resources ?? {}).map(
    ([address, { actions }]) => [address, { actions }] as const,
  );
  return { ...plan, resources: Object.fromEntries(resources) };
}

function checkCalls(
  run: CaseRun,
  during: "plan" | "apply" | "import",
  requests: CaseRun["stub"]["requests"],
): void {
  const expected = (run.step?.requests ?? []).filter((call) => call.during === during);
  // Only in applies does the order of several resources follow from their references.
  for (const text of compareCalls(expected, requests, run.hasSeveralResources && during === "plan"))
    run.problem(`${during} ${text}`);
}

function checkApply(run: CaseRun, errors: readonly TerraformError[]): void {
  run.result.errors.push(...errors.map(describe));
  const failed = run.step?.apply_exit_code !== 0;
  if (failed && errors.length === 0) run.problem("the apply should fail");
  if (!failed && errors.length > 0)
    run.problem(`the apply fails: ${errors.map(describe).join("; ")}`);
  if (failed && errors.length > 0) checkErrors(run, errors);
  const expected = run.step?.state;
  if (expected === undefined) return;
  const actual = instancesOf(run.state, run);
  for (const text of compareState(expected, actual)) run.problem(text);
  run.result.nulls.push(...compareNulls(expected, actual));
}
