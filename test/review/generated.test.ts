import { describeGenerated } from "./generated";

// The long tier has 1,000 plans, and plans of all kinds.
describeGenerated(50);
