/** What tests of your own use: matchers over reports of the verifier. */
export { verifyMatchers, type MatcherResult } from "./verified";
