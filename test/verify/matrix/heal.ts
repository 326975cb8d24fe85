/**
 * Heals changes of the matrix as in `lakeform deploy --heal`: afterwards the object is clean and
 * has the same id.
 */
import { heal } from "../../../src/deploy/heal";
import { healable } from "../../../src/review/changes/healing";
import type { DeployEvents } from "../../../src/deploy/target";
import { findKind } from "../../../src/resources";
import { checkFully, type Lab } from "../harness";
import { reasonNotHealed, type Case, type MatrixKind } from "./kind";
import {
  byName,
  changeCases,
  deployCases,
  differences,
  inBatches,
  removeCases,
  recordInto,
  shown,
  type Outcome,
} from "./run";

const quiet: DeployEvents = {
  step: () => undefined,
  note: () => undefined,
  terraform: () => undefined,
};

/**
 * The outcomes of healing. All are errors except healed, correct without a write, and left to
 * Terraform for a reason.
 */
export const wellHealed = ({ outcome }: Outcome): boolean =>
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
  const say = recordInto(kind, outcomes);
  const { deployed, made } = await deployCases(lab, kind, cases, say);
  const verify = (): ReturnType<typeof checkFully> =>
    checkFully(lab, deployed, { deep: true, unmanaged: "none" });
  const clean = byName((await verify()).report);
  const changed = await changeCases(lab, kind, made, clean, say);
  const others = await idsOf(lab, kind);

  const drifted = await verify();
  const before = byName(drifted.report);
  const announced = new Map(
    healable(drifted.raw).map((healing) => [
      healing.address.slice(healing.address.indexOf(".") + 1),
      healing,
    ]),
  );
  const target = { client: lab.client, stack: { name: "lab-local", directory: "/nowhere" } };
  const healed = await heal(target, drifted, quiet);
  const after = byName((await verify()).report);
  const idsAfter = await idsOf(lab, kind);

  for (const { one, id } of changed) {
    const [then, now] = [before.get(one.name), after.get(one.name)];
    const fields = announced.get(one.name)?.fields.map(({ path }) => path) ?? [];
    const drift = then === undefined ? [] : differences(then).map(({ path }) => path);
    const reason = kind.outcome === "missing" ? "not there" : reasonNotHealed(kind, one.field);
    if (now?.id !== id) say(one, "wrong", `id ${String(now?.id)}, not ${id}`);
    else if (one.variant === "reordered" && drift.length === 0)
      say(one, fields.length === 0 ? "clean" : "wrong", fields.join());
    else if (reason !== undefined) {
      const left =
        fields.length === 0 && JSON.stringify(now.findings) === JSON.stringify(then?.findings);
      say(
        one,
        left ? "left" : "wrong",
        `should have been left (${reason}): announced ${fields.join()}; ${shown(now)}`,
      );
    } else if (drift.join() !== fields.join())
      say(one, "wrong", `announced ${fields.join()}, not ${drift.join()}`);
    else if (differences(now).length > 0 || now.status === "missing" || now.status === "error")
      say(one, "not restored", shown(now));
    else say(one, "healed");
  }
  if (healed.length !== announced.size)
    throw new Error(`announced ${announced.size} healings, made ${healed.length}`);
  if (idsAfter.join() !== others.join())
    throw new Error(`${kind.type}: healing made or removed objects`);
  if (removeAfter) await removeCases(lab, kind, made);
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
