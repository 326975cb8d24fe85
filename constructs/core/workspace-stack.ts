import fs from "node:fs";
import path from "node:path";
import { defined } from "../../src/defined";
import { addBackend } from "./backend";
import {
  AnnotationMetadataEntryType,
  App,
  DatabricksProvider,
  TerraformBackend,
  TerraformElement,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
  type Construct,
  type IConstruct,
} from "./bindings";
import { checkStack } from "../checks/check-stack";
import type { Owners } from "../checks/same-object";
import { importBlocks, pathOf, positionOf } from "./element";
import { AddressRegistry, renderFast, resolveValues, writeStack } from "./fast-synth";
import { orderByFolder } from "./folder-order";
import { profileSettings, type EnvironmentProfile } from "./environment";
import { withDocumentedDefaults } from "../jobs/documented-defaults";
import { ConstructError, ConstructErrors, errorAt } from "./errors";
import type { IgnoreRule, ResourceOrigin, StackMetadata, Suppression } from "./metadata";
import { nameProblem, nameRules } from "./names";
import { projectRoot } from "./project-root";
import { dependencyPath } from "./stack-cycle";
import { chooseWorkspace, writeWorkspaces } from "./workspace-choice";

export interface WorkspaceStackProps<Values = unknown> {
  /**
   * The project of the stack: lower-case letters, digits and -. It is part of the stamp and of the
   * folder of deployment records.
   */
  readonly project: string;
  /** The environment that the stack is deployed to. */
  readonly environment: EnvironmentProfile<Values>;
  /**
   * Tag resources with `lakeform = <project>/<stack>`, so that verify can find unmanaged copies.
   * @default true
   */
  readonly stamp?: boolean;
  /**
   * The workspace folder for deployment records.
   * @default `/Workspace/Shared/.lakeform/<project>/<stack>`
   */
  readonly recordFolder?: string;
}

/** The key of the tag that marks the objects of a stack. */
export const stampTag = "lakeform";

/**
 * One stack in one environment, named `<name>-<environment>`. It adds the provider, the
 * environment's backend, the stamp, and the metadata for verify, review and promote. The provider
 * block contains no credentials: commands read them from the environment.
 *
 * @example
 * const stack = new WorkspaceStack(app, "daily-etl", {
 *   project: "lakeform",
 *   environment: { name: "dev", values: {} },
 * });
 */
export class WorkspaceStack<Values = unknown> extends TerraformStack {
  /** Returns the stack that contains a construct. @throws ConstructError NO_WORKSPACE_STACK */
  static around(construct: IConstruct): WorkspaceStack {
    const stack = construct.node.scopes.findLast(
      (scope): scope is WorkspaceStack => scope instanceof WorkspaceStack,
    );
    if (stack === undefined) {
      throw errorAt(
        construct,
        "NO_WORKSPACE_STACK",
        "the construct is not inside a WorkspaceStack",
        { fix: "use a WorkspaceStack, or a construct inside one, as its scope" },
      );
    }
    return stack;
  }

  /** The environment that the stack is deployed to. */
  readonly environment: EnvironmentProfile<Values>;
  /** The project of the stack. */
  readonly project: string;
  /** The value of the stamp; undefined if the stack has none. */
  readonly stamp: string | undefined;
  readonly #recordFolder: string;
  readonly #variables = new Map<string, TerraformVariable>();
  readonly #ignores: IgnoreRule[] = [];
  readonly #suppressions: Suppression[] = [];
  readonly #problems: ConstructError[] = [];
  readonly #policies = new Map<string, string>();
  readonly #filesOutside = new Set<string>();
  /** For each stack that this stack uses: the path of the first construct that uses it. */
  readonly #userPaths = new Map<TerraformStack, string>();
  #preparing: IConstruct | undefined;
  #checkedOutput: object | undefined;
  #addresses = new AddressRegistry();
  /** Set while cdktf's synthesizer does everything except writing the file. */
  #synthesizing = false;

  /** @throws ConstructError BAD_NAME for an invalid name of the stack, project or environment */
  constructor(scope: Construct, name: string, props: WorkspaceStackProps<Values>) {
    const environment = props.environment;
    for (const [noun, value] of [
      ["stack", name],
      ["project", props.project],
      ["environment", environment.name],
    ] as const) {
      const nameIssue = nameProblem(nameRules.stack, value);
      if (nameIssue !== undefined) {
        throw new ConstructError("BAD_NAME", `the name of the ${noun} ${nameIssue}`, {
          path: scope.node.path,
          value,
          allowed: nameRules.stack.allowed,
        });
      }
    }
    const stackName = `${name}-${environment.name}`;
    super(scope, stackName);
    this.environment = environment;
    this.project = props.project;
    this.stamp = props.stamp === false ? undefined : `${props.project}/${stackName}`;
    this.#recordFolder =
      props.recordFolder ?? `/Workspace/Shared/.lakeform/${props.project}/${stackName}`;
    new DatabricksProvider(
      this,
      "Provider",
      environment.host === undefined ? {} : { host: environment.host },
    );
    if (environment.workspaceId !== undefined) chooseWorkspace(this, environment.workspaceId);
    this.#replaceWriter();
    const app = scope.node.root;
    addBackend(
      this,
      environment.backend ?? { kind: "local" },
      props.project,
      stackName,
      App.isApp(app) ? app.outdir : "cdktf.out",
    );
  }

  /** Returns the sensitive Terraform variable for an environment variable; one per name. */
  variableFor(environmentVariable: string): TerraformVariable {
    const existingVariable = this.#variables.get(environmentVariable);
    if (existingVariable !== undefined) return existingVariable;
    const variable = new TerraformVariable(this, `Variable-${environmentVariable}`, {
      type: "string",
      sensitive: true,
      description: `from the environment variable ${environmentVariable}`,
    });
    variable.overrideLogicalId(environmentVariable);
    this.#variables.set(environmentVariable, variable);
    return variable;
  }

  /**
   * Reports an error without stopping. All errors are shown together when the stack is synthesized.
   */
  report(problem: ConstructError): void {
    // Aspects run again when the stacks are rebuilt to collect the problems of all of them.
    if (!this.#problems.some((reported) => reported.format() === problem.format()))
      this.#problems.push(problem);
  }

  /**
   * @internal Records an uploaded file if it is outside the project's folder: promotion requires
   * that all files are in the repository.
   */
  noteFile(file: string): void {
    const displayPath = path
      .relative(fs.realpathSync(projectRoot()), fs.realpathSync(file))
      .split(path.sep)
      .join("/");
    if (displayPath.startsWith("../") || path.isAbsolute(displayPath))
      this.#filesOutside.add(displayPath);
  }

  /** Adds a rule that makes verify ignore differences. Constructs use {@link IgnoreDrift}. */
  addIgnore(rule: IgnoreRule): void {
    this.#ignores.push(rule);
  }

  /** Suppresses findings of review. Constructs use {@link Suppress}. */
  addSuppression(suppression: Suppression): void {
    this.#suppressions.push(suppression);
  }

  /**
   * Registers the rules of a cluster policy, so that the checks can compare clusters with them.
   * @param id the id as written in `policy_id` of the clusters
   * @param definition the policy's JSON
   */
  knowPolicy(id: string, definition: string): void {
    this.#policies.set(id, definition);
  }

  /** Returns a name with the environment's prefix. */
  named(name: string): string {
    return `${this.environment.namePrefix ?? ""}${name}`;
  }

  /**
   * Returns the tags, together with the environment's tags and the stamp; undefined if there are
   * none.
   * @param stamp false leaves out the stamp
   */
  stamped(
    tags: Readonly<Record<string, string>> | undefined,
    stamp = true,
  ): Record<string, string> | undefined {
    const allTags = {
      ...this.environment.tags,
      ...tags,
      ...(stamp && this.stamp !== undefined && { [stampTag]: this.stamp }),
    };
    return Object.keys(allTags).length === 0
      ? undefined
      : Object.fromEntries(Object.entries(allTags).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * Runs the checks of cdktf and of this library, and reports all findings in one error.
   * @throws ConstructErrors
   */
  override runAllValidations(): void {
    const problems = [...this.#problems];
    const constructs = this.node.findAll();
    for (const construct of constructs) {
      for (const message of construct.node.validate())
        problems.push(errorAt(construct, "INVALID_CONSTRUCT", message));
      for (const { type, data } of construct.node.metadata)
        if (type === (AnnotationMetadataEntryType.ERROR as string))
          problems.push(
            errorAt(
              construct,
              "ERROR_ANNOTATION",
              "an error annotation was added to this construct",
              {
                value: String(data),
                fix: "fix the problem that the annotation describes, or remove the Annotations.of(…).addError(…) call",
              },
            ),
          );
    }
    const output = this.#render(constructs);
    for (const { address, elements } of this.#addresses.collisions())
      problems.push(collisionError(address, elements.map(pathOf)));
    problems.push(...checkStack(output, this.#policies, ownersOf(this.node.root)));
    if (problems.length > 0) throw new ConstructErrors(problems);
    this.#checkedOutput = output;
  }

  /**
   * Finds references to other stacks, which need an output there and a data source here. Skipped
   * for a single stack.
   */
  override prepareStack(): void {
    // cdktf searches the whole stack for its backend, which is a child of a WorkspaceStack.
    if (!this.node.children.some((child) => TerraformBackend.isBackend(child)))
      this.ensureBackendExists();
    if (stacksBelow(this.node.root) < 2) return;
    for (const element of this.node.findAll()) {
      this.#preparing = element;
      if (TerraformElement.isTerraformElement(element))
        resolveValues(this, element.toTerraform(), true);
    }
    this.#preparing = undefined;
  }

  /**
   * Adds a dependency. cdktf also calls this for each reference to another stack.
   * @throws ConstructError STACK_CYCLE with the constructs that cause the cycle
   */
  override addDependency(dependency: TerraformStack): void {
    const user = pathOf(this.#preparing ?? this);
    if (dependency.dependsOn(this)) {
      throw new ConstructError("STACK_CYCLE", "circular references between stacks", {
        path: user,
        value: [
          `${user} uses ${dependency.node.id}`,
          ...dependencyPath(dependency, this).map(
            ([from, to]) => `${userIn(from, to)} uses ${to.node.id}`,
          ),
        ].join(", "),
        fix: "move the resources that both stacks need into a third stack",
      });
    }
    super.addDependency(dependency);
    if (!this.#userPaths.has(dependency)) this.#userPaths.set(dependency, user);

    function userIn(stack: TerraformStack, usedStack: TerraformStack): string {
      return (
        (stack instanceof WorkspaceStack ? stack.#userPaths.get(usedStack) : undefined) ??
        stack.node.path
      );
    }
  }

  override toTerraform(): Record<string, unknown> {
    if (this.#checkedOutput !== undefined) {
      if (this.#synthesizing) return {};
      const checkedOutput = this.#checkedOutput as Record<string, unknown>;
      this.#checkedOutput = undefined;
      return checkedOutput;
    }
    return this.#render(this.node.findAll());
  }

  /**
   * Renders the stack. The caller passes the constructs, because listing those of a large stack
   * takes as long as checking all of them.
   */
  #render(constructs: readonly IConstruct[]): Record<string, unknown> {
    this.#addresses = new AddressRegistry();
    writeWorkspaces(constructs);
    const output = renderFast(
      this,
      constructs,
      () => super.toTerraform() as Record<string, unknown>,
      this.#addresses,
    );
    orderByFolder(output);
    const { databricks_job: jobs = {} } = (output["resource"] ?? {}) as {
      databricks_job?: Record<string, Record<string, unknown>>;
    };
    for (const [id, job] of Object.entries(jobs)) jobs[id] = withDocumentedDefaults(job);
    const constructsAfterRender = this.node.findAll();
    const imports = importBlocks(constructsAfterRender);
    if (imports.length > 0) output.import = [...((output.import ?? []) as unknown[]), ...imports];
    output["//"] = {
      ...(output["//"] as object),
      lakeform: this.#metadata(output, constructsAfterRender),
    };
    return output;
  }

  /**
   * Writes the stack. cdktf would sort every key, which takes as long as all other rendering, so it
   * writes an empty stack, which is then replaced.
   */
  #replaceWriter(): void {
    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        this.#synthesizing = true;
        try {
          synthesizer.synthesize(session);
        } finally {
          this.#synthesizing = false;
        }
        if (
          this.#checkedOutput === undefined ||
          ["true", "1"].includes(process.env.SYNTH_HCL_OUTPUT ?? "")
        )
          return;
        writeStack(
          path.join(session.outdir, session.manifest.forStack(this).synthesizedStackPath),
          this.toTerraform(),
        );
      },
    };
  }

  #metadata(
    output: Record<string, unknown>,
    constructsAfterRender: readonly IConstruct[],
  ): StackMetadata {
    const { host, databricksProfile, provider, name } = this.environment;
    return {
      version: 1,
      project: this.project,
      environment: name,
      stack: this.node.id,
      provider: provider ?? "official",
      ...defined({ host, profile: databricksProfile }),
      stamp: this.stamp ?? `${this.project}/${this.node.id}`,
      recordFolder: this.#recordFolder,
      resources: this.#origins(output, constructsAfterRender),
      variables: Object.fromEntries(
        [...this.#variables.keys()].sort().map((environment) => [environment, { environment }]),
      ),
      ignores: this.#ignores,
      suppressions: this.#suppressions,
      profileSettings: profileSettings(this.environment),
      ...(this.#filesOutside.size > 0 && { filesOutside: [...this.#filesOutside].sort() }),
    };
  }

  #origins(
    output: Record<string, unknown>,
    constructsAfterRender: readonly IConstruct[],
  ): Record<string, ResourceOrigin> {
    const resources = (output.resource ?? {}) as Record<string, Record<string, unknown>>;
    const entries = constructsAfterRender
      .filter((construct) => TerraformResource.isTerraformResource(construct))
      .map((resource): readonly [string, ResourceOrigin] => {
        const { terraformResourceType: type, friendlyUniqueId: id } = resource;
        const source = positionOf(resource);
        const stamped = this.stamp !== undefined && hasStamp(resources[type]?.[id], this.stamp);
        return [`${type}.${id}`, { path: pathOf(resource), ...defined({ source }), stamped }];
      });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function collisionError(address: string, paths: readonly string[]): ConstructError {
  return new ConstructError(
    "SAME_LOGICAL_ID",
    "constructs get the same Terraform name, and only one of them would be deployed",
    {
      path: paths.join(" and "),
      value: address,
      allowed:
        "ids that differ in letters, digits, _ or -; the id `Default` adds nothing to a name",
      fix: "change one of the ids",
    },
  );
}

/** Counts the stacks below a construct. Their content is skipped: no stack contains another. */
function stacksBelow(construct: IConstruct): number {
  if (TerraformStack.isStack(construct)) return 1;
  return construct.node.children.reduce((sum, child) => sum + stacksBelow(child), 0);
}

/** Whether a rendered resource has the stamp: an override may have removed the tag. */
function hasStamp(body: unknown, stamp: string): boolean {
  const { tags, custom_tags: customTags } = (body ?? {}) as {
    readonly tags?: Tags & { readonly custom_tags?: unknown };
    readonly custom_tags?: Tags;
  };
  const customTagList = tags?.custom_tags;
  if (Array.isArray(customTagList))
    return customTagList.some((tag: Tags) => tag.key === stampTag && tag.value === stamp);
  return (tags ?? customTags)?.[stampTag] === stamp;
}

type Tags = Readonly<Record<string, unknown>>;

const owners = new WeakMap<IConstruct, Owners>();

/** The objects of all stacks of an app that were checked so far. */
function ownersOf(app: IConstruct): Owners {
  const ownersOfApp = owners.get(app) ?? (new Map() as Owners);
  owners.set(app, ownersOfApp);
  return ownersOfApp;
}
