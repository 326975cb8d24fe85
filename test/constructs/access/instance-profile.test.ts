import { Group, InstanceProfile, ServicePrincipal, User } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const instanceProfileArn = "arn:aws:iam::123456789012:instance-profile/etl";

describe("instance profile", () => {
  test("is assigned as a role to the principals that may use it", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const profile = new InstanceProfile(stack, "p", {
        instanceProfileArn,
        iamRoleArn: "arn:aws:iam::123456789012:role/etl",
      });
      profile.allow(
        new Group(stack, "g", { displayName: "g" }),
        new User(stack, "u", { userName: "ada@example.com" }),
      );
      expect(defaultChild(profile)).toBe("databricks_instance_profile");
      InstanceProfile.allow(
        stack,
        "other",
        instanceProfileArn,
        ServicePrincipal.withApplicationId("00000000-0000-4000-8000-000000000001"),
      );
    });
    expect(resourceOf("databricks_group_role").role).toMatch(/^\$\{databricks_instance_profile\./);
    expect(resourceOf("databricks_user_role").user_id).toMatch(/^\$\{databricks_user\./);
    expect(resourceOf("databricks_service_principal_role").role).toBe(instanceProfileArn);
    expect(resourcesOf("databricks_instance_profile")).toHaveLength(1);
  });
  test("rejects an invalid ARN and a duplicate principal", () => {
    expect(
      codes((stack) => new InstanceProfile(stack, "p", { instanceProfileArn: "etl" })),
    ).toEqual(["BAD_ARN"]);
    expect(
      codes(
        (stack) =>
          new InstanceProfile(stack, "p", { instanceProfileArn, iamRoleArn: instanceProfileArn }),
      ),
    ).toEqual(["BAD_ARN"]);
    expect(codes((stack) => InstanceProfile.allow(stack, "p", "etl"))).toEqual(["BAD_ARN"]);
    expect(
      codes((stack) =>
        new InstanceProfile(stack, "p", { instanceProfileArn }).allow(Group.users, Group.users),
      ),
    ).toEqual(["DUPLICATE_ROLE"]);
  });
});
