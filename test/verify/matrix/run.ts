/**
 * Runs the matrix: one object per change, all deployed, verified, changed in the workspace,
 * verified, reverted and verified.
 */
import { findKind } from "../../../src/resources";
import type { ShownFinding, ShownResult, VerifyReport } from "../../../src/verify";
import { check, deployDirect, openLab, type Deployed, type Lab } from "../harness";
import { fillPlaceholders, createPlaceholders } from "./compute";
import { covers } from "./fields";
import { casesOf, type Case, type Config, type MatrixKind } from "./kind";

export type Result =
  | "detected"
  | "clean"
  | "missed"
  | "extra"
  | "wrong"
  | "refused"
  | "unapplied"
  | "dirty"
  | "not restored"
  | "healed"
  | "left";

export interface Outcome {
  readonly type: string;
  readonly field: string;
  readonly variant: Case["variant"];
  readonly outcome: Result;
  readonly detail?: string;
}

export async function openMatrixLab(): Promise<Lab> {
  const principals = [{ name: "second@example.com" }, { name: "third@example.com" }];
  const lab = await openLab(principals);
  for (const displayName of ["analysts", "engineers"])
    await lab.client.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  for (const index of [1, 2])
    await lab.client.post("/api/2.0/preview/scim/v2/ServicePrincipals", {
      displayName: `sp-${index}`,
      applicationId: `00000000-0000-4000-8000-00000000000${index}`,
    });
  // These tests do not wait for a cluster.
  await lab.client.exchange({
    method: "PUT",
    path: "/_lakeform/timing",
    body: { cluster_start_ms: 0, cluster_stop_ms: 0, library_install_ms: 0, warehouse_start_ms: 0 },
  });
  return lab;
}

/** True if a change was detected, or if a reordered list gave no finding. */
export const isExpected = (outcome: Outcome): boolean =>
  outcome.outcome === "detected" || outcome.outcome === "clean";

/** @param choose selects a part of the changes @default all */
export async function runMatrix(
  lab: Lab,
  kind: MatrixKind,
  choose: (testCase: Case, index: number) => boolean = () => true,
): Promise<readonly Outcome[]> {
  return inBatches(lab, kind, choose, (cases, removeAfter) =>
    runBatch(lab, kind, cases, removeAfter),
  );
}

/**
 * Tests all changes of a kind at once, or one after the other if a workspace can have only one
 * object.
 */
export async function inBatches(
  lab: Lab,
  kind: MatrixKind,
  choose: (testCase: Case, index: number) => boolean,
  run: (cases: readonly Case[], removeAfter: boolean) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const ids = await fixtureIds(lab);
  const chosen = casesOf(kind).filter(choose);
  const cases = chosen.map((testCase) => ({
    ...testCase,
    before: fillPlaceholders(testCase.before, ids),
    after: fillPlaceholders(testCase.after, ids),
  }));
  if (kind.alone !== true) return run(cases, false);
  const outcomes: Outcome[] = [];
  for (const item of cases) outcomes.push(...(await run([item], true)));
  return outcomes;
}

const fixtures = new WeakMap<Lab, Promise<Readonly<Record<string, string>>>>();

export function fixtureIds(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const known = fixtures.get(lab) ?? createPlaceholders(lab);
  fixtures.set(lab, known);
  return known;
}

export interface DeployedCase {
  readonly testCase: Case;
  readonly id: string;
}

/** Records the outcome of a change. */
export type RecordOutcome = (testCase: Case, outcome: Result, detail?: string) => void;

export function recordInto(kind: MatrixKind, outcomes: Outcome[]): RecordOutcome {
  return (testCase, outcome, detail) => {
    outcomes.push({
      type: kind.type,
      field: testCase.field,
      variant: testCase.variant,
      outcome,
      ...(detail === undefined ? {} : { detail }),
    });
  };
}

/** Deploys one object per change, in its initial state. */
export async function deployCases(
  lab: Lab,
  kind: MatrixKind,
  cases: readonly Case[],
  record: RecordOutcome,
): Promise<{ deployed: Deployed; deployedCases: readonly DeployedCase[] }> {
  const deployedCases: DeployedCase[] = [];
  const stack: Record<string, Config> = {};
  const states: Deployed["state"]["resources"][number][] = [];
  for (const testCase of cases) {
    try {
      await kind.prepare?.(lab, testCase);
      const { state } = await deployDirect(lab, {
        [kind.type]: { [testCase.name]: testCase.before },
      });
      states.push(...state.resources);
      stack[testCase.name] = testCase.before;
      deployedCases.push({
        testCase: testCase,
        id: String(state.resources[0]?.instances[0]?.attributes?.id),
      });
    } catch (error) {
      record(testCase, "refused", `create: ${String(error)}`);
    }
  }
  const state = { version: 4 as const, serial: 1, lineage: "m", resources: states };
  return { deployed: { stack: { resource: { [kind.type]: stack } }, state }, deployedCases };
}

/**
 * Changes each object that is clean in the workspace.
 * @returns the changes that REST accepted and applied
 */
export async function changeCases(
  lab: Lab,
  kind: MatrixKind,
  deployedCases: readonly DeployedCase[],
  clean: ReadonlyMap<string, ShownResult>,
  record: RecordOutcome,
): Promise<readonly DeployedCase[]> {
  const changed: DeployedCase[] = [];
  for (const deployedCase of deployedCases) {
    const { testCase, id } = deployedCase;
    const cleanResult = clean.get(testCase.name);
    if (
      cleanResult === undefined ||
      differencesOf(cleanResult).length > 0 ||
      cleanResult.status === "missing" ||
      cleanResult.status === "error"
    ) {
      record(testCase, "dirty", `${cleanResult?.reason ?? ""} ${describeResult(cleanResult)}`);
      continue;
    }
    try {
      const before = JSON.stringify(await kind.readRemote(lab, id, testCase.before));
      await kind.write(lab, id, testCase.after, testCase.before);
      if (
        testCase.variant !== "reordered" &&
        JSON.stringify(await kind.readRemote(lab, id, testCase.after)) === before
      )
        record(testCase, "unapplied");
      else changed.push(deployedCase);
    } catch (error) {
      record(testCase, "refused", String(error));
    }
  }
  return changed;
}

export async function removeCases(
  lab: Lab,
  kind: MatrixKind,
  deployedCases: readonly DeployedCase[],
): Promise<void> {
  for (const { testCase, id } of deployedCases)
    await findKind(kind.type)?.delete(lab.client, id, testCase.before, { directory: "/nowhere" });
}

async function runBatch(
  lab: Lab,
  kind: MatrixKind,
  cases: readonly Case[],
  removeAfter = false,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const record = recordInto(kind, outcomes);
  const { deployed, deployedCases } = await deployCases(lab, kind, cases, record);
  const verify = async (): Promise<ReadonlyMap<string, ShownResult>> =>
    byName(await check(lab, deployed, { deep: true, unmanaged: "none" }));

  const changed = await changeCases(lab, kind, deployedCases, await verify(), record);
  const changedResults = await verify();
  const listedResults =
    kind.outcome === "missing"
      ? changedResults
      : byName(await check(lab, deployed, { deep: false, unmanaged: "none" }));
  for (const { testCase, id } of changed) {
    try {
      await kind.write(lab, id, testCase.before, testCase.after);
    } catch (error) {
      record(testCase, "refused", `restore: ${String(error)}`);
    }
  }
  const restored = await verify();
  for (const { testCase } of changed) {
    const [outcome, detail] = judge(
      kind,
      testCase,
      changedResults.get(testCase.name),
      listedResults.get(testCase.name),
    );
    const after = restored.get(testCase.name);
    if (outcome !== "detected" && outcome !== "clean") record(testCase, outcome, detail);
    else if (after === undefined || differencesOf(after).length > 0 || after.status === "missing")
      record(testCase, "not restored", describeResult(after));
    else record(testCase, outcome);
  }
  if (removeAfter) await removeCases(lab, kind, deployedCases);
  return outcomes;
}

export function byName(report: VerifyReport): ReadonlyMap<string, ShownResult> {
  return new Map(
    report.resources.map((resource) => [
      resource.address.slice(resource.address.indexOf(".") + 1),
      resource,
    ]),
  );
}

export const differencesOf = (result: ShownResult): readonly ShownFinding[] =>
  result.findings.filter(({ status }) => status !== "unverifiable");

export function describeResult(result: ShownResult | undefined): string {
  if (result === undefined) return "no result";
  const differences = differencesOf(result).map(
    ({ status, path, desired, remote }) =>
      `${status} ${path} ${JSON.stringify(desired)} ${JSON.stringify(remote)}`,
  );
  return differences.join("; ") || result.status;
}

function judge(
  kind: MatrixKind,
  testCase: Case,
  result: ShownResult | undefined,
  listed: ShownResult | undefined,
): readonly [Result, string] {
  if (result === undefined) return ["missed", "no result"];
  const all = differencesOf(result);
  if (testCase.variant === "reordered")
    return all.length === 0 && result.status !== "missing"
      ? ["clean", ""]
      : ["extra", describeResult(result)];
  if (kind.outcome === "missing")
    return result.status === "missing" ? ["detected", ""] : ["missed", describeResult(result)];
  const field = kind.findingField?.[testCase.field] ?? testCase.field;
  const fieldFindings = all.filter(({ path, status }) => status === "drift" && covers(path, field));
  const implied = kind.together?.[testCase.field];
  const others = all.filter(
    (finding) =>
      !fieldFindings.includes(finding) && !(implied !== undefined && covers(finding.path, implied)),
  );
  if (fieldFindings.length === 0) return ["missed", describeResult(result)];
  // An element of a set, or the key of a list: the old one is removed and the new one added.
  const [a, b] = fieldFindings;
  const replaced =
    fieldFindings.length === 2 && (a?.remote === undefined) !== (b?.remote === undefined);
  if (others.length > 0 || (fieldFindings.length > 1 && !replaced))
    return ["extra", describeResult(result)];
  if (result.path !== `lab-local/${testCase.name}`)
    return ["wrong", `construct path ${result.path}`];
  const problem = describeWrongValues(testCase, a, field);
  if (problem !== undefined) return ["wrong", problem];
  if (
    listed === undefined ||
    (JSON.stringify(differencesOf(listed)) !== JSON.stringify(all) &&
      !isNotChecked(listed, testCase.field))
  )
    return ["missed", `without --deep: ${describeResult(listed)}`];
  return ["detected", ""];
}

/** Whether a list omits the field, which is then reported as unverifiable or as not checked. */
function isNotChecked(listed: ShownResult, field: string): boolean {
  const isOmitted = /^(run_as|library)(\.|$)/.test(field);
  return isOmitted && differencesOf(listed).length === 0;
}

/** Returns the values of the finding (desired, deployed, remote) that differ from the expected ones. */
function describeWrongValues(
  testCase: Case,
  finding: ShownFinding | undefined,
  field: string,
): string | undefined {
  if (
    finding === undefined ||
    finding.field !== testCase.field ||
    finding.path.endsWith("]") ||
    finding.sensitive === true ||
    field !== testCase.field
  )
    return undefined;
  const valueAt = (config: Config): unknown =>
    testCase.field
      .split(".")
      .reduce<unknown>((value, step) => (firstOf(value) as Config | undefined)?.[step], config);
  const zero = (value: unknown): unknown =>
    value === undefined || value === false || value === 0 || value === "" ? undefined : value;
  const isEqual = (a: unknown, b: unknown): boolean =>
    JSON.stringify(zero(a)) === JSON.stringify(zero(b)) || String(a) === String(b);
  const [valueBefore, valueAfter] = [valueAt(testCase.before), valueAt(testCase.after)];
  const expectations: [string, unknown, unknown][] = [];
  // If the code does not set the field, or no longer sets it, a default applies.
  if (valueBefore !== undefined)
    expectations.push(
      ["desired", valueBefore, finding.desired],
      ["deployed", valueBefore, finding.deployed],
    );
  if (valueAfter !== undefined) expectations.push(["remote", valueAfter, finding.remote]);
  const mismatches = expectations.filter(([, expected, actual]) => !isEqual(expected, actual));
  return mismatches.length === 0
    ? undefined
    : mismatches
        .map(
          ([side, expected, actual]) =>
            `${side} ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
        )
        .join("; ");
}

/** Returns the first element of a list of blocks, which is the one that the matrix fills. */
const firstOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** Kinds without a field that can be changed. */
const unchangeable = (label: string): Readonly<Record<string, Config>> => ({
  databricks_directory: { path: `/Shared/${label}` },
  databricks_token: { comment: label },
});

/**
 * Creates the prerequisites of a kind, and returns a configuration.
 * @param label used in the values of kinds without a changeable field
 */
export async function configOf(lab: Lab, kind: MatrixKind, label: string): Promise<Config> {
  const [first] = casesOf(kind);
  if (first === undefined) return unchangeable(label)[kind.type] ?? {};
  const config = {
    ...first,
    before: fillPlaceholders(first.before, await fixtureIds(lab)),
    after: { ...first.after },
  };
  await kind.prepare?.(lab, config);
  return config.before;
}
