import {
  Catalog,
  CatalogGrants,
  DatabricksApp,
  Group,
  GroupMember,
  NotebookTask,
  SecretScope,
  Serverless,
  ServicePrincipal,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth, type Json } from "../support";

describe("service principal", () => {
  test("is referenced by its application id in jobs and secret ACLs", () => {
    const { resourceOf } = synth((stack) => {
      const robot = new ServicePrincipal(stack, "robot", {
        displayName: "etl-robot",
        active: false,
      });
      expect([defaultChild(robot), robot.name]).toEqual([
        "databricks_service_principal",
        "etl-robot",
      ]);
      new Workflow(stack, "job", { name: "j", runAs: robot }).addTask("a", {
        run: NotebookTask.at("/a"),
        on: Serverless.compute,
      });
      new SecretScope(stack, "s", { name: "s" }).grants.read(robot);
    });
    const id = expect.stringMatching(
      /^\$\{databricks_service_principal\..*\.application_id\}$/,
    ) as unknown;
    expect(resourceOf("databricks_service_principal")).toEqual({
      display_name: "etl-robot",
      active: false,
    });
    expect(resourceOf("databricks_job").run_as).toEqual({ service_principal_name: id });
    expect(resourceOf("databricks_secret_acl")).toMatchObject({
      principal: id,
      permission: "READ",
    });
  });
  test("rejects a name as application id", () => {
    expect(codes((stack) => new ServicePrincipal(stack, "r", { applicationId: "etl" }))).toEqual([
      "BAD_PRINCIPAL",
    ]);
  });
  test("can be given by a reference, such as the service principal of an app", () => {
    const { json, resourceOf } = synth((stack) => {
      const app = new DatabricksApp(stack, "app", { name: "board" });
      const principal = ServicePrincipal.withApplicationId(app.servicePrincipalClientId);
      CatalogGrants.on(stack, "main", Catalog.fromName("main")).use(principal);
      new GroupMember(stack, "member", { group: Group.users, member: principal });
    });
    const reference = expect.stringMatching(
      /^\$\{databricks_app\..*\.service_principal_client_id\}$/,
    ) as unknown;
    expect(resourceOf("databricks_grant").principal).toEqual(reference);
    expect(
      Object.values(
        (json.data as Record<string, Record<string, Json>>)["databricks_service_principal"] ?? {},
      ),
    ).toMatchObject([{ application_id: reference }]);
  });
});
