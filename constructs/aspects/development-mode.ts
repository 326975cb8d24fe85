import { JobResource, type IAspect, type IConstruct } from "../core/bindings";
import { developerPrefix, isPipeline, NamingPolicy } from "./naming-policy";
import { TagEverything } from "./tag-everything";

export interface DevelopmentModeProps {
  /** The developer's e-mail address. */
  readonly user: string;
}

/**
 * Makes a stack one developer's copy, next to the copies of others: adds the prefix of
 * {@link developerPrefix} to names (see {@link NamingPolicy}) and the tag `dev` with the e-mail
 * address up to the @ (see {@link TagEverything}), pauses schedules, triggers and continuous jobs,
 * and sets pipelines to development mode.
 *
 * @example
 * Aspects.of(stack).add(new DevelopmentMode({ user: "ada@example.com" }));
 */
export class DevelopmentMode implements IAspect {
  readonly #naming: NamingPolicy;
  readonly #tags: TagEverything;

  constructor(props: DevelopmentModeProps) {
    this.#naming = new NamingPolicy({ prefix: developerPrefix(props.user) });
    this.#tags = new TagEverything({ dev: props.user.replace(/@.*$/, "") });
  }

  /** The toolkit calls this for each construct. */
  visit(construct: IConstruct): void {
    this.#naming.visit(construct);
    this.#tags.visit(construct);
    if (construct instanceof JobResource) pause(construct);
    if (isPipeline(construct)) construct.development = true;
  }
}

function pause(job: JobResource): void {
  const pauseStatus = "PAUSED";
  const { scheduleInput: schedule, triggerInput: trigger, continuousInput: continuous } = job;
  if (schedule !== undefined) job.putSchedule({ ...schedule, pauseStatus });
  if (trigger !== undefined) job.putTrigger({ ...trigger, pauseStatus });
  if (continuous !== undefined) job.putContinuous({ ...continuous, pauseStatus });
  const { triggersInput: triggers } = job as NewerJob;
  if (triggers !== undefined)
    (job as NewerJob).putTriggers?.(triggers.map((trigger) => ({ ...trigger, pauseStatus })));
}

/** The members of a job that only the bindings of cdktn have. */
interface NewerJob {
  readonly triggersInput?: readonly object[];
  putTriggers?(triggers: readonly object[]): void;
}
