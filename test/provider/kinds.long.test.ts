/**
 * Every kind with the real terraform: created, updated, replaced, imported, changed and deleted
 * outside Terraform, destroyed. All kinds share each terraform command. (The fast tier creates
 * every kind, and plans it empty, in lost-answers.test.ts.)
 */
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import type { JsonObject } from "../support/replay-format";
import { stateId } from "../../src/resources";
import { resourceTypes } from "../../src/resources/shape/schema";
import { nothing, Stack } from "../support/stack";

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

  const write = (rest: JsonObject = {}): void =>
    stack.write(
      resourcesOf(samples, ({ type }) => configured.get(type) ?? {}),
      rest,
    );
  /** Changes every sample that has such a change. @returns the samples that were changed */
  function change(field: "update" | "replace"): readonly Sample[] {
    const changed = samples.filter((sample) => sample[field] !== undefined);
    for (const sample of changed)
      configured.set(sample.type, { ...configured.get(sample.type), ...sample[field] });
    write();
    return changed;
  }
  const all = (action: string, of: readonly Sample[]): Record<string, string> =>
    Object.fromEntries(of.map((sample) => [address(sample), action]));
  const act = async (sample: Sample, how: Sample["remove"] | undefined): Promise<void> => {
    await how?.(stack, stack.state()[address(sample)] as Readonly<Record<string, string>>);
  };
  /** Returns the import id of each resource. */
  const named = (): Record<string, unknown> => {
    const state = stack.state();
    return Object.fromEntries(
      samples.map((sample) => [
        address(sample),
        state[address(sample)]?.[sample.importedBy ?? "id"],
      ]),
    );
  };
  const ids = (): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(stack.state()).map(([at, one]) => [
        at,
        stateId(at.slice(0, at.indexOf(".")), one),
      ]),
    );

  test("has a sample", () => {
    expect(samples.map(({ type }) => type).sort()).toEqual([...resourceTypes()].sort());
  });

  test("is created with an empty next plan", async () => {
    write();
    expect(await stack.apply()).toEqual({ ...nothing, actions: all("create", samples) });
    expect(await stack.plan()).toEqual(nothing);
  });

  /** The values of the changed plain fields in the state. */
  const changedFields = (
    field: "update" | "replace",
    of: readonly Sample[],
    from: (sample: Sample) => JsonObject,
  ): Record<string, JsonObject> =>
    Object.fromEntries(
      of.map((sample) => {
        const plain = Object.keys(sample[field] ?? {}).filter(
          (name) => typeof sample[field]?.[name] !== "object",
        );
        return [
          address(sample),
          Object.fromEntries(plain.map((name) => [name, from(sample)[name] ?? null])),
        ];
      }),
    );

  test("is updated in place with an empty next plan", async () => {
    const before = ids();
    const changed = change("update");
    expect(await stack.apply()).toEqual({ ...nothing, actions: all("update", changed) });
    expect(ids()).toEqual(before);
    const state = stack.state();
    expect(changedFields("update", changed, (sample) => state[address(sample)] ?? {})).toEqual(
      changedFields("update", changed, ({ update }) => update ?? {}),
    );
    expect(await stack.plan()).toEqual(nothing);
  });

  test("is replaced with an empty next plan", async () => {
    const changed = change("replace");
    expect(await stack.directory.plan()).toEqual([]);
    const reasons = (await stack.directory.showPlan()).changes.flatMap(
      ({ address: at, change: { replace_paths: paths } }) =>
        paths === undefined ? [] : [[at, paths.map((path) => path.join(".")).sort()] as const],
    );
    expect(Object.fromEntries(reasons)).toEqual(
      Object.fromEntries(
        changed.map((sample) => [
          address(sample),
          [...Object.keys(sample.replace ?? {}), ...(sample.because ?? [])],
        ]),
      ),
    );
    expect(await stack.apply()).toEqual({ ...nothing, actions: all("replace", changed) });
    const state = stack.state();
    expect(changedFields("replace", changed, (sample) => state[address(sample)] ?? {})).toEqual(
      changedFields("replace", changed, ({ replace }) => replace ?? {}),
    );
    expect(await stack.plan()).toEqual(nothing);
  });

  test("has workspace changes reverted if the official provider detects them, and left unchanged otherwise", async () => {
    for (const sample of samples) await act(sample, sample.unseen);
    expect(await stack.plan()).toEqual(nothing);
    const changed = samples.filter(({ drift }) => drift !== undefined);
    for (const sample of changed) await act(sample, sample.drift?.act);
    const seen = Object.fromEntries(changed.map((sample) => [address(sample), sample.drift?.seen]));
    expect(await stack.apply()).toEqual({ ...nothing, actions: seen });
    expect(await stack.plan()).toEqual(nothing);
  });

  test("is created again after a deletion in the workspace", async () => {
    for (const sample of samples) await act(sample, sample.remove);
    expect(await stack.apply()).toEqual({
      ...nothing,
      actions: all(
        "create",
        samples.filter(({ lasting }) => lasting !== true),
      ),
    });
    expect(await stack.plan()).toEqual(nothing);
  });

  test("can be imported by id into an empty state", async () => {
    const imported = samples.filter(({ imported: outcome }) => outcome?.action !== "refused");
    const known = named();
    const kept = stack.directory.readState();
    stack.directory.writeState([]);
    const imports = imported.map((sample) => ({
      to: address(sample),
      id: known[address(sample)] as string,
    }));
    stack.write(
      resourcesOf(imported, ({ type }) => configured.get(type) ?? {}),
      { import: imports },
    );
    const { actions, errors } = await stack.apply("-refresh=false");
    expect(errors).toEqual([]);
    const expected = Object.fromEntries(
      imported.map((sample) => [address(sample), sample.imported?.action ?? "import"]),
    );
    expect(actions).toEqual(expected);
    expect(await stack.plan()).toEqual(nothing);
    // The library belongs to the stack again.
    stack.directory.writeState([
      ...stack.directory.readState(),
      ...kept.filter(({ type }) => type === "databricks_library"),
    ]);
    write();
  });

  test("is destroyed, leaving nothing in the state or the workspace", async () => {
    const known = named();
    const gone = await stack.terraform("destroy", "-auto-approve");
    expect(gone.errors).toEqual([]);
    expect(stack.state()).toEqual({});
    // No object can be imported any more.
    const importable = samples.filter(
      ({ imported: outcome, lasting }) => outcome?.action !== "refused" && lasting !== true,
    );
    const imports = importable.map((sample) => ({
      to: address(sample),
      id: known[address(sample)] as string,
    }));
    stack.write(
      resourcesOf(importable, ({ type }) => configured.get(type) ?? {}),
      { import: imports },
    );
    const { errors } = await stack.plan();
    const refused = errors.map(
      (error) =>
        /^Cannot import non-existent remote object\n[^"]*"([^"]+)"/.exec(error)?.[1] ?? error,
    );
    expect(refused.sort()).toEqual(importable.map(address).sort());
  });
});
