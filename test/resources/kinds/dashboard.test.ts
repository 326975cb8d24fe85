/** The e-tag of a dashboard protects an update from a repetition and from overwriting changes. */
import { dashboard } from "../../../src/resources/kinds/dashboard";
import type { Attributes } from "../../../src/resources/kind";
import { openLab, type Lab } from "../../verify/harness";

const context = { directory: "/nowhere" };
const before = { display_name: "sales", parent_path: "/Shared", serialized_dashboard: "{}" };
const after = { ...before, display_name: "sales 2", serialized_dashboard: '{"pages":[]}' };

let lab: Lab;
beforeEach(async () => {
  lab = await openLab();
});
afterEach(() => lab.close());

const stateOf = async (id: string): Promise<Attributes> => ({
  ...before,
  ...(await dashboard.read(lab.client, id, { known: before }))?.attributes,
});

const patches = (id: string): readonly (number | undefined)[] =>
  lab.workspace
    .journal({ after: 0 })
    .filter(({ method, path }) => method === "PATCH" && path.endsWith(id))
    .map(({ status }) => status);

test.each([
  ["after it took effect is not sent again", "after", 1],
  ["before it took effect is sent again", "before", 2],
] as const)("an update whose response is lost %s", async (_, when, times) => {
  const { id } = await dashboard.create(lab.client, before, context);
  const prior = await stateOf(id);
  await lab.client.exchange({
    method: "POST",
    path: "/_lakeform/faults",
    body: {
      method: "PATCH",
      path: `/api/2.0/lakeview/dashboards/${id}`,
      drop: true,
      when,
      times: 1,
    },
  });
  await dashboard.update?.(lab.client, id, prior, { ...prior, ...after }, context);
  expect(patches(id)).toHaveLength(times);
  expect(await stateOf(id)).toMatchObject({ display_name: "sales 2" });
});

test("an update with the e-tag of an older version is rejected and changes nothing", async () => {
  const { id } = await dashboard.create(lab.client, before, context);
  const prior = await stateOf(id);
  await lab.client.patch(`/api/2.0/lakeview/dashboards/${id}`, { serialized_dashboard: "[]" });
  const updated = dashboard.update?.(lab.client, id, prior, { ...prior, ...after }, context);
  await expect(updated).rejects.toMatchObject({ status: 409 });
  expect(await stateOf(id)).toMatchObject({ display_name: "sales" });
});
