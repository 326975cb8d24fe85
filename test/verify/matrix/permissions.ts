/** Access lists on one object of every type. */
import type { Lab } from "../harness";
import type { Case, Config, MatrixKind } from "./kind";
import { base64, textIn } from "./kind";

interface Target {
  readonly request: string;
  readonly levels: readonly [string, string];
  create(lab: Lab, name: string): Promise<string>;
}

async function objectIdOf(lab: Lab, path: string): Promise<string> {
  const status = (await lab.client.get("/api/2.0/workspace/get-status", { query: { path } })) as {
    object_id: number;
  };
  return String(status.object_id);
}

async function createObject(lab: Lab, path: string, body: Config, id: string): Promise<string> {
  return String(((await lab.client.post(path, body)) as Record<string, unknown>)[id]);
}

const workspaceLevels = ["CAN_READ", "CAN_EDIT"] as const;

/** The objects by Terraform's argument. */
const targets: Readonly<Record<string, Target>> = {
  job_id: {
    request: "jobs",
    levels: ["CAN_VIEW", "CAN_MANAGE_RUN"],
    create: (lab, name) => createObject(lab, "/api/2.2/jobs/create", { name }, "job_id"),
  },
  cluster_id: {
    request: "clusters",
    levels: ["CAN_ATTACH_TO", "CAN_RESTART"],
    create: (lab, cluster_name) =>
      createObject(
        lab,
        "/api/2.1/clusters/create",
        {
          cluster_name,
          spark_version: "15.4.x-scala2.12",
          node_type_id: "i3.xlarge",
          num_workers: 1,
        },
        "cluster_id",
      ),
  },
  cluster_policy_id: {
    request: "cluster-policies",
    levels: ["CAN_USE", "CAN_USE"],
    create: (lab, name) =>
      createObject(
        lab,
        "/api/2.0/policies/clusters/create",
        { name, definition: "{}" },
        "policy_id",
      ),
  },
  instance_pool_id: {
    request: "instance-pools",
    levels: ["CAN_ATTACH_TO", "CAN_MANAGE"],
    create: (lab, instance_pool_name) =>
      createObject(
        lab,
        "/api/2.0/instance-pools/create",
        { instance_pool_name, node_type_id: "i3.xlarge" },
        "instance_pool_id",
      ),
  },
  sql_endpoint_id: {
    request: "sql/warehouses",
    levels: ["CAN_USE", "CAN_MONITOR"],
    create: (lab, name) => createObject(lab, "/api/2.0/sql/warehouses", { name }, "id"),
  },
  notebook_id: {
    request: "notebooks",
    levels: workspaceLevels,
    create: async (lab, name) => {
      await lab.client.post("/api/2.0/workspace/import", {
        path: `/Shared/${name}`,
        format: "SOURCE",
        language: "PYTHON",
        content: base64("1"),
      });
      return objectIdOf(lab, `/Shared/${name}`);
    },
  },
  directory_id: {
    request: "directories",
    levels: workspaceLevels,
    create: async (lab, name) => {
      await lab.client.post("/api/2.0/workspace/mkdirs", { path: `/Shared/${name}` });
      return objectIdOf(lab, `/Shared/${name}`);
    },
  },
  workspace_file_id: {
    request: "files",
    levels: workspaceLevels,
    create: async (lab, name) => {
      await lab.client.post("/api/2.0/workspace/import", {
        path: `/Shared/${name}.txt`,
        format: "RAW",
        content: base64("1"),
      });
      return objectIdOf(lab, `/Shared/${name}.txt`);
    },
  },
  repo_id: {
    request: "repos",
    levels: workspaceLevels,
    create: (lab, name) =>
      createObject(
        lab,
        "/api/2.0/repos",
        { url: `https://github.com/a/${name}`, provider: "gitHub" },
        "id",
      ),
  },
};

const fieldOf = (config: Config): string =>
  Object.keys(targets).find((field) => config[field] !== undefined) ?? "";
const urlOf = (config: Config): string =>
  `/api/2.0/permissions/${targets[fieldOf(config)]?.request ?? ""}/${textIn(config, fieldOf(config))}`;

/** Writes an access list, with the creator's entry that the platform or the provider adds. */
async function writeList(lab: Lab, config: Config): Promise<void> {
  const field = fieldOf(config);
  const self = {
    user_name: "admin@lakeform.local",
    permission_level: ["job_id", "sql_endpoint_id"].includes(field) ? "IS_OWNER" : "CAN_MANAGE",
  };
  const selfEntries = field === "cluster_policy_id" ? [] : [self];
  await lab.client.put(urlOf(config), {
    access_control_list: [...(config.access_control as Config[]), ...selfEntries],
  });
}

const users = ["second@example.com", "third@example.com"] as const;
const groups = ["users", "analysts"] as const;
const principals = [
  "00000000-0000-4000-8000-000000000001",
  "00000000-0000-4000-8000-000000000002",
] as const;

export const permissions: MatrixKind = {
  type: "databricks_permissions",
  values: {},
  outside: [
    [
      /^(job_id|cluster_id|cluster_policy_id|instance_pool_id|sql_endpoint_id|notebook_id|directory_id|workspace_file_id|repo_id)$/,
      "names the object (its identity): each change is made on one of each type",
    ],
    [/^(notebook|directory|workspace_file|repo)_path$/, "another way to name the object"],
    [
      /^authorization$/,
      "names a singleton of the workspace (its identity); compared by the same code",
    ],
    [/^object_type$/, "set by the platform"],
    [
      /_(id|name)$/,
      "names the object (its identity); the lists of all objects are read and compared by the same code",
    ],
  ],
  complete: () => undefined,
  cases: () =>
    Object.entries(targets).flatMap(([field, { levels }]): Case[] => {
      const [low, high] = levels;
      const config = (...access_control: Config[]): Config => ({
        [field]: "{made}",
        access_control,
      });
      const entry = (principal: Config, permission_level: string): Config => ({
        ...principal,
        permission_level,
      });
      const caseOf = (
        leaf: string,
        variant: Case["variant"],
        before: Config,
        after: Config,
      ): Case => ({
        field: `access_control.${leaf}`,
        variant,
        name: `${field}-${leaf}-${variant}`.replaceAll("_", "-"),
        before,
        after,
      });
      const principalCases = (leaf: string, [a, b]: readonly [string, string]): Case[] => {
        const [x, y] = [entry({ [leaf]: a }, low), entry({ [leaf]: b }, low)];
        return [
          caseOf(leaf, "changed", config(x), config(y)),
          caseOf(leaf, "added", config(x), config(x, y)),
          caseOf(leaf, "removed", config(x, y), config(x)),
          caseOf(leaf, "reordered", config(x, y), config(y, x)),
        ];
      };
      const levelCases =
        low === high
          ? []
          : [
              caseOf(
                "permission_level",
                "changed",
                config(entry({ user_name: users[0] }, low)),
                config(entry({ user_name: users[0] }, high)),
              ),
            ];
      return [
        ...principalCases("user_name", users),
        ...principalCases("group_name", groups),
        ...principalCases("service_principal_name", principals),
        ...levelCases,
      ];
    }),
  async prepare(lab, testCase) {
    const field = fieldOf(testCase.before);
    const id = (await targets[field]?.create(lab, `acl-${testCase.name}`)) ?? "";
    testCase.before[field] = id;
    testCase.after[field] = id;
  },
  write: (lab, _id, config) => writeList(lab, config),
  readRemote: (lab, _id, config) => lab.client.get(urlOf(config)),
};
