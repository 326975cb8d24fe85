import {
  Entitlements,
  Group,
  GroupMember,
  InstanceProfile,
  ServicePrincipal,
  User,
  type Construct,
  type IGroup,
  type IServicePrincipal,
} from "../../constructs";

export interface Access {
  readonly engineers: IGroup;
  readonly runner: IServicePrincipal;
}

/** Adds principals, with their entitlements, group memberships and an instance profile. */
export function addAccess(stack: Construct): Access {
  const ada = new User(stack, "ada", {
    userName: "gallery-ada@example.com",
    displayName: "Ada Lovelace",
    databricksSqlAccess: true,
    forceDeleteRepos: true,
    forceDeleteHomeDir: true,
  });
  const runner = new ServicePrincipal(stack, "runner", {
    displayName: "gallery-runner",
    workspaceAccess: true,
    active: true,
  });
  const engineers = new Group(stack, "engineers", {
    displayName: "gallery-engineers",
    allowClusterCreate: true,
  });
  const readers = new Group(stack, "readers", {
    displayName: "gallery-readers",
    workspaceConsume: true,
  });
  engineers.addMember(ada, runner);
  new GroupMember(stack, "engineers-read", { group: readers, member: engineers });
  new Entitlements(stack, "users-entitlements", {
    principal: Group.users,
    databricksSqlAccess: true,
    workspaceAccess: true,
  });

  new InstanceProfile(stack, "profile", {
    instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/gallery",
    iamRoleArn: "arn:aws:iam::123456789012:role/gallery",
    skipValidation: true,
  }).allow(engineers, ada, runner);
  return { engineers, runner };
}
