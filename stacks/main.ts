import { synthesize } from "../constructs";
import { DailyEtl } from "./daily-etl";
import { environments } from "./environments";

// cdktf's app: `npx cdktf synth` runs it, and so does lakeform.
synthesize((app) => {
  for (const environment of environments) new DailyEtl(app, environment);
});
