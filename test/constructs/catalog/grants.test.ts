import { Catalog, Group, Schema, User, Volume, WorkspaceStack } from "../../../constructs";
import { codes, problems, synth } from "../support";

const group = Group.named("analysts");
const catalog = (act: (catalog: Catalog) => void) => (stack: WorkspaceStack) => act(new Catalog(stack, "catalog", { name: "main" }));

describe("grants", () => {
  test("add up for a principal, sorted, in one resource", () => {
    const { only } = synth(catalog(({ grants }) => grants.use(group).give(group, "SELECT", "BROWSE").use(group)));
    expect(only("databricks_grant").privileges).toEqual(["BROWSE", "SELECT", "USE_CATALOG"]);
  });
  test("have words for what people mean", () => {
    const { all } = synth((stack) => {
      const schema = new Schema(stack, "schema", { catalog: Catalog.fromName("main"), name: "s" });
      schema.grants.use(User.named("a@b")).read(group).write(Group.named("engineers"));
      new Volume(stack, "volume", { schema, name: "v" }).grants.read(group).write(Group.named("engineers"));
      new Catalog(stack, "catalog", { name: "c" }).grants.read(group).write(Group.named("engineers"));
    });
    expect(all("databricks_grant")).toHaveLength(7);
  });
  test("MANAGE may stand beside ALL_PRIVILEGES, which leaves it out", () => {
    expect(codes(catalog(({ grants }) => grants.give(group, "ALL_PRIVILEGES", "MANAGE")))).toEqual([]);
  });
  test("rejects what ALL_PRIVILEGES brings already", () => {
    const [problem] = problems(catalog(({ grants }) => grants.give(group, "ALL_PRIVILEGES", "SELECT")));
    expect(problem).toMatchObject({ code: "REDUNDANT_PRIVILEGE", details: { path: "test-local/catalog", value: "SELECT" } });
  });
});
