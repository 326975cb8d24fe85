/**
 * Heals the changes that the matrix (run.ts) makes to objects in the workspace, as `lakeform deploy
 * --heal` does. Afterwards each changed object is clean and has the same id.
 */
import { heal } from "../../../src/deploy/heal";
import { listHealings } from "../../../src/review/changes/healing";
import type { DeployEvents } from "../../../src/deploy/target";
import { findKind } from "../../../src/resources";
import { checkFully, type Lab } from "../harness";
import { reasonNotHealed, type Case, type MatrixKind } from "./kind";
import {
  byName,
  changeCases,
  deployCases,
  differencesOf,
  inBatches,
  removeCases,
  recordInto,
  describeResult,
  type Outcome,
} from "./run";

const noEvents: DeployEvents = {
  step: () => undefined,
  note: () => undefined,
  terraform: () => undefined,
};

/** True for an object that was healed, needed no write, or was left to Terraform for a reason. */
export const isHealedAsExpected = ({ outcome }: Outcome): boolean =>
  outcome === "healed" || outcome === "clean" || outcome === "left";

export function healMatrix(
  lab: Lab,
  kind: MatrixKind,
  choose: (testCase: Case, index: number) => boolean = () => true,
): Promise<readonly Outcome[]> {
  return inBatches(lab, kind, choose, (cases, removeAfter) =>
    healBatch(lab, kind, cases, removeAfter),
  );
}

async function healBatch(
  lab: Lab,
  kind: MatrixKind,
  cases: readonly Case[],
  removeAfter: boolean,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const record = recordInto(kind, outcomes);
  const { deployed, deployedCases } = await deployCases(lab, kind, cases, record);
  const verify = (): ReturnType<typeof checkFully> =>
    checkFully(lab, deployed, { deep: true, unmanaged: "none" });
  const cleanResults = byName((await verify()).report);
  const changed = await changeCases(lab, kind, deployedCases, cleanResults, record);
  const idsBefore = await idsOf(lab, kind);

  const drifted = await verify();
  const resultsBefore = byName(drifted.report);
  const announced = new Map(
    listHealings(drifted.raw).map((healing) => [
      healing.address.slice(healing.address.indexOf(".") + 1),
      healing,
    ]),
  );
  const target = { client: lab.client, stack: { name: "lab-local", directory: "/nowhere" } };
  const healed = await heal(target, drifted, noEvents);
  const resultsAfter = byName((await verify()).report);
  const idsAfter = await idsOf(lab, kind);

  for (const { testCase, id } of changed) {
    const [resultBefore, resultAfter] = [
      resultsBefore.get(testCase.name),
      resultsAfter.get(testCase.name),
    ];
    const fields = announced.get(testCase.name)?.fields.map(({ path }) => path) ?? [];
    const drift =
      resultBefore === undefined ? [] : differencesOf(resultBefore).map(({ path }) => path);
    const reason = kind.outcome === "missing" ? "not there" : reasonNotHealed(kind, testCase.field);
    if (resultAfter?.id !== id)
      record(testCase, "wrong", `id ${String(resultAfter?.id)}, not ${id}`);
    else if (testCase.variant === "reordered" && drift.length === 0)
      record(testCase, fields.length === 0 ? "clean" : "wrong", fields.join());
    else if (reason !== undefined) {
      const wasLeft =
        fields.length === 0 &&
        JSON.stringify(resultAfter.findings) === JSON.stringify(resultBefore?.findings);
      record(
        testCase,
        wasLeft ? "left" : "wrong",
        wasLeft
          ? reason
          : `should have been left (${reason}): announced ${fields.join()}; ${describeResult(resultAfter)}`,
      );
    } else if (drift.join() !== fields.join())
      record(testCase, "wrong", `announced ${fields.join()}, not ${drift.join()}`);
    else if (
      differencesOf(resultAfter).length > 0 ||
      resultAfter.status === "missing" ||
      resultAfter.status === "error"
    )
      record(testCase, "not restored", describeResult(resultAfter));
    else record(testCase, "healed");
  }
  if (healed.length !== announced.size)
    throw new Error(`announced ${announced.size} healings, but made ${healed.length}`);
  if (idsAfter.join() !== idsBefore.join())
    throw new Error(`${kind.type}: healing created or removed objects`);
  if (removeAfter) await removeCases(lab, kind, deployedCases);
  return outcomes;
}

/**
 * Lists every object of the kind in the workspace, if the kind can be listed without a container.
 */
async function idsOf(lab: Lab, kind: MatrixKind): Promise<readonly string[]> {
  const reader = findKind(kind.type);
  if (
    reader?.list === undefined ||
    /schema|volume|grant|permissions|secret$|secret_acl|file|notebook|directory/.test(kind.type)
  )
    return [];
  const ids: string[] = [];
  for await (const { id } of reader.list(lab.client)) ids.push(id);
  return ids.sort();
}
