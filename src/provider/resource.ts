/** Implements Terraform's resource operations for one type, from its kind and schema. */
import { isNotFound } from "../api/transport/errors";
import { workspaceIdOf } from "../api/transport/workspace-id";
import { defined } from "../defined";
import { idAttributeOf, stateId } from "../resources";
import type { Attributes, Kind, Remote, Value, WriteContext } from "../resources/kind";
import { PartiallyCreated } from "../resources/families/partially-created";
import type { Block, ResourceSchema } from "../resources/shape/schema";
import { keepUnreturned, stateOf } from "../resources/shape/sdk-state";
import { isAttributes } from "../resources/shape/shape";
import { failure, reportsMissing, problem, problems, type Diagnostic } from "./diagnostics";
import type { PendingNotes } from "../resources/families/pending-notes";
import { checkWorkspaceId } from "./other-workspace";
import { planResource, type Path, type PlanOutput } from "./plan";
import { useEmptyValuesOfPlan } from "./state";
import { onlyKnown, sameValue, withoutUnknown, type DynamicObject } from "./unknown";
import { validateBlock } from "./validate";
import { conform } from "./values";
import type { View } from "./view";

export interface Outcome {
  /** The new state; undefined if the object does not exist. */
  readonly state: DynamicObject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanOutcome extends Outcome {
  /** The paths of the fields that force a replacement. */
  readonly replaces: readonly Path[];
}

/** What a resource needs from the provider. */
export interface ResourceEnvironment {
  /** @throws LakeformError for an invalid provider configuration */
  view(): View;
  readonly host: string | undefined;
  readonly context: WriteContext;
  /** Notes about creates in flight, with which a later run finds their objects. */
  readonly pending: PendingNotes;
  /** Whether the object is known to match the state. */
  readonly isAlreadyRead?: (type: string, id: string) => boolean;
}

export class Resource {
  readonly block: Block;

  constructor(
    readonly kind: Kind,
    readonly schema: ResourceSchema,
    private readonly environment: ResourceEnvironment,
  ) {
    this.block = schema.block;
  }

  validate(config: DynamicObject): Diagnostic[] {
    return [
      ...validateBlock(this.block, config),
      ...problems(this.kind.validate?.(onlyKnown(config)) ?? []),
    ];
  }

  /** @param proposed Terraform's proposed state; undefined for a delete */
  async plan(
    prior: DynamicObject | undefined,
    proposed: DynamicObject | undefined,
    config: DynamicObject,
  ): Promise<PlanOutcome> {
    this.confirmSaved(prior);
    if (proposed === undefined) return { state: undefined, replaces: [], diagnostics: [] };
    const configured = onlyKnown(config);
    const workspaceError = await checkWorkspaceId(
      () => this.environment.view().reader,
      configured,
      `cannot plan ${this.kind.title}`,
    );
    if (workspaceError !== undefined)
      return { state: proposed, replaces: [], diagnostics: [workspaceError] };
    const output = await this.planWithRules(prior, proposed, config, configured);
    const priorAttributes = prior === undefined ? undefined : asAttributes(prior);
    const planProblems = output.changed
      ? await this.kind.validatePlan?.(configured, priorAttributes, this.environment.context)
      : undefined;
    return {
      state: output.planned,
      replaces: this.replacingPaths(prior, output),
      diagnostics: problems(planProblems ?? []),
    };
  }

  /**
   * Adds the workspace id to the state, if the schema has a field for it. A workspace that was set
   * up again has a new id.
   */
  private withWorkspace(state: DynamicObject): DynamicObject {
    const id =
      this.environment.host === undefined ? undefined : workspaceIdOf(this.environment.host);
    if (this.block.blocks["provider_config"]?.computed !== true || id === undefined) return state;
    return { ...state, provider_config: [{ workspace_id: id }] };
  }

  /**
   * Plans the resource. A kind may have to read a file to decide whether to suppress a difference;
   * the plan is then made again with that decision.
   */
  private async planWithRules(
    prior: DynamicObject | undefined,
    proposed: DynamicObject,
    config: DynamicObject,
    configured: Attributes,
  ): Promise<PlanOutput> {
    const decisions = new Map<string, boolean>();
    const ruleContext = {
      ...this.environment.context,
      prior: asAttributes(prior ?? {}),
      config: configured,
      ...defined({ host: this.environment.host }),
    };
    for (;;) {
      const pending = new Map<string, Promise<boolean>>();
      const output = planResource({
        block: this.block,
        prior,
        proposed,
        config,
        keyed: this.kind.rules.keyed,
        strict: this.schema.pluginFramework === true,
        adjust: (path, before, after) => {
          if (after === null) return this.kind.defaults?.[path]?.() ?? null;
          return this.kind.adjust?.[path]?.(before, after, ruleContext.config) ?? after;
        },
        forcesNew: (path, before, after) => this.kind.forcesNew?.[path]?.(before, after) === true,
        suppresses: (path, before, after) => {
          // Provider 1.132.0 sets this field, which must not cause an update with 1.99.0.
          if (path === "provider_config" && Array.isArray(after) && after.length === 0) return true;
          const rule = prior === undefined ? undefined : this.kind.suppress?.[path];
          if (rule === undefined) return undefined;
          const key = `${path} ${JSON.stringify([before, after])}`;
          const knownDecision = decisions.get(key);
          if (knownDecision !== undefined) return knownDecision;
          const decision = rule(before, after, ruleContext);
          if (typeof decision === "boolean") return decision;
          pending.set(key, decision);
          return false;
        },
      });
      if (pending.size === 0) return output;
      for (const [key, decision] of pending) decisions.set(key, await decision);
    }
  }

  /** Returns the paths of the changes that force a replacement. */
  private replacingPaths(prior: DynamicObject | undefined, output: PlanOutput): readonly Path[] {
    if (prior === undefined || this.kind.update !== undefined) return output.replaces;
    // A kind without update replaces the object with every change.
    const changedFields = Object.keys(output.planned).filter(
      (name) => name !== "timeouts" && !sameValue(prior[name], output.planned[name]),
    );
    const replacedNames = new Set(output.replaces.map((path) => path[0]));
    return [
      ...output.replaces,
      ...changedFields.filter((name) => !replacedNames.has(name)).map((name) => [name]),
    ];
  }

  /** @param isNew whether to write all returned values to the state, as after a create */
  async read(state: DynamicObject, isNew = false): Promise<Outcome> {
    this.confirmSaved(state);
    const before = asAttributes(state);
    if (!isNew && this.environment.isAlreadyRead?.(this.kind.type, this.idOf(before)) === true)
      return { state, diagnostics: [] };
    try {
      const remote = await this.fetch("read", this.idOf(before), before);
      return {
        state:
          remote === undefined
            ? undefined
            : this.stateFrom(remote, before, isNew ? "create" : "refresh", before),
        diagnostics: [],
      };
    } catch (error) {
      return { state, diagnostics: [failure(`cannot read ${this.kind.title}`, error)] };
    }
  }

  /** @param plannedState undefined for a delete */
  async apply(
    prior: DynamicObject | undefined,
    plannedState: DynamicObject | undefined,
  ): Promise<Outcome> {
    this.confirmSaved(prior);
    if (plannedState === undefined)
      return prior === undefined ? { state: undefined, diagnostics: [] } : this.destroy(prior);
    const plannedAttributes = asAttributes(plannedState);
    if (prior !== undefined) return this.update(prior, plannedAttributes);
    const note = this.environment.pending.note(this.kind.type);
    const outcome = await this.create(plannedAttributes, {
      ...this.environment.context,
      pending: note,
    });
    if (outcome.state !== undefined) note.confirm(this.idOf(asAttributes(outcome.state)));
    return outcome;
  }

  /** Removes the note about the create of an object that is in the state. */
  private confirmSaved(prior: DynamicObject | undefined): void {
    if (prior !== undefined)
      this.environment.pending.remove(this.kind.type, this.idOf(asAttributes(prior)));
  }

  private async create(planned: Attributes, context: WriteContext): Promise<Outcome> {
    let result;
    try {
      result = await this.kind.create(this.environment.view().writer, planned, context);
    } catch (error) {
      // The object was created, but a later step failed. Return it, so that it is not lost:
      // Terraform marks it as tainted in the state.
      const cause = error instanceof PartiallyCreated ? error.cause : error;
      const state =
        error instanceof PartiallyCreated
          ? conform(this.block, { ...planned, ...error.attributes, id: error.id })
          : undefined;
      return { state, diagnostics: [failure(`cannot create ${this.kind.title}`, cause)] };
    }
    return this.afterWrite(
      planned,
      { ...planned, ...result.attributes, id: result.id },
      result.readAfter !== false,
      true,
    );
  }

  private async update(prior: DynamicObject, planned: Attributes): Promise<Outcome> {
    const before = asAttributes(prior);
    const id = this.idOf(before);
    const note = this.environment.pending.note(this.kind.type);
    const context = { ...this.environment.context, pending: note };
    let result;
    try {
      if (this.kind.update === undefined) throw new Error(`${this.kind.type} has no update`);
      result = await this.kind.update(this.environment.view().writer, id, before, planned, context);
    } catch (error) {
      // The state keeps the old values, because the update failed. (The official provider writes
      // the new ones.)
      const fix = reportsMissing(error)
        ? `the ${this.kind.title} was deleted after the plan: run the command again, which plans to create it`
        : undefined;
      const diagnostic = failure(`cannot update ${this.kind.title}`, error, fix);
      return { state: prior, diagnostics: [diagnostic] };
    }
    if (result.id !== id) note.confirm(result.id);
    return this.afterWrite(
      planned,
      { ...planned, ...result.attributes, id: result.id },
      result.readAfter !== false,
      false,
    );
  }

  /** Returns the new state after a create or update, which is read from the workspace if needed. */
  private async afterWrite(
    planned: Attributes,
    state: Attributes,
    readAfter: boolean,
    isNew: boolean,
  ): Promise<Outcome> {
    if (!readAfter)
      return {
        state: this.withWorkspace(
          useEmptyValuesOfPlan(this.block, conform(this.block, state), planned),
        ),
        diagnostics: [],
      };
    try {
      // This read is part of the write and must also run after Ctrl-C: otherwise Terraform would
      // mark the object as tainted and replace it.
      const remote = await this.fetch("write", this.idOf(state), state);
      if (remote === undefined) {
        const summary = `cannot read ${this.kind.title}: the workspace does not have it, although it was just written`;
        return {
          state: isNew ? conform(this.block, state) : undefined,
          diagnostics: [problem("", summary)],
        };
      }
      return {
        state: this.stateFrom(remote, state, isNew ? "create" : "write", planned),
        diagnostics: [],
      };
    } catch (error) {
      return {
        state: conform(this.block, state),
        diagnostics: [failure(`cannot read ${this.kind.title}`, error)],
      };
    }
  }

  private async destroy(prior: DynamicObject): Promise<Outcome> {
    const before = asAttributes(prior);
    try {
      await this.kind.delete(
        this.environment.view().writer,
        this.idOf(before),
        before,
        this.environment.context,
      );
    } catch (error) {
      if (!isNotFound(error))
        return { state: prior, diagnostics: [failure(`cannot delete ${this.kind.title}`, error)] };
    }
    return { state: undefined, diagnostics: [] };
  }

  async import(argument: string): Promise<Outcome> {
    if (this.schema.importable !== true) {
      return {
        state: undefined,
        diagnostics: [
          problem("", "Resource Import Not Implemented", `${this.kind.type} cannot be imported`),
        ],
      };
    }
    try {
      const imported = this.kind.importId?.(argument) ?? { id: argument, attributes: {} };
      const before: Attributes = {
        ...imported.attributes,
        [idAttributeOf(this.kind.type)]: imported.id,
      };
      const remote = await this.fetch("import", imported.id, before);
      // Terraform reads an imported object again, and reports if it does not exist.
      return {
        state:
          remote === undefined
            ? conform(this.block, before)
            : this.stateFrom(remote, before, "import", before),
        diagnostics: [],
      };
    } catch (error) {
      return { state: undefined, diagnostics: [failure(`cannot read ${this.kind.title}`, error)] };
    }
  }

  private idOf(state: Attributes): string {
    const id = stateId(this.kind.type, state);
    return typeof id === "string" ? id : "";
  }

  private async fetch(
    purpose: "read" | "write" | "import",
    id: string,
    known: Attributes,
  ): Promise<Remote | undefined> {
    const { signal } = this.environment.context;
    const options = { known, deep: false, ...defined({ signal }) };
    const view = this.environment.view();
    return purpose === "write"
      ? this.kind.read(view.writer, id, options)
      : view[purpose](this.kind, id, options);
  }

  private stateFrom(
    remote: Remote,
    before: Attributes,
    purpose: "refresh" | "create" | "write" | "import",
    planned: Attributes,
  ): DynamicObject {
    const isNew = purpose === "create" || purpose === "import";
    const state =
      this.kind.toState?.(remote, before, purpose === "create" ? "write" : purpose, isNew) ??
      stateOf(this.block, before, remote, isNew);
    const { unverifiable, keyed } = this.kind.rules;
    const completeState = keepUnreturned(state, before, Object.keys(unverifiable), keyed);
    return this.withWorkspace(
      useEmptyValuesOfPlan(
        this.block,
        conform(this.block, { ...completeState, id: completeState.id ?? remote.id }),
        planned,
      ),
    );
  }
}

function asAttributes(value: DynamicObject): Attributes {
  const knownValue: Value = withoutUnknown(value);
  return isAttributes(knownValue) ? knownValue : {};
}
