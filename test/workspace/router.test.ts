import { WorkspaceError } from "../../src/workspace/errors";
import { Router } from "../../src/workspace/router";
import type { Method } from "../../src/workspace/routes";
import { useWorkspace } from "../support/workspace";

const handler = (): object => ({});
const routerOf = (...routes: string[]): Router => {
  const router = new Router();
  for (const route of routes) {
    const [method = "", path = ""] = route.split(" ");
    router.add(method as Method, { path, handler, options: {} });
  }
  return router;
};
const find = (router: Router, method: string, url: string): unknown => {
  const match = router.find(method, url);
  return match && [match.route.path, match.params];
};

test("a literal segment takes precedence over a parameter, and a parameter over the rest of the path", () => {
  const router = routerOf("GET /a/b/c", "GET /a/:x/d", "GET /a/*", "GET /:y/b", "POST /a/b/c");
  expect(find(router, "GET", "/a/b/c")).toEqual(["/a/b/c", {}]);
  expect(find(router, "GET", "/a/b/d")).toEqual(["/a/:x/d", { x: "b" }]);
  expect(find(router, "GET", "/a/b")).toEqual(["/a/*", { "*": "b" }]);
  expect(find(router, "GET", "/a/b/c/e")).toEqual(["/a/*", { "*": "b/c/e" }]);
  expect(find(router, "GET", "/z/b")).toEqual(["/:y/b", { y: "z" }]);
  expect(find(router, "POST", "/a/b/c")).toEqual(["/a/b/c", {}]);
  for (const [method, url] of [
    ["POST", "/a/b/d"],
    ["PUT", "/a/b/c"],
    ["GET", "/a"],
    ["GET", "/"],
    ["GET", "/A/b/c"],
    ["GET", "/z/b/c"],
  ] as const)
    expect(find(router, method, url)).toBeUndefined();
});

test("parameters are decoded once, after the path is split", () => {
  const router = routerOf("GET /a/:x/:y", "GET /files/*", "GET /");
  expect(find(router, "GET", "/a/b%2Fc/%2541%20%C3%A4?z=/1#/2")).toEqual([
    "/a/:x/:y",
    { x: "b/c", y: "%41 ä" },
  ]);
  expect(find(router, "GET", "/%61/:x/*")).toEqual(["/a/:x/:y", { x: ":x", y: "*" }]);
  expect(find(router, "GET", "//files//Volumes/%41/")).toEqual(["/files/*", { "*": "Volumes/A" }]);
  expect(find(router, "GET", "http://host.example:80/files/b?c")).toEqual([
    "/files/*",
    { "*": "b" },
  ]);
  expect(find(router, "GET", "/?a=b")).toEqual(["/", {}]);
  expect(find(router, "GET", "/a%2Fb/c")).toBeUndefined();
});

test("rejects a second route with the same method and path, and very long parameters", () => {
  expect(() => routerOf("GET /a/:x", "PUT /a/:x", "GET /a/:y")).toThrow(
    "/a/:y is registered twice",
  );
  expect(() => routerOf("GET /a/*", "GET /a/*")).toThrow("/a/* is registered twice");
  const router = routerOf("GET /a/:x");
  expect(find(router, "GET", `/a/${"b".repeat(8192)}`)).toBeDefined();
  expect(() => find(router, "GET", `/a/${"b".repeat(8193)}`)).toThrow(WorkspaceError);
});

describe("a workspace", () => {
  const workspace = useWorkspace();

  test.each([
    [
      "GET",
      "/api/2.0/permissions/jobs/",
      9000,
      400,
      "has 9005 characters; at most 8192 are allowed",
    ],
    ["GET", "/api/2.0/jobs/%zz", 0, 400, "'/api/2.0/jobs/%zz' is not a valid url component"],
    ["OPTIONS", "/api/2.0/jobs/list", 0, 501, "does not have OPTIONS /api/2.0/jobs/list"],
    ["REPORT", "/api/2.0/jobs/list", 0, 501, "does not have REPORT /api/2.0/jobs/list"],
    ["PUT", "/api/2.0/jobs/list", 0, 501, "does not have PUT /api/2.0/jobs/list"],
  ])("rejects %s %s and %i more characters with %i", async (method, path, more, status, text) => {
    const response = await fetch(`${workspace.host}${path}${"1".repeat(more)}`, {
      method,
      headers: { authorization: `Bearer ${workspace.token}` },
    });
    const { message } = (await response.json()) as { message: string };
    expect([response.status, message]).toEqual([status, expect.stringContaining(text)]);
  });
});
