import type { LakeformError } from "../../../src/errors";
import { permissions } from "../../../src/resources/kinds/permissions";
import { createAndRead, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
let jobId: string;
let callerName: string;
beforeAll(async () => {
  lab = await openKindLab();
  for (const displayName of ["data-team", "analysts"])
    await lab.api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  const createdJob = (await lab.api.post("/api/2.2/jobs/create", { name: "j" })) as {
    job_id: number;
  };
  jobId = String(createdJob.job_id);
  callerName = ((await lab.api.get("/api/2.0/preview/scim/v2/Me")) as { userName: string })
    .userName;
});
afterAll(() => lab.close());

const entry = (group_name: string, permission_level: string) => ({ group_name, permission_level });

interface Acl {
  readonly access_control_list: readonly {
    readonly user_name?: string;
    readonly all_permissions: readonly { readonly permission_level: string }[];
  }[];
}

describe("permissions", () => {
  test("of a job keep the caller as owner, and reads omit that entry", async () => {
    const desired = { job_id: jobId, access_control: [entry("data-team", "CAN_MANAGE_RUN")] };
    const remote = await createAndRead(lab, permissions, desired);
    expect(remote).toEqual({
      id: `/jobs/${jobId}`,
      attributes: { ...desired, object_type: "job" },
    });
    const response = (await lab.api.get(`/api/2.0/permissions/jobs/${jobId}`)) as Acl;
    const owner = response.access_control_list.find((item) => item.user_name === callerName);
    expect(owner?.all_permissions.map((item) => item.permission_level)).toContain("IS_OWNER");
  });

  test("are rejected if the response has a different object type, as in the official provider", async () => {
    const id = `/jobs/${jobId}`;
    const body = { object_id: id, object_type: "jobs", access_control_list: [] };
    lab.workspace.faults.add({
      method: "GET",
      path: `/api/2.0/permissions${id}`,
      status: 200,
      body,
    });
    await expect(permissions.read(lab.reader, id, { known: {} })).rejects.toMatchObject({
      code: "WRONG_OBJECT_TYPE",
      details: { path: id, value: "jobs", allowed: "job" },
    });
    lab.workspace.faults.clear();
  });

  test("changed outside Terraform are detected and restored", async () => {
    const desired = { job_id: jobId, access_control: [entry("data-team", "CAN_MANAGE_RUN")] };
    const id = `/jobs/${jobId}`;
    await lab.api.patch(`/api/2.0/permissions${id}`, {
      access_control_list: [entry("analysts", "CAN_VIEW")],
    });
    expect(
      (await permissions.read(lab.reader, id, { known: desired }))?.attributes.access_control,
    ).toHaveLength(2);
    await permissions.restore?.(lab.api, id, desired, lab.context);
    expect(
      (await permissions.read(lab.reader, id, { known: desired }))?.attributes.access_control,
    ).toEqual(desired.access_control);
    await permissions.delete(lab.api, id, desired, lab.context);
    expect(await permissions.read(lab.reader, id, { known: desired })).toBeUndefined();
  });

  test("of a notebook are found by its path", async () => {
    const content = Buffer.from("print(1)").toString("base64");
    await lab.api.post("/api/2.0/workspace/import", {
      path: "/Shared/n",
      language: "PYTHON",
      format: "SOURCE",
      content,
    });
    const desired = { notebook_path: "/Shared/n", access_control: [entry("data-team", "CAN_RUN")] };
    const remote = await createAndRead(lab, permissions, desired);
    expect(remote.id).toMatch(/^\/notebooks\/\d+$/);
    expect(remote.attributes).toMatchObject({ notebook_path: "/Shared/n" });
  });

  test("omit, in a deep read, the owner entry of the last deployer", async () => {
    const [id, known] = [
      `/jobs/${jobId}`,
      { job_id: jobId, access_control: [entry("data-team", "CAN_MANAGE_RUN")] },
    ];
    const other = { user_name: "owner@example.com", permission_level: "IS_OWNER" };
    await lab.api.post("/api/2.0/preview/scim/v2/Users", { userName: other.user_name });
    await lab.api.put(`/api/2.0/permissions${id}`, {
      access_control_list: [entry("data-team", "CAN_MANAGE_RUN"), other],
    });
    const entriesReadWith = async (options: object): Promise<unknown> =>
      (await permissions.read(lab.reader, id, { known, ...options }))?.attributes.access_control;
    expect(await entriesReadWith({})).toContainEqual(other);
    expect(await entriesReadWith({ deployer: "somebody@example.com" })).toContainEqual(other);
    expect(await entriesReadWith({ deployer: other.user_name })).toEqual(known.access_control);
    expect(await entriesReadWith({ deployer: other.user_name, deep: false })).toContainEqual(other);
  });

  test("without an object are rejected with the arguments that can name one", async () => {
    const error: unknown = await permissions
      .create(lab.api, { access_control: [] }, lab.context)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "NO_OBJECT" });
    const allowed = ((error as LakeformError).details.allowed ?? "").split(", ");
    expect(allowed).toEqual([...new Set(allowed)]);
    expect(allowed).toEqual(expect.arrayContaining(["job_id", "notebook_path", "authorization"]));
  });

  test("are rejected with a level that the object does not have", () => {
    const problems = permissions.validate?.({
      job_id: "1",
      access_control: [entry("x", "CAN_USE")],
    });
    expect(problems?.[0]?.path).toBe("access_control.0.permission_level");
    expect(
      permissions.validate?.({ job_id: "1", access_control: [entry("x", "CAN_VIEW")] }),
    ).toEqual([]);
  });

  test("are rejected if they change the group admins", async () => {
    const create = permissions.create(
      lab.api,
      { job_id: jobId, access_control: [entry("admins", "CAN_VIEW")] },
      lab.context,
    );
    await expect(create).rejects.toMatchObject({ code: "ADMINS_FIXED" });
  });
});
