/**
 * Every kind with the real terraform: created, updated, replaced, imported, changed and deleted
 * outside Terraform, destroyed. All kinds share each terraform command. In the fast tier,
 * lost-writes.test.ts deploys every kind without Terraform.
 */
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import type { JsonObject } from "../support/replay-format";
import { stateId } from "../../src/resources";
import { resourceTypes } from "../../src/resources/shape/schema";
import { noChanges, Stack } from "../support/stack";

const address = ({ type }: Sample): string => `${type}.a`;

describe("every kind applied by terraform", () => {
  let stack: Stack;
  let samples: readonly Sample[];
  /** The current configuration of each resource. */
  const configured = new Map<string, JsonObject>();

  beforeAll(async () => {
    stack = await Stack.open();
    samples = [...everyKind(await prepare(stack)), ...moreKinds(await prepareMore(stack))];
    for (const { type, config } of samples) configured.set(type, config);
  });
  afterAll(() => stack.close());

  const write = (otherSections: JsonObject = {}): void =>
    stack.write(
      resourcesOf(samples, ({ type }) => configured.get(type) ?? {}),
      otherSections,
    );
  /** Changes every sample that has such a change. @returns the samples that were changed */
  function change(field: "update" | "replace"): readonly Sample[] {
    const changedSamples = samples.filter((sample) => sample[field] !== undefined);
    for (const sample of changedSamples)
      configured.set(sample.type, { ...configured.get(sample.type), ...sample[field] });
    write();
    return changedSamples;
  }
  const actionForEach = (action: string, selected: readonly Sample[]): Record<string, string> =>
    Object.fromEntries(selected.map((sample) => [address(sample), action]));
  const runStep = async (sample: Sample, step: Sample["remove"] | undefined): Promise<void> => {
    await step?.(stack, stack.state()[address(sample)] as Readonly<Record<string, string>>);
  };
  /** Returns the import id of each resource. */
  const importIds = (): Record<string, unknown> => {
    const state = stack.state();
    return Object.fromEntries(
      samples.map((sample) => [
        address(sample),
        state[address(sample)]?.[sample.importIdField ?? "id"],
      ]),
    );
  };
  const ids = (): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(stack.state()).map(([resourceAddress, attributes]) => [
        resourceAddress,
        stateId(resourceAddress.slice(0, resourceAddress.indexOf(".")), attributes),
      ]),
    );

  test("has a sample", () => {
    expect(samples.map(({ type }) => type).sort()).toEqual([...resourceTypes()].sort());
  });

  test("is created with an empty next plan", async () => {
    write();
    expect(await stack.apply()).toEqual({
      ...noChanges,
      actions: actionForEach("create", samples),
    });
    expect(await stack.plan()).toEqual(noChanges);
  });

  /** The values of the changed plain fields in the state. */
  const changedFields = (
    field: "update" | "replace",
    selected: readonly Sample[],
    valuesOf: (sample: Sample) => JsonObject,
  ): Record<string, JsonObject> =>
    Object.fromEntries(
      selected.map((sample) => {
        const plainFields = Object.keys(sample[field] ?? {}).filter(
          (name) => typeof sample[field]?.[name] !== "object",
        );
        return [
          address(sample),
          Object.fromEntries(plainFields.map((name) => [name, valuesOf(sample)[name] ?? null])),
        ];
      }),
    );

  test("is updated in place with an empty next plan", async () => {
    const idsBefore = ids();
    const changedSamples = change("update");
    expect(await stack.apply()).toEqual({
      ...noChanges,
      actions: actionForEach("update", changedSamples),
    });
    expect(ids()).toEqual(idsBefore);
    const state = stack.state();
    expect(
      changedFields("update", changedSamples, (sample) => state[address(sample)] ?? {}),
    ).toEqual(changedFields("update", changedSamples, ({ update }) => update ?? {}));
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("is replaced with an empty next plan", async () => {
    const changedSamples = change("replace");
    expect(await stack.directory.plan()).toEqual([]);
    const reasons = (await stack.directory.showPlan()).changes.flatMap(
      ({ address: resourceAddress, change: { replace_paths: paths } }) =>
        paths === undefined
          ? []
          : [[resourceAddress, paths.map((path) => path.join(".")).sort()] as const],
    );
    expect(Object.fromEntries(reasons)).toEqual(
      Object.fromEntries(
        changedSamples.map((sample) => [
          address(sample),
          [...Object.keys(sample.replace ?? {}), ...(sample.computedFields ?? [])],
        ]),
      ),
    );
    expect(await stack.apply()).toEqual({
      ...noChanges,
      actions: actionForEach("replace", changedSamples),
    });
    const state = stack.state();
    expect(
      changedFields("replace", changedSamples, (sample) => state[address(sample)] ?? {}),
    ).toEqual(changedFields("replace", changedSamples, ({ replace }) => replace ?? {}));
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("has workspace changes reverted if the official provider detects them, and left unchanged otherwise", async () => {
    for (const sample of samples) await runStep(sample, sample.driftForVerify);
    expect(await stack.plan()).toEqual(noChanges);
    const driftedSamples = samples.filter(({ drift }) => drift !== undefined);
    for (const sample of driftedSamples) await runStep(sample, sample.drift?.change);
    const expectedActions = Object.fromEntries(
      driftedSamples.map((sample) => [address(sample), sample.drift?.action]),
    );
    expect(await stack.apply()).toEqual({ ...noChanges, actions: expectedActions });
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("is created again after a deletion in the workspace", async () => {
    for (const sample of samples) await runStep(sample, sample.remove);
    expect(await stack.apply()).toEqual({
      ...noChanges,
      actions: actionForEach(
        "create",
        samples.filter(({ existsWithParent }) => existsWithParent !== true),
      ),
    });
    expect(await stack.plan()).toEqual(noChanges);
  });

  test("can be imported by id into an empty state", async () => {
    const importable = samples.filter(
      ({ planAfterImport }) => planAfterImport?.action !== "refused",
    );
    const idsBefore = importIds();
    const stateBefore = stack.directory.readState();
    stack.directory.writeState([]);
    const imports = importable.map((sample) => ({
      to: address(sample),
      id: idsBefore[address(sample)] as string,
    }));
    stack.write(
      resourcesOf(importable, ({ type }) => configured.get(type) ?? {}),
      { import: imports },
    );
    const { actions, errors } = await stack.apply("-refresh=false");
    expect(errors).toEqual([]);
    const expected = Object.fromEntries(
      importable.map((sample) => [address(sample), sample.planAfterImport?.action ?? "import"]),
    );
    expect(actions).toEqual(expected);
    expect(await stack.plan()).toEqual(noChanges);
    // The library belongs to the stack again.
    stack.directory.writeState([
      ...stack.directory.readState(),
      ...stateBefore.filter(({ type }) => type === "databricks_library"),
    ]);
    write();
  });

  test("is destroyed, leaving nothing in the state or the workspace", async () => {
    const idsBefore = importIds();
    const destroyResult = await stack.terraform("destroy", "-auto-approve");
    expect(destroyResult.errors).toEqual([]);
    expect(stack.state()).toEqual({});
    // No object can be imported any more.
    const importable = samples.filter(
      ({ planAfterImport, existsWithParent }) =>
        planAfterImport?.action !== "refused" && existsWithParent !== true,
    );
    const imports = importable.map((sample) => ({
      to: address(sample),
      id: idsBefore[address(sample)] as string,
    }));
    stack.write(
      resourcesOf(importable, ({ type }) => configured.get(type) ?? {}),
      { import: imports },
    );
    const { errors } = await stack.plan();
    const refusedTypes = errors.map(
      (error) =>
        /^Cannot import non-existent remote object\n[^"]*"([^"]+)"/.exec(error)?.[1] ?? error,
    );
    expect(refusedTypes.sort()).toEqual(importable.map(address).sort());
  });
});
