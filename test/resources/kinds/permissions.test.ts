import { permissions } from "../../../src/resources/kinds/permissions";
import { make, openPlace, type Place } from "../against-workspace";

let place: Place;
let jobId: string;
let callerName: string;
beforeAll(async () => {
  place = await openPlace();
  for (const displayName of ["data-team", "analysts"])
    await place.api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  const createdJob = (await place.api.post("/api/2.2/jobs/create", { name: "j" })) as {
    job_id: number;
  };
  jobId = String(createdJob.job_id);
  callerName = ((await place.api.get("/api/2.0/preview/scim/v2/Me")) as { userName: string })
    .userName;
});
afterAll(() => place.close());

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
    const found = await make(place, permissions, desired);
    expect(found).toEqual({ id: `/jobs/${jobId}`, attributes: { ...desired, object_type: "job" } });
    const raw = (await place.api.get(`/api/2.0/permissions/jobs/${jobId}`)) as Acl;
    const owner = raw.access_control_list.find((item) => item.user_name === callerName);
    expect(owner?.all_permissions.map((item) => item.permission_level)).toContain("IS_OWNER");
  });

  test("are rejected if the response has a different object type, as in the official provider", async () => {
    const id = `/jobs/${jobId}`;
    const body = { object_id: id, object_type: "jobs", access_control_list: [] };
    place.workspace.faults.add({
      method: "GET",
      path: `/api/2.0/permissions${id}`,
      status: 200,
      body,
    });
    await expect(permissions.read(place.reader, id, { known: {} })).rejects.toMatchObject({
      code: "WRONG_OBJECT_TYPE",
      details: { path: id, value: "jobs", allowed: "job" },
    });
    place.workspace.faults.clear();
  });

  test("changed outside Terraform are detected and restored", async () => {
    const desired = { job_id: jobId, access_control: [entry("data-team", "CAN_MANAGE_RUN")] };
    const id = `/jobs/${jobId}`;
    await place.api.patch(`/api/2.0/permissions${id}`, {
      access_control_list: [entry("analysts", "CAN_VIEW")],
    });
    expect(
      (await permissions.read(place.reader, id, { known: desired }))?.attributes.access_control,
    ).toHaveLength(2);
    await permissions.restore?.(place.api, id, desired, place.context);
    expect(
      (await permissions.read(place.reader, id, { known: desired }))?.attributes.access_control,
    ).toEqual(desired.access_control);
    await permissions.delete(place.api, id, desired, place.context);
    expect(await permissions.read(place.reader, id, { known: desired })).toBeUndefined();
  });

  test("of a notebook are found by its path", async () => {
    const content = Buffer.from("print(1)").toString("base64");
    await place.api.post("/api/2.0/workspace/import", {
      path: "/Shared/n",
      language: "PYTHON",
      format: "SOURCE",
      content,
    });
    const desired = { notebook_path: "/Shared/n", access_control: [entry("data-team", "CAN_RUN")] };
    const found = await make(place, permissions, desired);
    expect(found.id).toMatch(/^\/notebooks\/\d+$/);
    expect(found.attributes).toMatchObject({ notebook_path: "/Shared/n" });
  });

  test("omit in a deep read the rights that a deploy adds for its caller: the last deployer, else the creator", async () => {
    const [id, known] = [
      `/jobs/${jobId}`,
      { job_id: jobId, access_control: [entry("data-team", "CAN_MANAGE_RUN")] },
    ];
    const other = { user_name: "owner@example.com", permission_level: "IS_OWNER" };
    await place.api.post("/api/2.0/preview/scim/v2/Users", { userName: other.user_name });
    await place.api.put(`/api/2.0/permissions${id}`, {
      access_control_list: [entry("data-team", "CAN_MANAGE_RUN"), other],
    });
    const entriesReadWith = async (options: object): Promise<unknown> =>
      (await permissions.read(place.reader, id, { known, ...options }))?.attributes.access_control;
    expect(await entriesReadWith({})).toContainEqual(other);
    expect(await entriesReadWith({ deployer: "somebody@example.com" })).toContainEqual(other);
    expect(await entriesReadWith({ deployer: other.user_name })).toEqual(known.access_control);
    expect(await entriesReadWith({ deployer: other.user_name, deep: false })).toContainEqual(other);
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
      place.api,
      { job_id: jobId, access_control: [entry("admins", "CAN_VIEW")] },
      place.context,
    );
    await expect(create).rejects.toMatchObject({ code: "ADMINS_FIXED" });
  });
});
