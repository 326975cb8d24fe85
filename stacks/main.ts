import { synthesize } from "../constructs";
import { DailyEtl } from "./daily-etl";
import { environments } from "./environments";

// cdktf's app: run by `npx cdktf synth` and by lakeform.
synthesize((app) => {
  for (const environment of environments) new DailyEtl(app, environment);
});
