/**
 * Storage and service credentials, external locations, connections and registered models of Unity
 * Catalog.
 */
import { invalid, WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { pickFields } from "../rest-objects";
import { unityCatalog, type Securable, type SecurableType } from "./securables";

const VERSIONS = ["2.1"];
const UC = "/unity-catalog";

/** The routes of a securable type that does not belong to a schema. */
interface Family {
  readonly type: SecurableType;
  /** The part of the path that names the type. */
  readonly collection: string;
  /** The field of the list response that contains the objects. */
  readonly items: string;
  /** The fields that a request may contain. */
  readonly fields: readonly string[];
  /** The fields that a create requires. */
  readonly required: readonly string[];
  /** The privilege on the metastore that a create requires. */
  readonly privilege: string;
  /** Fields that responses omit, by the name of the object that contains them. */
  readonly secretFields?: Readonly<Record<string, readonly string[]>>;
  /** Returns the fields of responses that are specific to the type. */
  readonly render: (securable: Securable) => JsonObject;
  /** @throws 404 if the settings refer to an object that does not exist */
  readonly check?: (settings: JsonObject) => void;
  /** Returns a message if an object is in use: it cannot be deleted without `force`. */
  readonly useOf?: (securable: Securable) => string | undefined;
}

export function moreSecurableRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const countUsers = (type: SecurableType, field: string, name: string): number =>
    uc.all(type).filter(({ settings }) => settings[field] === name).length;
  const families: readonly Family[] = [
    {
      type: "storage_credential",
      collection: "storage-credentials",
      items: "storage_credentials",
      privilege: "CREATE_STORAGE_CREDENTIAL",
      fields: [
        "aws_iam_role",
        "azure_managed_identity",
        "azure_service_principal",
        "cloudflare_api_token",
        "gcp_service_account_key",
        "databricks_gcp_service_account",
        "comment",
        "read_only",
        "isolation_mode",
      ],
      required: [],
      secretFields: {
        azure_service_principal: ["client_secret"],
        cloudflare_api_token: ["secret_access_key"],
        gcp_service_account_key: ["private_key"],
      },
      render: (securable) => ({
        ...withExternalId(securable),
        id: securable.id,
        used_for_managed_storage: false,
        securable_type: "STORAGE_CREDENTIAL",
      }),
      useOf: ({ full_name }) => {
        const count = countUsers("external_location", "credential_name", full_name);
        return count === 0
          ? undefined
          : `Storage credential '${full_name}' is used by ${count} external location(s).`;
      },
    },
    {
      type: "credential",
      collection: "credentials",
      items: "credentials",
      privilege: "CREATE_SERVICE_CREDENTIAL",
      fields: [
        "purpose",
        "aws_iam_role",
        "azure_managed_identity",
        "azure_service_principal",
        "databricks_gcp_service_account",
        "comment",
        "read_only",
        "isolation_mode",
      ],
      required: ["purpose"],
      secretFields: { azure_service_principal: ["client_secret"] },
      render: (securable) => ({
        ...withExternalId(securable),
        id: securable.id,
        used_for_managed_storage: false,
        securable_type: "CREDENTIAL",
      }),
    },
    {
      type: "external_location",
      collection: "external-locations",
      items: "external_locations",
      privilege: "CREATE_EXTERNAL_LOCATION",
      fields: [
        "url",
        "credential_name",
        "comment",
        "read_only",
        "fallback",
        "encryption_details",
        "enable_file_events",
        "file_event_queue",
        "isolation_mode",
      ],
      required: ["url", "credential_name"],
      check: ({ credential_name }) =>
        void uc.mustFind("storage_credential", stringOrEmpty(credential_name)),
      render: (securable) => ({
        credential_id:
          uc.find("storage_credential", stringOrEmpty(securable.settings.credential_name))?.id ??
          "",
        securable_type: "EXTERNAL_LOCATION",
        browse_only: false,
      }),
    },
    {
      type: "connection",
      collection: "connections",
      items: "connections",
      privilege: "CREATE_CONNECTION",
      fields: [
        "connection_type",
        "options",
        "comment",
        "properties",
        "read_only",
        "environment_settings",
      ],
      required: ["connection_type"],
      secretFields: {
        options: [
          "password",
          "personalAccessToken",
          "access_token",
          "client_secret",
          "pem_private_key",
          "user",
          "bearer_token",
        ],
      },
      render: (securable) => ({
        connection_id: securable.id,
        credential_type: "USERNAME_PASSWORD",
        securable_type: "CONNECTION",
        read_only: securable.settings.read_only ?? true,
        url: `jdbc://${stringOrEmpty((securable.settings.options as JsonObject | undefined)?.host) || "localhost"}`,
      }),
    },
  ];
  for (const family of families) securableRoutes(app, family);
  modelRoutes(app);
}

const stringOrEmpty = (value: JsonValue | undefined): string =>
  typeof value === "string" ? value : "";

/** Adds the fields of an IAM role that its trust policy refers to, as the platform does. */
function withExternalId({ id, settings }: Securable): JsonObject {
  const role = settings.aws_iam_role;
  if (typeof role !== "object" || role === null || Array.isArray(role)) return {};
  return {
    aws_iam_role: {
      ...role,
      external_id: id,
      unity_catalog_iam_arn: "arn:aws:iam::414351767826:role/unity-catalog-prod",
    },
  };
}

/** Returns the given fields of a request. Some are read first, because reading checks their type. */
function checkedSettings(input: Fields, names: readonly string[]): JsonObject {
  input.optionalString("comment");
  input.optionalEnum("isolation_mode", ["ISOLATION_MODE_OPEN", "ISOLATION_MODE_ISOLATED"]);
  for (const flag of ["read_only", "fallback", "enable_file_events"]) input.optionalBoolean(flag);
  return pickFields(input.values, names);
}

function securableRoutes(app: WorkspaceApp, family: Family): void {
  const uc = unityCatalog(app);
  const { type } = family;
  const path = `${UC}/${family.collection}`;
  const withoutSecrets = (settings: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(settings).map(([field, value]) => {
        const secretNames = family.secretFields?.[field];
        if (
          secretNames === undefined ||
          typeof value !== "object" ||
          value === null ||
          Array.isArray(value)
        )
          return [field, value];
        return [
          field,
          Object.fromEntries(Object.entries(value).filter(([name]) => !secretNames.includes(name))),
        ];
      }),
    );
  const isolationDefaults =
    type === "connection" ? {} : { isolation_mode: "ISOLATION_MODE_OPEN", read_only: false };
  const render = (securable: Securable): JsonObject => ({
    ...isolationDefaults,
    ...uc.commonFields({ ...securable, settings: withoutSecrets(securable.settings) }),
    ...family.render(securable),
  });
  app.post(VERSIONS, path, async ({ input, caller }) => {
    const name = uc.namePart("name", input.string("name"));
    for (const field of family.required) input.requireField(field);
    const settings = checkedSettings(input, family.fields);
    const newSecurable = await app.store.write(() => {
      uc.requirePrivilege(caller, "metastore", uc.metastoreId, family.privilege);
      family.check?.(settings);
      return uc.add(type, name, caller, settings);
    });
    return render(newSecurable);
  });
  app.get(VERSIONS, path, ({ input, caller }) => {
    const visibleSecurables = uc
      .all(type)
      .filter((securable) => uc.isVisible(caller, type, securable));
    const { items, next_page_token } = page(input, visibleSecurables, {
      defaultSize: 1000,
      maxSize: 1000,
    });
    return { [family.items]: items.map(render), next_page_token };
  });
  app.get(VERSIONS, `${path}/:name`, ({ params, caller }) => {
    const securable = uc.mustFind(type, params.name ?? "");
    if (!uc.isVisible(caller, type, securable))
      uc.requirePrivilege(caller, type, securable.full_name, "BROWSE");
    return render(securable);
  });
  app.patch(VERSIONS, `${path}/:name`, async ({ params, input, caller }) => {
    const settings = checkedSettings(input, family.fields);
    const owner = input.optionalString("owner");
    const updatedSecurable = await app.store.write(() => {
      const previous = uc.mustFind(type, params.name ?? "");
      family.check?.({ ...previous.settings, ...settings });
      return uc.rename(
        type,
        uc.update(type, previous, caller, settings, owner),
        input.optionalString("new_name"),
      );
    });
    return render(updatedSecurable);
  });
  app.delete(VERSIONS, `${path}/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const securable = uc.mustFind(type, params.name ?? "");
      uc.requireOwner(caller, type, securable);
      const use = force ? undefined : family.useOf?.(securable);
      if (use !== undefined) throw new WorkspaceError("INVALID_STATE", use);
      uc.remove(type, securable.full_name);
    });
    return undefined;
  });
}

/** Routes of `/api/2.1/unity-catalog/models`. Grants and ownership treat a model as a function. */
function modelRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const render = (securable: Securable): JsonObject => {
    const [catalog_name = "", schema_name = ""] = securable.full_name.split(".");
    return {
      storage_location: `s3://local-metastore/${uc.metastoreId}/models/${securable.id}`,
      ...uc.commonFields(securable),
      catalog_name,
      schema_name,
      securable_type: "FUNCTION",
      securable_kind: "FUNCTION_REGISTERED_MODEL",
      id: securable.id,
      browse_only: false,
    };
  };
  const fields = ["comment", "storage_location"];
  app.post(VERSIONS, `${UC}/models`, async ({ input, caller }) => {
    const schema = uc.parseSchema(input);
    const name = uc.namePart("name", input.string("name"));
    input.optionalString("comment");
    const settings = pickFields(input.values, fields);
    const newSecurable = await app.store.write(() => {
      uc.mustFind("schema", schema);
      uc.requirePrivilege(caller, "schema", schema, "CREATE_MODEL");
      return uc.add("function", `${schema}.${name}`, caller, settings);
    });
    return render(newSecurable);
  });
  app.get(VERSIONS, `${UC}/models`, ({ input, caller }) => {
    const [catalog, schema] = [
      input.optionalString("catalog_name") ?? "",
      input.optionalString("schema_name") ?? "",
    ];
    if ((catalog === "") !== (schema === ""))
      throw invalid("catalog_name and schema_name must be given together.");
    const matches =
      catalog === ""
        ? uc.all("function")
        : uc.childrenOf("function", uc.mustFind("schema", `${catalog}.${schema}`).full_name);
    const visibleModels = matches.filter((securable) =>
      uc.isVisible(caller, "function", securable),
    );
    const { items, next_page_token } = page(input, visibleModels, {
      defaultSize: 100,
      maxSize: 1000,
    });
    return { registered_models: items.map(render), next_page_token };
  });
  app.get(VERSIONS, `${UC}/models/:name`, ({ params, caller }) => {
    const securable = uc.mustFind("function", params.name ?? "");
    if (!uc.isVisible(caller, "function", securable))
      uc.requirePrivilege(caller, "function", securable.full_name, "EXECUTE");
    return render(securable);
  });
  app.patch(VERSIONS, `${UC}/models/:name`, async ({ params, input, caller }) => {
    input.optionalString("comment");
    const settings = pickFields(input.values, ["comment"]);
    const updatedSecurable = await app.store.write(() => {
      const securable = uc.update(
        "function",
        uc.mustFind("function", params.name ?? ""),
        caller,
        settings,
        input.optionalString("owner"),
      );
      return uc.rename("function", securable, input.optionalString("new_name"));
    });
    return render(updatedSecurable);
  });
  app.delete(VERSIONS, `${UC}/models/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const securable = uc.mustFind("function", params.name ?? "");
      uc.requireOwner(caller, "function", securable);
      uc.remove("function", securable.full_name);
    });
    return undefined;
  });
}
