import type { Kind } from "../../../src/resources/kind";
import { gitCredential } from "../../../src/resources/kinds/git-credential";
import { gitProviderOf, repo } from "../../../src/resources/kinds/repo";
import { job } from "../../../src/resources/kinds/job";
import { openKindLab, type KindLab } from "../kind-lab";

describe("repo", () => {
  test.each([
    ["https://github.com/acme/etl.git", "gitHub"],
    ["https://gitlab.com/a/b", "gitLab"],
    ["https://acme.visualstudio.com/x/_git/y", "azureDevOpsServices"],
    ["https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/x", "awsCodeCommit"],
    ["https://git.acme.example/a/b", ""],
    ["not a url", ""],
  ])("from %s has the provider %p", (url, provider) => {
    expect(gitProviderOf(url)).toBe(provider);
  });

  test("rejects a path with fewer or more than two parts below /Repos", () => {
    const problemCount = (path: string): number | undefined =>
      repo.validate?.({ url: "https://github.com/a/b", path })?.length;
    expect(["/Repos/x", "/Repos/x/y", "/Repos/x/y/z"].map(problemCount)).toEqual([1, 0, 1]);
  });
});

describe("Git credentials and repos", () => {
  let lab: KindLab;
  beforeAll(async () => {
    lab = await openKindLab();
  });
  afterAll(() => lab.close());

  test.each([gitCredential, repo])(
    "are read as undefined if they are missing: $type",
    async (kind) => {
      expect(await kind.read(lab.reader, "4711", { known: {} })).toBeUndefined();
    },
  );
});

test.each<[string, Kind, string]>([
  ["a repo", repo, "git_provider"],
  ["a credential", gitCredential, "git_provider"],
  ["a job", job, "git_source.provider"],
])(
  "the Git provider of %s is compared case-insensitively, in a plan and in verify",
  (_title, kind, field) => {
    const suppressContext = {
      directory: "",
      prior: {},
      config: { git_source: [{ url: "https://github.com/a/b" }] },
    };
    for (const [otherProvider, isEqual] of [
      ["github", true],
      ["GITHUB", true],
      ["gitLab", false],
    ] as const) {
      expect(kind.suppress?.[field]?.("gitHub", otherProvider, suppressContext)).toBe(isEqual);
      expect(kind.rules.equivalent?.[field]?.("gitHub", otherProvider)).toBe(isEqual);
    }
  },
);
