/**
 * The verifier: reads the workspace, with GET only, and reports for every resource whether it
 * matches the code.
 */
import { setTimeout as delay } from "node:timers/promises";
import { defined } from "../defined";
import { findKind, typesWith } from "../resources";
import type { Remote } from "../resources/kind";
import { Access, forEachAtOnce, messageOf } from "./remote/shared-reads";
import { accessLists, type AccessListFindings } from "./unmanaged/access-lists";
import { isSingleTask, showsWholeResult, withoutReading } from "./compare/without-reading";
import type { VerifyOptions } from "./options";
import { findByName } from "./unmanaged/find-by-name";
import type { CheckContext, Checked } from "./compare/check";
import { Results } from "./compare/results";
import { readWholeLists } from "./remote/whole-lists";
import { declaredBindings } from "./remote/workspace-bindings";
import { checkContainers } from "./unmanaged/containers";
import { StateKnowledge } from "./compare/state-is-current";
import { expectedOf, type Expected, type ExpectedStack, type FindReader } from "./desired/expected";
import { IgnoreRules, type SourcedRule } from "./compare/ignore";
import type { VerifyTarget } from "./target";
import type { Verification } from "./model";
import { Named } from "./unmanaged/named-objects";
import { Owned } from "./deployed/ownership";
import type { NotChecked, ReadFailure, StackSummary, VerifyReport } from "./model";
import { countByStatus, exitCodeOf } from "./model";
import { ReportRedactor, plural } from "./compare/redactor";
import { sameNames } from "./unmanaged/same-name";
import { UnmanagedFinder } from "./unmanaged/unmanaged";
import { plain } from "./expressions/values";
import { walkWorkspace } from "./unmanaged/workspace-walk";

const contentAttempts = 5;

/**
 * @throws LakeformError for an unusable state or ignore rule; calls that REST rejects are in the
 * report
 */
export async function verifyTargets(options: VerifyOptions): Promise<VerifyReport> {
  return (await verifyFully(options)).report;
}

/** As {@link verifyTargets}, with what the rest of a command needs besides the report. */
export function verifyFully(options: VerifyOptions): Promise<Verification> {
  return new Run(options).run();
}

class Run {
  readonly #api: Access;
  readonly #redactor: ReportRedactor;
  readonly #findReader: FindReader;
  readonly #states = new StateKnowledge();
  readonly #now: () => Date;
  readonly #failures: ReadFailure[] = [];
  readonly #left: NotChecked[] = [];
  #owned = new Owned([]);
  #context!: CheckContext;
  #results!: Results;
  /** Objects that a list returned whole. */
  #listed: ReadonlyMap<Expected, Remote> = new Map();

  constructor(private readonly options: VerifyOptions) {
    this.#api = new Access(options.api);
    this.#redactor = new ReportRedactor(options.secrets?.() ?? []);
    this.#findReader = options.findReader ?? findKind;
    this.#now = options.now ?? (() => new Date());
  }

  async run(): Promise<Verification> {
    const startedAt = this.#now();
    const { ignore = [], targets, compareState } = this.options;
    const rules = new IgnoreRules(
      [...ignore, ...targets.flatMap(stackRules)],
      startedAt.toISOString().slice(0, 10),
    );
    this.#context = {
      host: this.options.api.host,
      rules,
      redactor: this.#redactor,
      ...this.#tracing(),
    };
    if (compareState === true) this.#context = { ...this.#context, compareState };
    const stacks: StackSummary[] = [];
    const expected: Expected[] = [];
    const keys: string[] = [];
    for (const target of this.options.targets) {
      const stack = await this.#open(target);
      stacks.push(stack.summary);
      expected.push(...stack.expected);
      for (const key of stack.owned) keys.push(key);
    }
    this.#owned = new Owned(keys, () => this.#otherStacks());
    const owned = this.#owned;
    const { keep, progress } = this.options;
    this.#results = new Results({
      context: this.#context,
      states: this.#states,
      bindings: declaredBindings(expected),
      owned,
      findReader: this.#findReader,
      keep,
      progress: progress && ((done) => progress(done, expected.length)),
    });
    // Before anything is shown: a secret of one resource may have been pasted into another.
    for (const { desired, state } of expected) {
      this.#redactor.learn(desired);
      this.#redactor.learn(state);
    }
    const scope = this.options.unmanaged ?? "ours";
    const finder = new UnmanagedFinder(
      {
        host: this.options.api.host,
        rules,
        redactor: this.#redactor,
        owned,
        targets: this.options.targets,
        scope: scope === "all" ? "all" : "ours",
      },
      expected,
    );
    const kinds = new Set(expected.map(({ type }) => type));
    const left = await this.#sweep(
      this.#settleWithoutReading(expected),
      kinds,
      scope === "none" ? undefined : finder,
    );
    await this.#readLists(left);
    await forEachAtOnce(left, this.options.concurrency ?? 16, (resource) =>
      this.#readOne(resource),
    );
    const notWalked: NotChecked[] = [];
    if (scope !== "none") notWalked.push(...(await this.#beside(finder, expected)));
    if (scope === "all") notWalked.push(...(await this.#walk(finder, owned, expected)));
    this.#results.sort(expected);
    const lists = await this.#accessLists(expected, finder, owned);
    const unmanaged = [...(await finder.settle()), ...lists.found].sort((a, b) =>
      a.kind + a.name + a.id < b.kind + b.name + b.id ? -1 : 1,
    );
    const failures = [...this.#failures, ...finder.failures];
    const counts = countByStatus([...this.#results.all, ...unmanaged]);
    const report: VerifyReport = {
      schema: "lakeform/verify-report",
      version: 1,
      startedAt: startedAt.toISOString(),
      milliseconds: this.#now().getTime() - startedAt.getTime(),
      calls: this.#api.calls,
      host: this.options.api.host,
      deep: this.options.deep ?? false,
      stacks,
      counts,
      resources: this.#results.all,
      unmanaged,
      failures,
      notChecked: [...this.#notChecked(), ...lists.notChecked, ...notWalked, ...this.#left],
      ignoreRules: rules.uses(),
      exitCode: exitCodeOf(counts, failures, { allowPending: this.options.allowPending ?? false }),
    };
    const stale =
      this.options.compareState === true ? this.#states.settle(expected, failures) : undefined;
    const current = stale === undefined ? undefined : this.#states.current(expected);
    const results = this.#results;
    return {
      report,
      values: (stack, address) => results.values(stack, address),
      whyStale: (stack) =>
        stale === undefined
          ? "the state was not compared with the workspace"
          : (stale.get(stack) ?? stale.get("")),
      currentObjects: (stack) => current?.get(stack) ?? {},
    };
  }

  /** Objects in our containers, and objects with the name of one that is not deployed yet. */
  async #beside(
    finder: UnmanagedFinder,
    expected: readonly Expected[],
  ): Promise<readonly NotChecked[]> {
    const concurrency = this.options.concurrency ?? 16;
    const owned = this.#owned;
    const named = new Named(this.#api, ({ title }, error) =>
      finder.fail(undefined, `the list of ${plural(title)}`, error),
    );
    await sameNames(this.#api, expected, { finder, owned, named, concurrency });
    return checkContainers(this.#api, {
      finder,
      owned,
      expected,
      concurrency,
      findReader: this.#findReader,
    });
  }

  async #otherStacks(): Promise<readonly string[]> {
    const { owned = [], failed = [] } = (await this.options.others?.()) ?? {};
    for (const { stack, reason } of failed) {
      const why = `its state could not be read, so its resources may be reported as unmanaged (${this.#redactor.message(reason)})`;
      this.#left.push({ what: `stack ${stack}`, reason: why, count: 1, examples: [] });
    }
    return owned;
  }

  #walk(
    finder: UnmanagedFinder,
    owned: Owned,
    expected: readonly Expected[],
  ): Promise<readonly NotChecked[]> {
    return walkWorkspace(this.#api, {
      finder,
      findReader: this.#findReader,
      owned,
      expected,
      targets: this.options.targets,
      maxFolders: this.options.maxFolders ?? 2000,
      ...defined({ signal: this.options.signal }),
    });
  }

  #accessLists(
    expected: readonly Expected[],
    finder: UnmanagedFinder,
    owned: Owned,
  ): Promise<AccessListFindings> {
    const statuses = new Map(
      this.#results.all.map((result) => [`${result.stack}\0${result.address}`, result.status]),
    );
    return accessLists(this.#api, expected, {
      rules: this.#context.rules,
      redactor: this.#redactor,
      owned,
      scope: this.options.unmanaged ?? "ours",
      deep: this.options.deep ?? false,
      concurrency: this.options.concurrency ?? 16,
      statusOf: (resource) => statuses.get(`${resource.target.name}\0${resource.address}`),
      fail: (resource, subject, error) => finder.fail(resource.target, subject, error),
    });
  }

  #tracing(): Pick<CheckContext, "trace"> {
    const { explain } = this.options;
    if (explain === undefined) return {};
    return {
      trace: ({ address, path, target }, decision) =>
        explain({ address, path, stack: target.name }, decision),
    };
  }

  #open(target: VerifyTarget): Promise<ExpectedStack> {
    if (this.options.byName !== true)
      return expectedOf(target, this.#findReader, this.options.api.host);
    return findByName(target, this.#findReader, this.#api, (subject, error) => {
      this.#failures.push({
        stack: target.name,
        what: subject,
        reason: this.#redactor.message(messageOf(error)),
      });
    });
  }

  /** Statuses that need no call: not deployed, removed from the code, unsupported. */
  #settleWithoutReading(expected: readonly Expected[]): readonly Expected[] {
    return expected.filter((resource) => {
      const reason = withoutReading(resource);
      if (reason === undefined) return true;
      this.#results.settle(resource, reason.status, reason.why);
      return false;
    });
  }

  /** Lists whole kinds; returns the resources that must still be read individually. */
  async #sweep(
    expected: readonly Expected[],
    kinds: ReadonlySet<string>,
    finder: UnmanagedFinder | undefined,
  ): Promise<readonly Expected[]> {
    const left = new Set(expected);
    // These are read individually anyway, and unmanaged ones are not of interest.
    if (this.options.deep === true && finder === undefined) return expected;
    for (const type of typesWith("swept")) {
      const reader = this.#findReader(type);
      const byId = new Map(
        expected
          .filter((resource) => resource.type === type)
          .map((resource) => [resource.id, resource]),
      );
      const stamped =
        finder !== undefined && this.options.targets.some(({ metadata }) => metadata !== undefined);
      if (
        reader?.list === undefined ||
        (!(finder === undefined ? byId.size > 0 : kinds.has(type)) &&
          !(stamped && reader.traits?.stamped === true) &&
          this.options.unmanaged !== "all")
      )
        continue;
      try {
        let seen = 0;
        for await (const remote of reader.list(this.#api, undefined, this.options.signal)) {
          const resource = byId.get(remote.id);
          if (resource === undefined)
            finder?.see(reader, remote); // (objects owned by a state are not checked there)
          else if (
            this.options.deep !== true &&
            showsWholeResult(resource, remote) &&
            left.delete(resource)
          )
            await this.#results.compare(resource, remote);
          // A long synchronous loop would delay timers (and Ctrl-C).
          if (++seen % 500 === 0) await delay(0);
        }
      } catch (error) {
        const what = `the list of ${plural(reader.title)}, so unmanaged ones may be missed`;
        if (finder !== undefined) finder.fail(undefined, what, error);
      }
    }
    return [...left];
  }

  /** With `deep`, each object is read: it may have fields with a call of their own. */
  async #readLists(resources: readonly Expected[]): Promise<void> {
    const { deep, explain, known, concurrency = 16, signal } = this.options;
    if (deep === true || explain !== undefined) return;
    const toRead = resources.filter(
      ({ target, address }) => known?.(target.name, address) === undefined,
    );
    this.#listed = await readWholeLists(this.#api, toRead, { concurrency, ...defined({ signal }) });
  }

  async #readOne(resource: Expected): Promise<void> {
    const { reader, id } = resource;
    const known = this.options.known?.(resource.target.name, resource.address);
    if (known !== undefined) this.#results.done(resource, known);
    if (known !== undefined || reader === undefined || id === undefined) return;
    const listed = this.#listed.get(resource);
    // A list may leave out a field: only a read of the object shows a difference.
    if (
      listed !== undefined &&
      reader.desiredContent === undefined &&
      (await this.#results.compare(resource, listed, isSame))
    )
      return;
    if (this.#api.gone !== undefined) {
      const reason = `not checked: the workspace does not respond (${this.#redactor.message(this.#api.gone)})`;
      this.#results.settle(resource, "error", reason);
      return;
    }
    if (this.options.signal?.aborted === true) {
      this.#results.settle(resource, "error", "not checked: interrupted");
      return;
    }
    let remote: Remote | undefined;
    try {
      remote = await this.#whole(() =>
        reader.read(this.#api, id, {
          known: plain({ ...resource.state, ...resource.desired }),
          // Only API 2.0 identifies a job with one task without a key; the kind uses it unless more
          // is needed.
          deep: !isSingleTask(resource),
          maxContentBytes: this.options.maxContentBytes ?? 67_108_864,
          ...defined({
            deployer: resource.record?.deployedBy,
            listed: reader.desiredContent === undefined ? undefined : listed,
            signal: this.options.signal,
          }),
        }),
      );
    } catch (error) {
      this.#results.fail(resource, "could not be read", error);
      return;
    }
    if (remote === undefined)
      this.#results.settle(resource, "missing", "no longer in the workspace");
    else await this.#results.compare(resource, remote);
  }

  /** Interrupted content is read again from the start. */
  async #whole<T>(read: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read();
      } catch (error) {
        if (attempt >= contentAttempts || !this.#api.brokeOff(error)) throw error;
      }
    }
  }

  #notChecked(): readonly NotChecked[] {
    const found = this.#results.notChecked();
    if (this.#api.gone === undefined) return found;
    const errors = this.#results.all.filter(({ status }) => status === "error");
    const reason = `the workspace does not respond (${this.#redactor.message(this.#api.gone)})`;
    return [
      ...found,
      { what: "resources", reason, count: errors.length, examples: errors.map(({ path }) => path) },
    ];
  }
}

function isSame({ result, notAsked, stale }: Checked): boolean {
  return (
    result.findings.every(({ status }) => status === "unverifiable") &&
    notAsked.length === 0 &&
    stale === undefined
  );
}

function stackRules(target: VerifyTarget): readonly SourcedRule[] {
  return (target.metadata?.ignores ?? []).map((rule, at) => ({
    ...rule,
    from: `${target.name}: ignore ${at + 1}`,
  }));
}
