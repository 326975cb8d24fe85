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
  differing,
  learn,
  mutate,
  namesIn,
  randomness,
  unordered,
  writables,
  type Fields,
  type Json,
  type Writable,
} from "./tamper";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "4711");
const mutations = scaled(20_000, 300);
const objects = 6;

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

const all = (): readonly Writable[] => [
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

/** @returns undefined if the change is reported as a finding or listed as not checked */
function silence(
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
  const rest = changed.filter((path) => !path.split(".").some((step) => names.has(step)));
  if (
    rest.length === 0 ||
    (reordered &&
      rest.every(
        (path) => orderMeansNothing(type, path) || sets.includes(path.split(".")[0] ?? ""),
      ))
  )
    return undefined;
  return rest.join(", ");
}

/** Whether the order of a list is ignored by the kind's rules or the official schema. */
function orderMeansNothing(type: string, path: string): boolean {
  const last = (name: string): string =>
    name
      .slice(name.lastIndexOf(".") + 1)
      .replace(/_list$/, "")
      .replace(/ies$/, "y")
      .replace(/s$/, "");
  const named = Object.keys(findKind(type)?.rules.keyed ?? {}).map(last);
  const sets = [...fieldsOf(type)]
    .filter(([, { is }]) => is === "set" || is === "blockSet")
    .map(([field]) => last(field));
  return path.split(".").some((step) => [...named, ...sets].includes(last(step)));
}

test("each kind is changed by the test, or listed because no call can change it", () => {
  const known = [
    ...all().map(({ type }) => type),
    ...Object.keys({ ...unchangeable, ...unchangeableMore }),
  ];
  expect([...new Set(known)].sort()).toEqual(kinds.map(({ type }) => type).sort());
});

test(`${mutations} changes of values that GET returned (LAKEFORM_SEED=${seed})`, async () => {
  const caller = {
    call: async (method: string, path: string, body?: unknown): Promise<JsonObject> => {
      const sent = body === undefined ? {} : { body: body as JsonObject };
      return (await lab.client.exchange({ method: method as "GET" | "POST", path, ...sent }))
        .body as JsonObject;
    },
  };
  const ground = await prepareRandom(caller, objects);
  const vocabulary = new Map<string, Json[]>();
  const subjects: Subject[] = [];
  const deployments = new Map<string, { readonly config: Fields; readonly deployed: Deployed }[]>();
  for (const writable of all()) {
    if (selectedTypes?.includes(writable.type) === false) continue;
    const { type, only = () => true, idOf = ({ id }) => String(id) } = writable;
    let deployment = deployments.get(type);
    if (deployment === undefined) {
      deployment = [];
      for (const [index, { config }] of randomResources(type, ground, objects, seed).entries())
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
      learn(response, vocabulary);
      await writable.write(id, writable.content(response), response).catch(() => undefined);
      const volatile = new Set(differing(response, await writable.read(id)));
      subjects.push({ writable, id, deployed, original: response, volatile });
    }
  }
  const random = randomness(seed);
  const silent: unknown[] = [];
  const counts = { applied: 0, refused: 0, ignored: 0, recorded: 0 };
  const untouched = new Set(subjects.map(({ writable }) => writable.type));
  for (let round = 0; round < mutations; round += 1) {
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
    const now = await writable.read(id).catch(() => undefined);
    const changed =
      now === undefined ? ["gone"] : differing(original, now).filter((path) => !volatile.has(path));
    if (changed.length === 0) counts.ignored += 1;
    else {
      counts.applied += 1;
      untouched.delete(writable.type);
      const unmanaged = writable.unmanaged ?? "none";
      const reports = [await check(lab, deployed, { deep: true, unmanaged })];
      if (record !== undefined) reports.push(await check(lab, deployed, { record, unmanaged }));
      const reordered =
        now !== undefined &&
        differing(unordered(original), unordered(now)).every((path) => volatile.has(path));
      // Neither the code nor the workspace has the field any more: the old value was a platform
      // default.
      const inCode = namesIn(JSON.parse(JSON.stringify(deployed.stack.resource)) as Json);
      const remainingNames = namesIn(now ?? null);
      const unexplained = changed.filter((path) =>
        [inCode, remainingNames].some((names) => names.has(path.slice(path.lastIndexOf(".") + 1))),
      );
      for (const report of unexplained.length === 0 ? [] : reports) {
        const passed = silence(report, writable, unexplained, reordered);
        if (passed !== undefined) silent.push([writable.type, what, passed, report.deep]);
      }
      await writable.write(id, writable.content(original), now ?? original).catch(() => undefined);
    }
  }
  process.stderr.write(`${JSON.stringify(counts)} never changed: ${[...untouched].join(", ")}\n`);
  expect(silent).toEqual([]);
  expect(counts.applied).toBeGreaterThan(mutations / 10);
  expect(counts.recorded).toBeGreaterThan(mutations / 40);
  // With this many changes, each kind has been changed.
  if (mutations >= 4000) expect([...untouched]).toEqual([]);
});
