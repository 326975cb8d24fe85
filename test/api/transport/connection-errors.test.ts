import { classifyConnection } from "../../../src/api/transport/connection-errors";

// Made-up errors, because a test cannot make a network unreachable.
test.each([
  ["ECONNREFUSED", "nothing listens at this address"],
  ["EHOSTUNREACH", "there is no network route to this address"],
  ["ENETUNREACH", "there is no network route to this address"],
])("%s is reported as: %s", (code, what) => {
  const route = { host: "https://dose.example", schemeAssumed: false, http: { proxies: [] } };
  const error = Object.assign(new Error(`connect ${code}`), { code });
  expect(classifyConnection(error, route)).toMatchObject({ code: "CONNECTION_REFUSED", what });
});
