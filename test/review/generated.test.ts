import { describeGenerated } from "./generated";

// The long tier has 1,000.
describeGenerated(250);
