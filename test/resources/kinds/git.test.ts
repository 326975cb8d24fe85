import type { Kind } from "../../../src/resources/kind";
import { gitCredential } from "../../../src/resources/kinds/git-credential";
import { gitProviderOf, repo } from "../../../src/resources/kinds/repo";
import { job } from "../../../src/resources/kinds/job";
import { openPlace, type Place } from "../against-workspace";

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
    expect(repo.validate?.({ url: "https://github.com/a/b", path: "/Repos/x" })).toHaveLength(1);
    expect(repo.validate?.({ url: "https://github.com/a/b", path: "/Repos/x/y" })).toEqual([]);
  });
});

describe("git credential and repo in a workspace", () => {
  let place: Place;
  beforeAll(async () => {
    place = await openPlace();
  });
  afterAll(() => place.close());

  test.each([
    ["git credential", "/api/2.0/git-credentials"],
    ["repo", "/api/2.0/repos"],
  ])(
    "reads a missing %s as undefined, or reports that the API is not served",
    async (title, path) => {
      const kind = title === "repo" ? repo : gitCredential;
      const response = await place.api.exchange({ method: "GET", path }).then(
        () => 200,
        (error: unknown) => (error as { status?: number }).status,
      );
      const read = kind.read(place.reader, "4711", { known: {} });
      if (response === 200) expect(await read).toBeUndefined();
      else await expect(read).rejects.toMatchObject({ status: 501 });
    },
  );
});

test.each<[string, Kind, string]>([
  ["a repo", repo, "git_provider"],
  ["a credential", gitCredential, "git_provider"],
  ["a job", job, "git_source.provider"],
])(
  "the Git provider of %s is the same in any case, in a plan and in verify",
  (_title, kind, field) => {
    const suppressContext = {
      directory: "",
      prior: {},
      config: { git_source: [{ url: "https://github.com/a/b" }] },
    };
    for (const [other, same] of [
      ["github", true],
      ["GITHUB", true],
      ["gitLab", false],
    ] as const) {
      // prettier-ignore
      expect(kind.suppress?.[field]?.("gitHub", other, suppressContext)).toBe(same);
      expect(kind.rules.equivalent?.[field]?.("gitHub", other)).toBe(same);
    }
  },
);
