/**
 * No change of a value that REST returns is silently ignored: it is reported, or listed as not
 * checked, or only reorders a list whose order has no meaning.
 */
import { findKind, kinds } from "../../src/resources";
import { fieldsOf } from "../../src/verify/fields/field-rules";
import type { VerifyReport } from "../../src/verify";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import { moreWritables, unchangeable } from "./tamper-files";
import { newerWritables, unchangeableMore } from "./tamper-more";
import { verifiedRecord } from "./all-kinds";
import { check, deployDirect, openLab, type Deployed, type Lab } from "./harness";
import {
  differingPaths,
  addToVocabulary,
  mutate,
  namesIn,
  createRandom,
  sortDeep,
  writables,
  type Fields,
  type Json,
  type Writable,
} from "./tamper";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "4711");
const mutationCount = scaled(20_000, 300);
const objectsPerKind = 6;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  const timing = {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    library_install_ms: 0,
    warehouse_start_ms: 0,
  };
  await lab.client.exchange({ method: "PUT", path: "/_lakeform/timing", body: timing });
});
afterAll(() => lab.close());

const allWritables = (): readonly Writable[] => [
  ...writables(lab),
  ...moreWritables(lab),
  ...newerWritables(lab),
];
/** Restricts the test to these types, for debugging. */
const selectedTypes = process.env["LAKEFORM_TAMPER"]?.split(",");

interface Subject {
  readonly writable: Writable;
  readonly id: string;
  readonly deployed: Deployed;
  readonly original: Fields;
  /** Fields that change with every write. */
  readonly volatile: ReadonlySet<string>;
}

/**
 * Returns the changed fields that the report does not mention; undefined if it mentions all of them,
 * or if only the order of sets has changed.
 */
function findUnreported(
  report: VerifyReport,
  { type, sets = [] }: Writable,
  changed: readonly string[],
  reordered: boolean,
): string | undefined {
  if (report.exitCode !== 0) return undefined;
  const listed = report.notChecked
    .filter(({ what }) => what.endsWith(` of ${type}`))
    .flatMap(({ what }) => what.slice(0, -` of ${type}`.length).split(", "));
  // The finding is for an object, not for a field.
  if (
    report.notChecked.some(
      ({ what, examples }) =>
        what.includes("secret scope") && examples.some((example) => what.endsWith(example)),
    )
  )
    return undefined;
  const unverifiable = report.resources.flatMap(({ findings }) =>
    findings.map(({ field }) => field),
  );
  const names = new Set(
    [...listed, ...unverifiable].map((field) => field.slice(field.lastIndexOf(".") + 1)),
  );
  const unmentioned = changed.filter((path) => !path.split(".").some((step) => names.has(step)));
  if (
    unmentioned.length === 0 ||
    (reordered &&
      unmentioned.every(
        (path) => isOrderIgnored(type, path) || sets.includes(path.split(".")[0] ?? ""),
      ))
  )
    return undefined;
  return unmentioned.join(", ");
}

/** Whether the order of a list is ignored by the kind's rules or the official schema. */
function isOrderIgnored(type: string, path: string): boolean {
  const last = (name: string): string =>
    name
      .slice(name.lastIndexOf(".") + 1)
      .replace(/_list$/, "")
      .replace(/ies$/, "y")
      .replace(/s$/, "");
  const keyedLists = Object.keys(findKind(type)?.rules.keyed ?? {}).map(last);
  const sets = [...fieldsOf(type)]
    .filter(([, { is }]) => is === "set" || is === "blockSet")
    .map(([field]) => last(field));
  return path.split(".").some((step) => [...keyedLists, ...sets].includes(last(step)));
}

test("each kind is changed by the test, or listed because no call can change it", () => {
  const known = [
    ...allWritables().map(({ type }) => type),
    ...Object.keys({ ...unchangeable, ...unchangeableMore }),
  ];
  expect([...new Set(known)].sort()).toEqual(kinds.map(({ type }) => type).sort());
});

test(`verify reports each of ${mutationCount} changes of values that GET returned, or lists it as not checked (LAKEFORM_SEED=${seed})`, async () => {
  const caller = {
    call: async (method: string, path: string, body?: unknown): Promise<JsonObject> => {
      const requestBody = body === undefined ? {} : { body: body as JsonObject };
      return (await lab.client.exchange({ method: method as "GET" | "POST", path, ...requestBody }))
        .body as JsonObject;
    },
  };
  const prerequisites = await prepareRandom(caller, objectsPerKind);
  const vocabulary = new Map<string, Json[]>();
  const subjects: Subject[] = [];
  const deployments = new Map<string, { readonly config: Fields; readonly deployed: Deployed }[]>();
  for (const writable of allWritables()) {
    if (selectedTypes?.includes(writable.type) === false) continue;
    const { type, only = () => true, idOf = ({ id }) => String(id) } = writable;
    let deployment = deployments.get(type);
    if (deployment === undefined) {
      deployment = [];
      for (const [index, { config }] of randomResources(
        type,
        prerequisites,
        objectsPerKind,
        seed,
      ).entries())
        deployment.push({
          config: config,
          deployed: await deployDirect(lab, { [type]: { [`r${index}`]: config } }),
        });
      deployments.set(type, deployment);
    }
    for (const { config, deployed } of deployment) {
      if (!only(config)) continue;
      const id = idOf(deployed.state.resources[0]?.instances[0]?.attributes ?? {});
      const response = await writable.read(id);
      addToVocabulary(response, vocabulary);
      await writable.write(id, writable.content(response), response).catch(() => undefined);
      const volatile = new Set(differingPaths(response, await writable.read(id)));
      subjects.push({ writable, id, deployed, original: response, volatile });
    }
  }
  const random = createRandom(seed);
  const unreported: unknown[] = [];
  const counts = { applied: 0, refused: 0, ignored: 0, recorded: 0 };
  const unchangedKinds = new Set(subjects.map(({ writable }) => writable.type));
  for (let round = 0; round < mutationCount; round += 1) {
    const subject = subjects[round % subjects.length];
    if (subject === undefined) break;
    const { writable, id, deployed, original, volatile } = subject;
    const { what, content } = mutate(writable.content(original), vocabulary, random);
    // Without --deep, an object of these kinds is read only if its version has changed.
    const hasVersions = findKind(writable.type)?.traits?.listedVersions !== undefined;
    const record = hasVersions ? await verifiedRecord(lab, deployed) : undefined;
    counts.recorded += Object.keys(record?.verified ?? {}).length;
    try {
      await writable.write(id, content, original);
    } catch {
      counts.refused += 1;
      continue;
    }
    const changedObject = await writable.read(id).catch(() => undefined);
    const changed =
      changedObject === undefined
        ? ["gone"]
        : differingPaths(original, changedObject).filter((path) => !volatile.has(path));
    if (changed.length === 0) counts.ignored += 1;
    else {
      counts.applied += 1;
      unchangedKinds.delete(writable.type);
      const unmanaged = writable.unmanaged ?? "none";
      const reports = [await check(lab, deployed, { deep: true, unmanaged })];
      if (record !== undefined) reports.push(await check(lab, deployed, { record, unmanaged }));
      const reordered =
        changedObject !== undefined &&
        differingPaths(sortDeep(original), sortDeep(changedObject)).every((path) =>
          volatile.has(path),
        );
      // Neither the code nor the workspace has the field any more: the old value was a platform
      // default.
      const inCode = namesIn(JSON.parse(JSON.stringify(deployed.stack.resource)) as Json);
      const remainingNames = namesIn(changedObject ?? null);
      const unexplained = changed.filter((path) =>
        [inCode, remainingNames].some((names) => names.has(path.slice(path.lastIndexOf(".") + 1))),
      );
      for (const report of unexplained.length === 0 ? [] : reports) {
        const fields = findUnreported(report, writable, unexplained, reordered);
        if (fields !== undefined) unreported.push([writable.type, what, fields, report.deep]);
      }
      await writable
        .write(id, writable.content(original), changedObject ?? original)
        .catch(() => undefined);
    }
  }
  process.stderr.write(
    `${JSON.stringify(counts)} never changed: ${[...unchangedKinds].join(", ")}\n`,
  );
  expect(unreported).toEqual([]);
  expect(counts.applied).toBeGreaterThan(mutationCount / 10);
  expect(counts.recorded).toBeGreaterThan(mutationCount / 40);
  // With this many changes, each kind has been changed.
  if (mutationCount >= 4000) expect([...unchangedKinds]).toEqual([]);
});
