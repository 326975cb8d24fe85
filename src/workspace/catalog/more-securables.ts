/** Storage credentials, external locations, connections and registered models of Unity Catalog. */
import { invalid, WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import type { Fields } from "../fields";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { kept, unityCatalog, type Securable, type SecurableType } from "./securables";

const V = ["2.1"];
const UC = "/unity-catalog";

interface Family {
  readonly type: SecurableType;
  readonly collection: string;
  readonly items: string;
  /** The fields that a request may contain. */
  readonly fields: readonly string[];
  readonly required: readonly string[];
  /** The privilege on the metastore that a create requires. */
  readonly privilege: string;
  /** Fields that responses omit, by the name of the object that contains them. */
  readonly secret?: Readonly<Record<string, readonly string[]>>;
  readonly shown: (found: Securable) => JsonObject;
  readonly check?: (settings: JsonObject) => void;
  /** The reason why an object cannot be deleted without `force`: it is still in use. */
  readonly inUse?: (found: Securable) => string | undefined;
}

export function moreSecurableRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const usersOf = (type: SecurableType, field: string, name: string): number =>
    uc.of(type).values().filter(({ settings }) => settings[field] === name).length; // prettier-ignore
  const families: readonly Family[] = [
    {
      type: "storage_credential",
      collection: "storage-credentials",
      items: "storage_credentials",
      privilege: "CREATE_STORAGE_CREDENTIAL",
      fields: ["aws_iam_role", "azure_managed_identity", "azure_service_principal", "cloudflare_api_token", "gcp_service_account_key"].concat(
        ["databricks_gcp_service_account", "comment", "read_only", "isolation_mode"]), // prettier-ignore
      required: [],
      secret: {
        azure_service_principal: ["client_secret"],
        cloudflare_api_token: ["secret_access_key"],
        gcp_service_account_key: ["private_key"],
      },
      shown: (found) => ({
        ...withExternalId(found),
        id: found.id,
        used_for_managed_storage: false,
        securable_type: "STORAGE_CREDENTIAL",
      }),
      inUse: ({ full_name }) => {
        const count = usersOf("external_location", "credential_name", full_name);
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
      fields: ["purpose", "aws_iam_role", "azure_managed_identity", "azure_service_principal", "databricks_gcp_service_account"].concat(
        ["comment", "read_only", "isolation_mode"]), // prettier-ignore
      required: ["purpose"],
      secret: { azure_service_principal: ["client_secret"] },
      shown: (found) => ({
        ...withExternalId(found),
        id: found.id,
        used_for_managed_storage: false,
        securable_type: "CREDENTIAL",
      }),
    },
    {
      type: "external_location",
      collection: "external-locations",
      items: "external_locations",
      privilege: "CREATE_EXTERNAL_LOCATION",
      fields: ["url", "credential_name", "comment", "read_only", "fallback", "encryption_details", "enable_file_events", "file_event_queue"].concat(
        ["isolation_mode"]), // prettier-ignore
      required: ["url", "credential_name"],
      check: ({ credential_name }) => void uc.need("storage_credential", text(credential_name)),
      shown: (found) => ({
        credential_id:
          uc.find("storage_credential", text(found.settings.credential_name))?.id ?? "",
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
      secret: {
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
      shown: (found) => ({
        connection_id: found.id,
        credential_type: "USERNAME_PASSWORD",
        securable_type: "CONNECTION",
        read_only: found.settings.read_only ?? true,
        url: `jdbc://${text((found.settings.options as JsonObject | undefined)?.host) || "localhost"}`,
      }),
    },
  ];
  for (const family of families) securableRoutes(app, family);
  modelRoutes(app);
}

const text = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

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

function settingsOf(input: Fields, names: readonly string[]): JsonObject {
  input.optionalString("comment");
  input.optionalEnum("isolation_mode", ["ISOLATION_MODE_OPEN", "ISOLATION_MODE_ISOLATED"]);
  for (const flag of ["read_only", "fallback", "enable_file_events"]) input.optionalBoolean(flag);
  return kept(input.values, names);
}

function securableRoutes(app: WorkspaceApp, family: Family): void {
  const uc = unityCatalog(app);
  const { type } = family;
  const path = `${UC}/${family.collection}`;
  const visible = (settings: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(settings).map(([field, value]) => {
        const hidden = family.secret?.[field];
        if (
          hidden === undefined ||
          typeof value !== "object" ||
          value === null ||
          Array.isArray(value)
        )
          return [field, value];
        return [
          field,
          Object.fromEntries(Object.entries(value).filter(([name]) => !hidden.includes(name))),
        ];
      }),
    );
  const isolation =
    type === "connection" ? {} : { isolation_mode: "ISOLATION_MODE_OPEN", read_only: false };
  const shown = (found: Securable): JsonObject => ({
    ...isolation,
    ...uc.common({ ...found, settings: visible(found.settings) }),
    ...family.shown(found),
  });
  app.post(V, path, async ({ input, caller }) => {
    const name = uc.part("name", input.string("name"));
    for (const field of family.required) input.string(field);
    const settings = settingsOf(input, family.fields);
    const created = await app.store.write(() => {
      uc.require(caller, "metastore", uc.metastoreId, family.privilege);
      family.check?.(settings);
      return uc.add(type, name, caller, settings);
    });
    return shown(created);
  });
  app.get(V, path, ({ input, caller }) => {
    const all = uc.of(type).values().filter((each) => uc.visible(caller, type, each)); // prettier-ignore
    const { items, next_page_token } = page(input, all, { byDefault: 1000, most: 1000 });
    return { [family.items]: items.map(shown), next_page_token };
  });
  app.get(V, `${path}/:name`, ({ params, caller }) => {
    const found = uc.need(type, params.name ?? "");
    if (!uc.visible(caller, type, found)) uc.require(caller, type, found.full_name, "BROWSE");
    return shown(found);
  });
  app.patch(V, `${path}/:name`, async ({ params, input, caller }) => {
    const settings = settingsOf(input, family.fields);
    const owner = input.optionalString("owner");
    const next = await app.store.write(() => {
      const before = uc.need(type, params.name ?? "");
      family.check?.({ ...before.settings, ...settings });
      return uc.rename(
        type,
        uc.update(type, before, caller, settings, owner),
        input.optionalString("new_name"),
      );
    });
    return shown(next);
  });
  app.delete(V, `${path}/:name`, async ({ params, input, caller }) => {
    const force = input.boolean("force", false);
    await app.store.write(() => {
      const found = uc.need(type, params.name ?? "");
      uc.requireOwner(caller, type, found);
      const used = force ? undefined : family.inUse?.(found);
      if (used !== undefined) throw new WorkspaceError("INVALID_STATE", used);
      uc.remove(type, found.full_name);
      app.store.collection<object[]>("uc_bindings").remove([type, found.full_name]);
    });
    return undefined;
  });
}

/** `/api/2.1/unity-catalog/models`. Grants and ownership treat a model as a function. */
function modelRoutes(app: WorkspaceApp): void {
  const uc = unityCatalog(app);
  const shown = (found: Securable): JsonObject => {
    const [catalog_name = "", schema_name = ""] = found.full_name.split(".");
    return {
      storage_location: `s3://local-metastore/${uc.metastoreId}/models/${found.id}`,
      ...uc.common(found),
      catalog_name,
      schema_name,
      securable_type: "FUNCTION",
      securable_kind: "FUNCTION_REGISTERED_MODEL",
      id: found.id,
      browse_only: false,
    };
  };
  const fields = ["comment", "storage_location"];
  app.post(V, `${UC}/models`, async ({ input, caller }) => {
    const schema = `${uc.part("catalog_name", input.string("catalog_name"))}.${uc.part("schema_name", input.string("schema_name"))}`;
    const name = uc.part("name", input.string("name"));
    input.optionalString("comment");
    const settings = kept(input.values, fields);
    const created = await app.store.write(() => {
      uc.need("schema", schema);
      uc.require(caller, "schema", schema, "CREATE_MODEL");
      return uc.add("function", `${schema}.${name}`, caller, settings);
    });
    return shown(created);
  });
  app.get(V, `${UC}/models`, ({ input, caller }) => {
    const [catalog, schema] = [
      input.optionalString("catalog_name") ?? "",
      input.optionalString("schema_name") ?? "",
    ];
    if ((catalog === "") !== (schema === ""))
      throw invalid("catalog_name and schema_name must be given together.");
    const found =
      catalog === ""
        ? uc.of("function").values()
        : uc.within("function", uc.need("schema", `${catalog}.${schema}`).full_name);
    const visible = found.filter((each) => uc.visible(caller, "function", each));
    const { items, next_page_token } = page(input, visible, { byDefault: 100, most: 1000 });
    return { registered_models: items.map(shown), next_page_token };
  });
  app.get(V, `${UC}/models/:name`, ({ params, caller }) => {
    const found = uc.need("function", params.name ?? "");
    if (!uc.visible(caller, "function", found))
      uc.require(caller, "function", found.full_name, "EXECUTE");
    return shown(found);
  });
  app.patch(V, `${UC}/models/:name`, async ({ params, input, caller }) => {
    input.optionalString("comment");
    const settings = kept(input.values, ["comment"]);
    const next = await app.store.write(() => {
      const found = uc.update(
        "function",
        uc.need("function", params.name ?? ""),
        caller,
        settings,
        input.optionalString("owner"),
      );
      return uc.rename("function", found, input.optionalString("new_name"));
    });
    return shown(next);
  });
  app.delete(V, `${UC}/models/:name`, async ({ params, caller }) => {
    await app.store.write(() => {
      const found = uc.need("function", params.name ?? "");
      uc.requireOwner(caller, "function", found);
      uc.remove("function", found.full_name);
    });
    return undefined;
  });
}
