/**
 * Up to ten objects of a kind are read one by one without --deep; of more, the fields and
 * containers that need one call per object are listed as not checked.
 */
import { mostReadAlone } from "../../src/verify/remote/whole-lists";
import {
  check,
  deployDirect,
  openLab,
  summary,
  type Deployed,
  type Lab,
  type Resources,
} from "./harness";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

const few = mostReadAlone;
const many = few + 1;

const named = (count: number, config: (at: number) => Record<string, unknown>): Resources[string] =>
  Object.fromEntries(Array.from({ length: count }, (_one, at) => [`r${at}`, config(at)]));
const idOf = ({ state }: Deployed, at: number): string =>
  (state.resources[at]?.instances[0]?.attributes as { id: string }).id;
const destination =
  (prefix: string) =>
  (at: number): Record<string, unknown> => ({
    display_name: `${prefix}-${at}`,
    config: [{ email: [{ addresses: [`${at}@example.com`] }] }],
  });
const dashboard = (at: number): Record<string, unknown> => ({
  display_name: `d${at}`,
  warehouse_id: "w",
  serialized_dashboard: JSON.stringify({ pages: [{ name: `p${at}` }] }),
  parent_path: "/Shared",
});
const deep = { deep: true } as const;
const reason = "not checked: needs one API call per object (use --deep)";

test.each([few, many])(
  "a changed field that the list of destinations omits (%i)",
  async (count) => {
    const type = "databricks_notification_destination";
    const deployed = await deployDirect(lab, { [type]: named(count, destination(`of-${count}`)) });
    const id = idOf(deployed, 0);
    const config = { email: { addresses: ["other@example.com"] } };
    await lab.client.patch(`/api/2.0/notification-destinations/${id}`, {
      display_name: `of-${count}-0`,
      config,
    });
    const found = [`drift ${type}.r0 config.email.addresses[0@example.com]`, `drift ${type}.r0 config.email.addresses[other@example.com]`]; // prettier-ignore
    const report = await check(lab, deployed);
    if (count === few) expect(summary(report)).toEqual(found);
    else {
      expect(report.calls).toBeLessThan(few);
      expect(report.counts).toMatchObject({ match: 0, unverifiable: many });
      expect(report.resources[0]?.findings).toMatchObject([{ path: "config", reason }]);
    }
    expect(summary(await check(lab, deployed, deep))).toEqual(found);
  },
);

test("what the list of destinations returns is always compared", async () => {
  const type = "databricks_notification_destination";
  const deployed = await deployDirect(lab, { [type]: named(many, destination("listed")) });
  const config = { email: { addresses: ["0@example.com"] } };
  await lab.client.patch(`/api/2.0/notification-destinations/${idOf(deployed, 0)}`, { display_name: "new", config }); // prettier-ignore
  await lab.client.delete(`/api/2.0/notification-destinations/${idOf(deployed, 1)}`);
  const lines = summary(await check(lab, deployed)).filter((line) => !line.startsWith("unverif"));
  expect(lines).toEqual([`drift ${type}.r0 display_name`, `missing ${type}.r1`]);
});

test.each([few, many])("the published version of %i dashboards", async (count) => {
  const type = "databricks_dashboard";
  const deployed = await deployDirect(lab, { [type]: named(count, dashboard) });
  const id = idOf(deployed, 0);
  await lab.client.post(`/api/2.0/lakeview/dashboards/${id}/published`, {
    embed_credentials: false,
    warehouse_id: "w",
  });
  const report = await check(lab, deployed);
  const found = [`drift ${type}.r0 embed_credentials`];
  if (count === few) expect(summary(report)).toEqual(found);
  else expect(report.resources[0]?.findings).toMatchObject([{ path: "embed_credentials", reason }]);
  expect(summary(await check(lab, deployed, deep))).toEqual(found);
});

test.each([few, many])("%i secret scopes in which the stack has no object", async (count) => {
  const type = "databricks_secret_scope";
  const scopes = named(count, (at) => ({ name: `of-${count}-${at}` }));
  const secret = { scope: `of-${count}-full`, key: "ours", string_value: "1" };
  const deployed = await deployDirect(lab, {
    [type]: { ...scopes, full: { name: `of-${count}-full` } },
    databricks_secret: { ours: secret },
  });
  for (const scope of [`of-${count}-0`, `of-${count}-full`])
    await lab.client.post("/api/2.0/secrets/put", { scope, key: "theirs", string_value: "1" });
  const inEmpty = `unmanaged databricks_secret of-${count}-0/theirs`;
  const inFull = `unmanaged databricks_secret of-${count}-full/theirs`;
  const report = await check(lab, deployed);
  expect(summary(report)).toEqual(count === few ? [inEmpty, inFull] : [inFull]);
  const what = "other objects in each secret scope in which the stack has none";
  const skipped = report.notChecked.filter((entry) => entry.what === what);
  expect(skipped).toMatchObject(count === few ? [] : [{ reason, count: many }]);
  expect(summary(await check(lab, deployed, deep))).toEqual([inEmpty, inFull]);
});
