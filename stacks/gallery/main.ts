import { synthesize } from "../../constructs";
import { Gallery } from "./gallery";

// npx cdktf synth --app "npx ts-node stacks/gallery/main.ts"
synthesize((app) => {
  new Gallery(app);
});
