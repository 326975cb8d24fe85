/**
 * Reads the workspace, with GET and HEAD only, and reports for every resource whether it matches
 * the code.
 */
import { defined } from "../defined";
import { findKind } from "../resources";
import { IgnoreRules, type SourcedRule } from "./compare/ignore";
import { listNotCompared, outcomeWithStatus, type Outcome } from "./compare/outcome";
import { readAndCompare, type Reading } from "./compare/read-and-compare";
import { currentObjects, staleStateReasons } from "./compare/stale-states";
import { statusWithoutReading } from "./compare/without-reading";
import { Owned } from "./deployed/ownership";
import { expectedOf, keyOf, type Expected, type ExpectedStack } from "./desired/expected";
import { display } from "./display";
import { Memory, type RememberedReport } from "./memory";
import { plain } from "./expressions/values";
import {
  countByStatus,
  exitCodeOf,
  type NotChecked,
  type RawReport,
  type ReadFailure,
  type UnmanagedObject,
  type Verification,
  type VerifyReport,
} from "./model";
import type { VerifyOptions } from "./options";
import { plural } from "./plural";
import { Quote, ReportRedactor, unresponsiveReason } from "./redactor";
import { Answers } from "./remote/answers";
import { Access, messageOf } from "./remote/shared-reads";
import { declaredBindings } from "./remote/workspace-bindings";
import type { VerifyTarget } from "./target";
import { findAccessEntries } from "./unmanaged/access-lists";
import { checkContainers } from "./unmanaged/containers";
import { findByName } from "./unmanaged/find-by-name";
import { ObjectsByName } from "./unmanaged/named-objects";
import { findNamesakes } from "./unmanaged/same-name";
import { compareListed } from "./unmanaged/compare-listed";
import {
  checkRemovedStacks,
  openRemovedStacks,
  type OpenedStack,
} from "./unmanaged/removed-stacks";
import { UnmanagedFinder } from "./unmanaged/unmanaged";
import { walkWorkspace } from "./unmanaged/workspace-walk";

/**
 * Verifies the targets. Calls that the workspace rejects do not throw: the report lists them.
 * @throws LakeformError for an unusable state
 */
export async function verifyTargets(options: VerifyOptions): Promise<VerifyReport> {
  return (await verifyFully(options)).report;
}

/** Like {@link verifyTargets}, but also returns the other results that commands need. */
export async function verifyFully(options: VerifyOptions): Promise<Verification> {
  const now = options.now ?? (() => new Date());
  const startedAt = now();
  const memory = await Memory.open(options, dayOf(startedAt));
  const access = new Access(options.api, memory && new Answers(options.api));
  const remembered = await memory?.recall(access);
  if (remembered !== undefined) return recalled(remembered, access, options, startedAt);
  const inputs = await prepare({ ...options, ...memory?.watched }, access, startedAt);
  const { reading, expected, finder, redactor } = inputs;
  const outcomes = await outcomesOf(inputs, options);
  const unmanaged = await unmanagedIn(inputs, outcomes, options);
  const failures = [...inputs.failures, ...finder.failures];
  const removed = await checkRemovedStacks(inputs.removed, {
    ...inputs.reading,
    owned: inputs.verifiedKeys,
    concurrency: options.concurrency ?? 16,
    fail: (failure) => failures.push(failure),
  });
  // A secret that was set in the workspace may have been pasted into another object.
  for (const { remote } of outcomes) redactor.addSecretsIn(remote);
  const results = [...outcomes.map(({ result }) => result), ...removed.results];
  const counts = countByStatus([...results, ...unmanaged.found]);
  const { api, context } = reading;
  const raw: RawReport = {
    schema: "lakeform/verify-report",
    version: 1,
    startedAt: startedAt.toISOString(),
    milliseconds: now().getTime() - startedAt.getTime(),
    calls: api.calls,
    host: context.host,
    deep: options.deep ?? false,
    stacks: [...inputs.stacks.map(({ summary }) => summary), ...removed.summaries],
    counts,
    resources: results,
    unmanaged: unmanaged.found,
    failures,
    notChecked: [
      ...listNotCompared(outcomes),
      ...unreadResources(outcomes, reading),
      ...unmanaged.notChecked,
      ...inputs.unreadStacks,
      ...removed.notChecked,
      ...(options.removed?.unknown ?? []).map(({ what, reason }): NotChecked => ({
        what,
        reason: [new Quote(reason)],
        count: 1,
        examples: [],
      })),
    ],
    ignoreRules: context.rules.uses(),
    exitCode: exitCodeOf(counts, failures, { allowPending: options.allowPending ?? false }),
  };
  await memory?.keep(raw, expected, access, redactor);
  return {
    report: display(raw, redactor),
    raw,
    redactor,
    ...lookups(expected, outcomes, failures, redactor, options),
  };
}

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

/** The result of an earlier verification with the same inputs and the same responses. */
function recalled(
  remembered: RememberedReport,
  { calls }: Access,
  options: VerifyOptions,
  startedAt: Date,
): Verification {
  const redactor = new ReportRedactor(options.secrets?.() ?? []);
  const milliseconds = (options.now?.() ?? new Date()).getTime() - startedAt.getTime();
  const raw: RawReport = { ...remembered, startedAt: startedAt.toISOString(), milliseconds, calls };
  const { resources } = raw;
  options.progress?.(resources.length, resources.length);
  return {
    report: display(raw, redactor),
    raw,
    redactor,
    ...lookups([], [], [], redactor, options),
  };
}

/**
 * The inputs of the comparison, prepared before it starts. The preparation reads only the lists
 * that searches by name and removed stacks need.
 */
interface VerifyInputs {
  readonly reading: Reading;
  readonly stacks: readonly ExpectedStack[];
  readonly removed: readonly OpenedStack[];
  /** The keys of the objects of the verified stacks. */
  readonly verifiedKeys: ReadonlySet<string>;
  readonly expected: readonly Expected[];
  readonly finder: UnmanagedFinder;
  readonly redactor: ReportRedactor;
  /** Reads that failed during the preparation. */
  readonly failures: readonly ReadFailure[];
  /** Other stacks whose state could not be read; complete once `others` has been loaded. */
  readonly unreadStacks: readonly NotChecked[];
}

async function prepare(
  options: VerifyOptions,
  api: Access,
  startedAt: Date,
): Promise<VerifyInputs> {
  const { targets, ignore = [], findReader = findKind, compareState, explain } = options;
  const redactor = new ReportRedactor(options.secrets?.() ?? []);
  const rules = new IgnoreRules([...ignore, ...targets.flatMap(stackRules)], dayOf(startedAt));
  const failures: ReadFailure[] = [];
  const stacks: ExpectedStack[] = [];
  for (const target of targets)
    stacks.push(
      options.byName === true
        ? await findByName(target, findReader, api, (subject, error) => {
            failures.push({
              stack: target.name,
              what: subject,
              reason: [new Quote(messageOf(error))],
            });
          })
        : await expectedOf(target, findReader, options.api.host),
    );
  const expected = stacks.flatMap((stack) => stack.expected);
  // Must happen before any text is shown: a secret of one resource may be pasted into another.
  for (const { desired, state } of expected) {
    redactor.addSecretsIn(desired);
    if (state !== desired) redactor.addSecretsIn(state);
  }
  const unreadStacks: NotChecked[] = [];
  const removed = await openRemovedStacks(
    options.removed?.stacks ?? [],
    findReader,
    api,
    (failure) => failures.push(failure),
  );
  for (const { stack } of removed)
    for (const { desired, state } of stack.expected)
      for (const side of [desired, state]) redactor.addSecretsIn(side);
  const verifiedKeys = new Set(ownedKeys(stacks));
  const owned = new Owned(
    [...verifiedKeys, ...ownedKeys(removed.map(({ stack }) => stack))],
    async () => {
      const otherStacks = await options.others?.();
      for (const { stack, reason } of otherStacks?.failed ?? []) {
        const explanation =
          "its state could not be read, so its resources may be reported as unmanaged (";
        unreadStacks.push({
          what: `stack ${stack}`,
          reason: [explanation, new Quote(reason), ")"],
          count: 1,
          examples: [],
        });
      }
      return otherStacks?.owned ?? [];
    },
  );
  const trace: Reading["context"]["trace"] =
    explain &&
    (({ address, path, target }, { path: field, label, outcome, why: reason }) =>
      explain(
        {
          address: redactor.heading(address),
          path: redactor.heading(path),
          stack: target.name,
        },
        {
          path: redactor.path({ path: field, ...defined({ label }) }),
          outcome,
          why: redactor.sentence(reason),
        },
      ));
  const context = { host: options.api.host, rules, ...defined({ trace, compareState }) };
  const scope = options.unmanaged === "all" ? "all" : "ours";
  return {
    reading: { api, options, context, bindings: declaredBindings(expected), owned, findReader },
    stacks,
    removed,
    verifiedKeys,
    expected,
    finder: new UnmanagedFinder({ ...context, owned, targets, scope }, expected),
    redactor,
    failures,
    unreadStacks,
  };
}

function* ownedKeys(stacks: readonly ExpectedStack[]): Generator<string> {
  for (const { owned } of stacks) yield* owned;
}

/**
 * Compares all resources. Sorts the outcomes in the order of the code, because reads are parallel.
 */
async function outcomesOf(
  { reading, expected, finder }: VerifyInputs,
  options: VerifyOptions,
): Promise<readonly Outcome[]> {
  const { context } = reading;
  let count = 0;
  const done = (): void => options.progress?.((count += 1), expected.length);
  const settledOutcomes: Outcome[] = [];
  const toRead = expected.filter((resource) => {
    const settledStatus = statusWithoutReading(resource);
    if (settledStatus === undefined) return true;
    settledOutcomes.push(
      outcomeWithStatus(resource, settledStatus.status, settledStatus.reason, context),
    );
    done();
    return false;
  });
  const kinds = new Set(expected.map(({ type }) => type));
  const listedComparison = await compareListed(toRead, reading, {
    kinds,
    finder: options.unmanaged === "none" ? undefined : finder,
    all: options.unmanaged === "all",
    isStamped: options.targets.some(({ metadata }) => metadata !== undefined),
    onResourceDone: done,
  });
  const readOutcomes = await readAndCompare(listedComparison.toRead, reading, done);
  const order = new Map(expected.map((resource, position) => [keyOf(resource), position]));
  const positionOf = ({ resource }: Outcome): number => order.get(keyOf(resource)) ?? 0;
  return [...settledOutcomes, ...listedComparison.outcomes, ...readOutcomes].sort(
    (a, b) => positionOf(a) - positionOf(b),
  );
}

/** Finds unmanaged objects and unmanaged entries of access lists. */
async function unmanagedIn(
  { reading, expected, finder }: VerifyInputs,
  outcomes: readonly Outcome[],
  options: VerifyOptions,
): Promise<{
  readonly found: readonly UnmanagedObject[];
  readonly notChecked: readonly NotChecked[];
}> {
  const { api, context, owned, findReader } = reading;
  const { unmanaged: scope = "ours", concurrency = 16, deep = false, signal } = options;
  const notChecked: NotChecked[] = [];
  if (scope !== "none") {
    // Objects that have the name of a resource that is not deployed yet, and objects in the
    // stacks' containers.
    const objectsByName = new ObjectsByName(api, ({ title }, error) =>
      finder.fail(undefined, `the list of ${plural(title)}`, error),
    );
    await findNamesakes(api, expected, { finder, owned, objectsByName, concurrency });
    const containers = { finder, owned, expected, concurrency, findReader, deep };
    notChecked.push(...(await checkContainers(api, containers)));
  }
  if (scope === "all") {
    const { targets, maxFolders = 2000 } = options;
    const walkOptions = {
      finder,
      findReader,
      owned,
      expected,
      targets,
      maxFolders,
      ...defined({ signal }),
    };
    notChecked.push(...(await walkWorkspace(api, walkOptions)));
  }
  const statuses = new Map(
    outcomes.map(({ resource, result }) => [keyOf(resource), result.status]),
  );
  const lists = await findAccessEntries(api, expected, {
    rules: context.rules,
    owned,
    scope,
    deep,
    concurrency,
    statusOf: (resource) => statuses.get(keyOf(resource)),
    fail: (resource, subject, error) => finder.fail(resource.target, subject, error),
  });
  const unmanagedObjects = [...(await finder.unclaimedObjects()), ...lists.found].sort((a, b) =>
    a.kind + a.name + a.id < b.kind + b.name + b.id ? -1 : 1,
  );
  return { found: unmanagedObjects, notChecked: [...lists.notChecked, ...notChecked] };
}

function unreadResources(outcomes: readonly Outcome[], { api }: Reading): readonly NotChecked[] {
  if (api.unreachableReason === undefined) return [];
  const examples = outcomes.flatMap(({ result }) =>
    result.status === "error" ? [result.path] : [],
  );
  const reason = unresponsiveReason(api.unreachableReason);
  return [{ what: "resources", reason, count: examples.length, examples }];
}

/** Returns the functions of {@link Verification}. */
function lookups(
  expected: readonly Expected[],
  outcomes: readonly Outcome[],
  failures: readonly ReadFailure[],
  redactor: ReportRedactor,
  { compareState, keep }: VerifyOptions,
): Pick<Verification, "values" | "versions" | "staleReason" | "currentObjects"> {
  const staleReasons =
    compareState === true ? staleStateReasons(expected, outcomes, failures) : undefined;
  const currentIds = compareState === true ? currentObjects(expected, outcomes) : undefined;
  const differingResources = new Map<string, Expected>();
  for (const { resource, result } of outcomes)
    if (result.status !== "match" || keep?.has(resource.address) === true)
      differingResources.set(keyOf(resource), resource);
  return {
    values: (stack, address) => {
      const { desired, deployed } = differingResources.get(`${stack}\0${address}`) ?? {};
      return desired && { desired: plain(desired), deployed: deployed && plain(deployed) };
    },
    versions: (stack) =>
      Object.fromEntries(
        outcomes.flatMap(({ resource, version }) =>
          version === undefined || resource.target.name !== stack
            ? []
            : [[resource.address, version]],
        ),
      ),
    staleReason: (stack) => {
      const reason =
        staleReasons === undefined
          ? "the state was not compared with the workspace"
          : (staleReasons.get(stack) ?? staleReasons.get(""));
      return reason === undefined ? undefined : redactor.heading(reason);
    },
    currentObjects: (stack) => currentIds?.get(stack) ?? {},
  };
}

function stackRules(target: VerifyTarget): readonly SourcedRule[] {
  return (target.metadata?.ignores ?? []).map((rule, index) => ({
    ...rule,
    from: `${target.name}: ignore ${index + 1}`,
  }));
}
