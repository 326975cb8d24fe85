import {
  AccessToken,
  Aspects,
  Catalog,
  DevelopmentMode,
  DocumentedDefaults,
  GitCredential,
  Group,
  IgnoreDrift,
  NamingPolicy,
  Permissions,
  Repo,
  Schema,
  SecretScope,
  SecretValue,
  ServicePrincipal,
  SqlWarehouse,
  Suppress,
  TagEverything,
  Volume,
  WorkspaceStack,
  type Construct,
} from "../../constructs";
import { addAccess } from "./access";
import { addArtifacts } from "./artifacts";
import { addCompute } from "./compute";
import { addJobs } from "./jobs";
import { addLake } from "./lake";
import { addSharing } from "./sharing";
import { addWorkspace } from "./workspace";

/**
 * Uses every construct of the library that the oldest supported bindings have. The docs refer to it
 * and tests deploy it.
 */
export class Gallery extends WorkspaceStack {
  constructor(scope: Construct, options: { readonly development?: boolean } = {}) {
    super(scope, "gallery", {
      project: "lakeform",
      environment: { name: "local", provider: "embedded", values: {} },
    });

    const secrets = new SecretScope(this, "secrets", {
      name: "gallery",
      initialManagePrincipal: "users",
    });
    secrets.addSecret("api-key", SecretValue.fromEnvironment("GALLERY_API_KEY"));
    secrets.grants.read(Group.named("analysts"));
    const token = new AccessToken(this, "token", { comment: "gallery", lifetimeDays: 30 });
    secrets.addSecret("token", token.value);

    const catalog = new Catalog(this, "catalog", {
      name: "gallery",
      comment: "shows every construct",
      forceDestroy: true,
    });
    catalog.grants.use(
      Group.named("analysts"),
      ServicePrincipal.withApplicationId("8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11"),
    );
    const schema = new Schema(this, "schema", {
      catalog,
      name: "landing",
      comment: "raw files",
      forceDestroy: true,
    });
    schema.grants.read(Group.named("analysts"));
    const volume = new Volume(this, "volume", { schema, name: "files", comment: "what arrives" });
    volume.grants.read(Group.named("analysts"));

    const warehouse = new SqlWarehouse(this, "warehouse", {
      name: "gallery",
      clusterSize: "2X-Small",
      autoStopMins: 10,
      minNumClusters: 1,
      maxNumClusters: 2,
      spotInstancePolicy: "COST_OPTIMIZED",
      warehouseType: "PRO",
      enableServerlessCompute: true,
      enablePhoton: true,
      channel: { custom: "2025.10" },
      customTags: { purpose: "gallery" },
      instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/gallery",
      noWait: false,
      timeouts: { create: "30m" },
    });
    warehouse.permissions.allow("CAN_USE", Group.users);

    const artifacts = addArtifacts(this, volume);
    const compute = addCompute(this, secrets, artifacts.script);
    compute.policy.permissions.allow("CAN_USE", Group.users);
    addJobs(this, compute, artifacts, warehouse);
    const access = addAccess(this);
    const search = addLake(this, schema, access);
    addWorkspace(this, warehouse, access);
    addSharing(this, { schema, warehouse, search, secrets }, access);

    new GitCredential(this, "git", {
      gitProvider: "gitHub",
      gitUsername: "gallery-bot",
      personalAccessToken: SecretValue.fromEnvironment("GALLERY_GIT_TOKEN"),
    });
    new Repo(this, "repo", {
      url: "https://github.com/acme/etl",
      gitProvider: "gitHub",
      path: "/Repos/gallery/etl",
      branch: "main",
    });
    Permissions.onTokens(this, "tokens").allow("CAN_USE", Group.users);

    Suppress.rule(compute.cluster, {
      rule: "no-public-init-scripts",
      reason: "the gallery shows each kind of init script",
      expires: "2030-12-31",
    });
    IgnoreDrift.of(compute.cluster, {
      field: "autoscale.max_workers",
      reason: "an example of a rule that expires",
      expires: "2030-12-31",
    });
    Aspects.of(this).add(new NamingPolicy({ pattern: /^gallery/ }));
    Aspects.of(this).add(new TagEverything({ gallery: "yes" }));
    // Only for raw resources: a WorkspaceStack writes the defaults of the constructs itself.
    Aspects.of(this).add(new DocumentedDefaults());
    if (options.development === true)
      Aspects.of(this).add(new DevelopmentMode({ user: "ada@example.com" }));
  }
}
