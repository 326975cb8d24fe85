/**
 * The kinds of more-kinds.ts in one process, without Terraform: verified after the deploy, after the
 * samples' changes in the workspace, after healing, and after a deletion.
 */
import { findKind, stateId } from "../../src/resources";
import type { Value } from "../../src/resources/kind";
import { withDefaults } from "../../src/resources/shape/defaults";
import { blockOf } from "../../src/resources/shape/schema";
import { prepare, type Sample } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import type { Stack } from "../support/stack";
import { check, deployDirect, openLab, summary, type Deployed, type Lab } from "./harness";

let lab: Lab;
let deployed: Deployed;
let samples: readonly Sample[];
const address = ({ type }: Sample): string => `${type}.a`;
const stateOf = ({ type }: Sample): Readonly<Record<string, string>> =>
  deployed.state.resources.find((resource) => resource.type === type)?.instances[0]
    ?.attributes as Readonly<Record<string, string>>;
/** The stack that samples call, reduced to its workspace. */
const caller = (): Stack =>
  ({
    call: (method: string, path: string, body?: unknown) => {
      const { client } = lab;
      if (method === "GET") return client.get(path);
      if (method === "DELETE") return client.delete(path);
      return method === "POST"
        ? client.post(path, body)
        : method === "PUT"
          ? client.put(path, body)
          : client.patch(path, body);
    },
  }) as unknown as Stack;

beforeAll(async () => {
  lab = await openLab();
  await prepare(caller());
  samples = moreKinds(await prepareMore(caller()));
  deployed = await deployDirect(
    lab,
    Object.fromEntries(samples.map(({ type, config }) => [type, { a: config }])),
  );
}, 60_000);
afterAll(() => lab.close());

/** Returns the lines of a summary for the fields that the platform does not return. */
const unverifiableLines = (): string[] =>
  samples
    .flatMap((sample) =>
      (sample.unverifiable ?? []).map((field) => `unverifiable ${address(sample)} ${field}`),
    )
    .sort();

test("there are no differences immediately after the deploy", async () => {
  expect(summary(await check(lab, deployed, { deep: true }))).toEqual(unverifiableLines());
});

test("each change in the workspace is drift, and healing reverts it in place", async () => {
  const changed = samples.filter(
    ({ drift, driftForVerify }) => drift !== undefined || driftForVerify !== undefined,
  );
  for (const sample of changed) {
    await sample.drift?.change(caller(), stateOf(sample));
    await sample.driftForVerify?.(caller(), stateOf(sample));
  }
  const report = await check(lab, deployed, { deep: true });
  const drifted = report.resources.filter(({ status }) => status === "drift");
  expect(drifted.map((result) => result.address).sort()).toEqual(changed.map(address).sort());
  expect(
    drifted
      .filter(({ restorable }) => !restorable)
      .map((result) => [result.address, result.notRestorable]),
  ).toEqual([]);
  for (const { type, config } of changed) {
    const id = stateId(type, stateOf({ type } as Sample)) as string;
    const findings = drifted.find((result) => result.address === `${type}.a`)?.findings ?? [];
    const cleared = Object.fromEntries(
      findings.map(({ field, deployed: was }) => [field, (was ?? null) as Value]),
    );
    await findKind(type)?.restore?.(lab.client, id, withDefaults(blockOf(type), config), {
      directory: "/nowhere",
      cleared,
    });
  }
  expect(summary(await check(lab, deployed, { deep: true }))).toEqual(unverifiableLines());
});

test("an object deleted in the workspace is missing", async () => {
  for (const sample of samples) await sample.remove(caller(), stateOf(sample));
  expect(summary(await check(lab, deployed))).toEqual(
    samples
      .flatMap((sample) => (sample.existsWithParent === true ? [] : [`missing ${address(sample)}`]))
      .sort(),
  );
});
