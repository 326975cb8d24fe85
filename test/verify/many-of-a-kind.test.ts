/**
 * Up to ten objects of a kind are read one by one without --deep; of more, the fields and
 * containers that need one call per object are listed as not checked.
 */
import { maxReadIndividually } from "../../src/verify/remote/whole-lists";
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

const few = maxReadIndividually;
const many = few + 1;

const named = (
  count: number,
  config: (index: number) => Record<string, unknown>,
): Resources[string] =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, config(index)]));
const idOf = ({ state }: Deployed, index: number): string =>
  (state.resources[index]?.instances[0]?.attributes as { id: string }).id;
const destination =
  (prefix: string) =>
  (index: number): Record<string, unknown> => ({
    display_name: `${prefix}-${index}`,
    config: [{ email: [{ addresses: [`${index}@example.com`] }] }],
  });
const dashboard = (index: number): Record<string, unknown> => ({
  display_name: `d${index}`,
  warehouse_id: "w",
  serialized_dashboard: JSON.stringify({ pages: [{ name: `p${index}` }] }),
  parent_path: "/Shared",
});
const deep = { deep: true } as const;
const reason = "not checked: needs one API call per object (use --deep)";

test.each([few, many])(
  "a change of a field that the list of %i destinations omits is found, for more than ten only with --deep",
  async (count) => {
    const type = "databricks_notification_destination";
    const deployed = await deployDirect(lab, { [type]: named(count, destination(`of-${count}`)) });
    const id = idOf(deployed, 0);
    const config = { email: { addresses: ["other@example.com"] } };
    await lab.client.patch(`/api/2.0/notification-destinations/${id}`, {
      display_name: `of-${count}-0`,
      config,
    });
    const findings = [
      `drift ${type}.r0 config.email.addresses[0@example.com]`,
      `drift ${type}.r0 config.email.addresses[other@example.com]`,
    ];
    const report = await check(lab, deployed);
    if (count === few) expect(summary(report)).toEqual(findings);
    else {
      expect(report.calls).toBeLessThan(few);
      expect(report.counts).toMatchObject({ match: 0, unverifiable: many });
      expect(report.resources[0]?.findings).toMatchObject([{ path: "config", reason }]);
    }
    expect(summary(await check(lab, deployed, deep))).toEqual(findings);
  },
);

test("a field that the list of destinations returns is always compared", async () => {
  const type = "databricks_notification_destination";
  const deployed = await deployDirect(lab, { [type]: named(many, destination("listed")) });
  const config = { email: { addresses: ["0@example.com"] } };
  await lab.client.patch(`/api/2.0/notification-destinations/${idOf(deployed, 0)}`, {
    display_name: "new",
    config,
  });
  await lab.client.delete(`/api/2.0/notification-destinations/${idOf(deployed, 1)}`);
  const lines = summary(await check(lab, deployed)).filter((line) => !line.startsWith("unverif"));
  expect(lines).toEqual([`drift ${type}.r0 display_name`, `missing ${type}.r1`]);
});

test.each([few, many])(
  "a changed publication of one of %i dashboards is found, for more than ten only with --deep",
  async (count) => {
    const type = "databricks_dashboard";
    const deployed = await deployDirect(lab, { [type]: named(count, dashboard) });
    const id = idOf(deployed, 0);
    await lab.client.post(`/api/2.0/lakeview/dashboards/${id}/published`, {
      embed_credentials: false,
      warehouse_id: "w",
    });
    const report = await check(lab, deployed);
    const findings = [`drift ${type}.r0 embed_credentials`];
    if (count === few) expect(summary(report)).toEqual(findings);
    else
      expect(report.resources[0]?.findings).toMatchObject([{ path: "embed_credentials", reason }]);
    expect(summary(await check(lab, deployed, deep))).toEqual(findings);
  },
);

test.each([few, many])(
  "an added secret in one of %i scopes in which the stack has no object is found, for more than ten only with --deep",
  async (count) => {
    const type = "databricks_secret_scope";
    const scopes = named(count, (index) => ({ name: `of-${count}-${index}` }));
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
  },
);
