/**
 * Implements the calls of the protocol. There is one instance per provider process or, if several
 * Terraform processes share a provider process, one per connection.
 */
import path from "node:path";
import { findDataKind, findKind } from "../resources";
import type { PlanStamp } from "../resources/cut/saved-plan";
import { providerSchema, schemaOf, unsupportedTypeFix } from "../resources/shape/schema";
import { alreadyReadCheck } from "./already-read";
import { Configuration } from "./configure";
import { attributePath, failure, problem, problems, type Diagnostic } from "./diagnostics";
import { PendingNotes } from "../resources/families/pending-notes";
import { checkWorkspaceId } from "./other-workspace";
import { Resource, type ResourceEnvironment } from "./resource";
import { checkSavedPlan, stampOf } from "./plan-stamp";
import { readPrivateData, writePrivateData } from "./private-data";
import { project } from "./projection";
import { metadataResponse, readEncodedSchemas, schemaResponse } from "./schema-message";
import { servedSchema, type ServedSchema } from "./served-schema";
import type { Handler, Request } from "./server";
import { onlyKnown, withoutUnknown, type DynamicObject } from "./unknown";
import { validateBlock } from "./validate";
import { conform, decodeState, decodeValue, encodeValue, type DynamicValue } from "./values";
import { terraformWorkspace } from "../terraform-workspace";

export class ProviderService {
  readonly #stop = new AbortController();
  readonly #configuration = new Configuration();
  readonly #environment: ResourceEnvironment;
  /** The result of the check of the saved plan; undefined before the first apply. */
  #savedPlanCheck: { readonly error: Diagnostic | undefined } | undefined;

  constructor(
    directory: string,
    private readonly served: ServedSchema = servedSchema(directory),
  ) {
    const configuration = this.#configuration;
    this.#environment = {
      view: () => configuration.view(),
      get host() {
        return configuration.host;
      },
      context: { directory, signal: this.#stop.signal },
      pending: new PendingNotes(() => ({
        directory,
        workspace: terraformWorkspace(
          path.resolve(directory, process.env["TF_DATA_DIR"] ?? ".terraform"),
          process.env["TF_WORKSPACE"],
        ),
        host: configuration.host ?? "",
      })),
      isAlreadyRead: alreadyReadCheck(),
    };
  }

  /** Called when Terraform no longer needs this process. */
  close(): void {
    this.#environment.pending.close();
  }

  readonly handlers: Readonly<Record<string, Handler>> = {
    GetMetadata: () => metadataResponse(),
    GetProviderSchema: () => schemaResponse(this.served.schemas, readEncodedSchemas()),
    ValidateProviderConfig: (request) => ({
      diagnostics: [
        ...validateBlock(providerSchema().block, this.#providerBlock(request)),
        ...this.#schemaWarning(),
      ],
    }),
    ConfigureProvider: (request) => this.#configure(request),
    ValidateResourceConfig: (request) => this.#validate(request),
    UpgradeResourceState: (request) => this.#upgrade(request),
    ReadResource: (request) => this.#read(request),
    PlanResourceChange: (request) => this.#plan(request),
    ApplyResourceChange: (request) => this.#apply(request),
    ImportResourceState: (request) => this.#import(request),
    ValidateDataResourceConfig: (request) => this.#validateData(request),
    ReadDataSource: (request) => this.#readData(request),
    // Terraform calls these right after the schema, so they must be implemented.
    GetResourceIdentitySchemas: () => ({ identity_schemas: {}, diagnostics: [] }),
    GetFunctions: () => ({ functions: {}, diagnostics: [] }),
    UpgradeResourceIdentity: (request) => ({ diagnostics: [noIdentity(request)] }),
    MoveResourceState: (request) => ({ diagnostics: [noMove(request)] }),
    StopProvider: () => {
      // Stops waiting for clusters and warehouses. Calls in flight still finish, and Terraform
      // saves their results.
      this.#stop.abort();
      return { Error: "" };
    },
  };

  #providerBlock(request: Request): DynamicObject {
    const { block } = providerSchema();
    return decodeValue(block, toDynamicValue(request["config"])) ?? conform(block, {});
  }

  #configure(request: Request): object {
    try {
      this.#configuration.configure(this.#providerBlock(request), terraformVersionOf(request));
      return { diagnostics: [] };
    } catch (error) {
      return { diagnostics: [failure("cannot configure the provider", error)] };
    }
  }

  #validate(request: Request): object {
    const resource = this.#resource(request);
    if (resource === undefined) return { diagnostics: [unknownType(request)] };
    const config =
      decodeValue(resource.block, toDynamicValue(request["config"])) ?? conform(resource.block, {});
    return { diagnostics: resource.validate(config) };
  }

  #upgrade(request: Request): object {
    const schema = schemaOf(String(request["type_name"]));
    if (schema === undefined) return { diagnostics: [unknownType(request)] };
    const rawState = request["raw_state"] as { json?: Uint8Array } | null;
    if (!rawState?.json || rawState.json.length === 0) {
      return {
        diagnostics: [
          problem(
            "",
            "the state was written by Terraform 0.11 or older",
            "run `terraform apply` once with Terraform 0.12 and the official provider",
          ),
        ],
      };
    }
    const { value, tooNarrow } = this.#toServedSchema(
      String(request["type_name"]),
      decodeState(schema.block, rawState.json),
    );
    return { upgraded_state: value, diagnostics: tooNarrow };
  }

  async #read(request: Request): Promise<object> {
    const resource = this.#resource(request);
    if (resource === undefined) return { diagnostics: [unknownType(request)] };
    const state = decodeValue(resource.block, toDynamicValue(request["current_state"]));
    const data = readPrivateData(request["private"]);
    const outcome =
      state === undefined
        ? { state: undefined, diagnostics: [] }
        : await resource.read(state, data.unread === true);
    const { value, tooNarrow } = this.#toServedSchema(resource.kind.type, outcome.state);
    return {
      new_state: value,
      diagnostics: [...outcome.diagnostics, ...tooNarrow],
      private:
        data.unread === true && tooNarrow.length === 0
          ? writePrivateData(resource, { foreign: data.foreign })
          : request["private"],
    };
  }

  async #plan(request: Request): Promise<object> {
    const resource = this.#resource(request);
    if (resource === undefined) return { diagnostics: [unknownType(request)] };
    const value = (field: string) => decodeValue(resource.block, toDynamicValue(request[field]));
    const proposed = value("proposed_new_state");
    try {
      const outcome = await resource.plan(
        value("prior_state"),
        proposed,
        value("config") ?? proposed ?? {},
      );
      const { value: servedState, tooNarrow } = this.#toServedSchema(
        resource.kind.type,
        outcome.state,
      );
      return {
        planned_state: servedState,
        requires_replace: outcome.replaces.map(attributePath),
        planned_private: writePrivateData(
          resource,
          readPrivateData(request["prior_private"]),
          this.#stamp,
        ),
        diagnostics: [...outcome.diagnostics, ...tooNarrow],
        legacy_type_system: true,
      };
    } catch (error) {
      return { diagnostics: [failure(`cannot plan ${resource.kind.title}`, error)] };
    }
  }

  async #apply(request: Request): Promise<object> {
    const resource = this.#resource(request);
    if (resource === undefined) return { diagnostics: [unknownType(request)] };
    const value = (field: string) => decodeValue(resource.block, toDynamicValue(request[field]));
    const prior = value("prior_state");
    const data = readPrivateData(request["planned_private"]);
    this.#savedPlanCheck ??= {
      error: checkSavedPlan(this.#environment.context.directory, this.#stamp),
    };
    const planError = this.#savedPlanCheck.error;
    if (planError !== undefined)
      return {
        new_state: request["prior_state"],
        diagnostics: [planError],
        legacy_type_system: true,
      };
    const outcome = await resource.apply(prior, value("planned_state"));
    const { value: newState, tooNarrow } = this.#toServedSchema(resource.kind.type, outcome.state);
    // The object was written, and an error would mark it as tainted. So warn about missing values:
    // the next read adds them.
    const isUnread = data.unread === true || (tooNarrow.length > 0 && prior === undefined);
    return {
      new_state: newState,
      private: writePrivateData(resource, { foreign: data.foreign, unread: isUnread }),
      diagnostics: [
        ...outcome.diagnostics,
        ...tooNarrow.map((diagnostic) => ({ ...diagnostic, severity: 2 })),
      ],
      legacy_type_system: true,
    };
  }

  async #import(request: Request): Promise<object> {
    const resource = this.#resource(request);
    if (resource === undefined) return { diagnostics: [unknownType(request)] };
    if ((request["identity"] ?? null) !== null) return { diagnostics: [noIdentity(request)] };
    const { state, diagnostics } = await resource.import(String(request["id"]));
    const { value, tooNarrow } = this.#toServedSchema(resource.kind.type, state);
    const imported =
      state === undefined
        ? []
        : [
            {
              type_name: resource.kind.type,
              state: value,
              private: writePrivateData(resource, { foreign: {} }),
            },
          ];
    return { imported_resources: imported, diagnostics: [...diagnostics, ...tooNarrow] };
  }

  #validateData(request: Request): object {
    const type = String(request["type_name"]);
    const schema = schemaOf(`data.${type}`);
    if (schema === undefined) return { diagnostics: [unknownType(request)] };
    const config =
      decodeValue(schema.block, toDynamicValue(request["config"])) ?? conform(schema.block, {});
    return {
      diagnostics: [
        ...validateBlock(schema.block, config),
        ...problems(findDataKind(type)?.validate?.(onlyKnown(config)) ?? []),
      ],
    };
  }

  async #readData(request: Request): Promise<object> {
    const type = String(request["type_name"]);
    const schema = schemaOf(`data.${type}`);
    const kind = findDataKind(type);
    if (schema === undefined || kind === undefined) return { diagnostics: [unknownType(request)] };
    try {
      const config = withDefaults(
        schema.block.attributes,
        decodeValue(schema.block, toDynamicValue(request["config"])) ?? {},
      );
      const knownConfig = withoutUnknown(config) as Record<string, never>;
      const workspaceError = await checkWorkspaceId(
        () => this.#environment.view().reader,
        knownConfig,
        `cannot read ${kind.title}`,
      );
      if (workspaceError !== undefined) return { diagnostics: [workspaceError] };
      const state = await kind.read(
        this.#environment.view().reader,
        knownConfig,
        this.#environment.context,
      );
      const attributes = conform(schema.block, { ...knownConfig, ...state });
      // In a data source an absent block is null, as in the official SDK; in a resource it is an
      // empty list.
      for (const name in schema.block.blocks)
        if (isEmptyList(attributes[name])) attributes[name] = null;
      return { state: encodeValue(attributes, schema.block), diagnostics: [] };
    } catch (error) {
      return { diagnostics: [failure(`cannot read ${kind.title}`, error)] };
    }
  }

  /** Projects a value onto the served schema, with an error if values would be lost. */
  #toServedSchema(
    type: string,
    value: DynamicObject | undefined,
  ): { value: { msgpack: Uint8Array }; tooNarrow: Diagnostic[] } {
    const block = schemaOf(type)?.block;
    const served = this.served.schemas.get(type)?.block;
    if (value === undefined || block === undefined || served === undefined)
      return { value: encodeValue(value, block), tooNarrow: [] };
    const lostPaths = new Set<string>();
    const encodedValue = encodeValue(project(block, served, value, lostPaths), served);
    if (lostPaths.size === 0) return { value: encodedValue, tooNarrow: [] };
    this.served.widen?.(type);
    const summary = `SCHEMA_CUT_TOO_NARROW: ${type} has values outside of the schema that the stack uses`;
    return {
      value: encodedValue,
      tooNarrow: [
        problem(
          "",
          summary,
          `fields: ${[...lostPaths].join(", ")}\nwhat to do: run the command again`,
        ),
      ],
    };
  }

  get #stamp(): PlanStamp {
    return stampOf(this.served.name);
  }

  #schemaWarning(): Diagnostic[] {
    const { warning } = this.served;
    return warning === undefined ? [] : [problem("", warning, undefined, 2)];
  }

  #resource(request: Request): Resource | undefined {
    const type = String(request["type_name"]);
    const kind = findKind(type);
    const schema = schemaOf(type);
    return kind === undefined || schema === undefined
      ? undefined
      : new Resource(kind, schema, this.#environment);
  }
}

/** Adds the defaults of attributes that are not set. */
function withDefaults(
  attributes: Readonly<Record<string, { readonly default?: unknown }>>,
  config: DynamicObject,
): DynamicObject {
  const result = { ...config };
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.default !== undefined && (result[name] ?? null) === null)
      result[name] = attribute.default as DynamicObject[string];
  }
  return result;
}

function terraformVersionOf(request: Request): string {
  const terraformVersion = request["terraform_version"];
  return typeof terraformVersion === "string" ? terraformVersion : "";
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Returns a field of a request as an encoded value. */
function toDynamicValue(value: unknown): DynamicValue | undefined {
  return typeof value === "object" && value !== null ? value : undefined;
}

/**
 * The error for a request with a resource identity. The official provider has none at these
 * versions, and could not read a state with them.
 */
function noIdentity(request: Request): Diagnostic {
  const type = String(request["type_name"]);
  return problem(
    "",
    `NO_IDENTITY: ${type} has no resource identity`,
    'import it by its id: import { to = …, id = "…" }',
  );
}

function noMove(request: Request): Diagnostic {
  const [from, to] = [String(request["source_type_name"]), String(request["target_type_name"])];
  return problem(
    "",
    `NO_MOVE: ${from} cannot become ${to}`,
    "remove the object from the state, and import it as the new type",
  );
}

function unknownType(request: Request): Diagnostic {
  const type = String(request["type_name"]);
  return problem("", `${type} is not supported by the embedded provider`, unsupportedTypeFix(type));
}
