import type { JobConfig, JobTask } from "../core/bindings";

/**
 * The e-mail addresses to notify, by event.
 *
 * @example
 * const pipeline = new Workflow(stack, "pipeline", {
 *   name: "daily-etl",
 *   emailNotifications: {
 *     onFailure: ["on-call@example.com"],
 *     onDurationWarningThresholdExceeded: ["data@example.com"],
 *   },
 *   health: [{ metric: "RUN_DURATION_SECONDS", greaterThan: 3600 }],
 * });
 * pipeline.addTask("ingest", { run: NotebookTask.at("/Shared/ingest"), on: Serverless.compute });
 */
export interface EmailNotifications {
  /** Recipients for runs that start. */
  readonly onStart?: readonly string[];
  /** Recipients for runs that succeed. */
  readonly onSuccess?: readonly string[];
  /** Recipients for runs that fail. */
  readonly onFailure?: readonly string[];
  /** Recipients for runs that exceed the duration in the health rule. */
  readonly onDurationWarningThresholdExceeded?: readonly string[];
  /** Recipients for runs that exceed a streaming backlog in the health rules. */
  readonly onStreamingBacklogExceeded?: readonly string[];
  /** The former spelling of notificationSettings.noAlertForSkippedRuns. */
  readonly noAlertForSkippedRuns?: boolean;
}

/** The ids of notification destinations by event, at most three each. */
export interface WebhookNotifications {
  /** For runs that start. */
  readonly onStart?: readonly string[];
  /** For runs that succeed. */
  readonly onSuccess?: readonly string[];
  /** For runs that fail. */
  readonly onFailure?: readonly string[];
  /** For runs that exceed the duration in the health rule. */
  readonly onDurationWarningThresholdExceeded?: readonly string[];
  /** For runs that exceed a streaming backlog in the health rules. */
  readonly onStreamingBacklogExceeded?: readonly string[];
}

export interface NotificationSettings {
  /** Do not notify about skipped runs. */
  readonly noAlertForSkippedRuns?: boolean;
  /** Do not notify about canceled runs. */
  readonly noAlertForCanceledRuns?: boolean;
}

export interface TaskNotificationSettings extends NotificationSettings {
  /** Notify only about the last attempt of a task. */
  readonly alertOnLastAttempt?: boolean;
}

/** A limit that triggers a notification when it is exceeded. It does not fail the run. */
export interface HealthRule {
  /** The value to measure: the duration of a run, or the backlog of its streams. */
  readonly metric:
    | "RUN_DURATION_SECONDS"
    | "STREAMING_BACKLOG_BYTES"
    | "STREAMING_BACKLOG_RECORDS"
    | "STREAMING_BACKLOG_SECONDS"
    | "STREAMING_BACKLOG_FILES";
  /** The limit, in the unit of the metric. */
  readonly greaterThan: number;
}

type Notifications = Pick<
  JobConfig & JobTask,
  "emailNotifications" | "webhookNotifications" | "health"
>;

/**
 * Renders the e-mail and webhook notifications and the health rules of a job or task.
 */
export function renderNotifications(props: {
  readonly emailNotifications?: EmailNotifications;
  readonly webhookNotifications?: WebhookNotifications;
  readonly health?: readonly HealthRule[];
}): Notifications {
  const { emailNotifications: email, webhookNotifications: webhook, health } = props;
  return {
    ...(email && {
      emailNotifications: {
        onStart: unlessEmpty(email.onStart),
        onSuccess: unlessEmpty(email.onSuccess),
        onFailure: unlessEmpty(email.onFailure),
        onDurationWarningThresholdExceeded: unlessEmpty(email.onDurationWarningThresholdExceeded),
        onStreamingBacklogExceeded: unlessEmpty(email.onStreamingBacklogExceeded),
        noAlertForSkippedRuns: email.noAlertForSkippedRuns,
      },
    }),
    ...(webhook && {
      webhookNotifications: {
        onStart: renderDestinations(webhook.onStart),
        onSuccess: renderDestinations(webhook.onSuccess),
        onFailure: renderDestinations(webhook.onFailure),
        onDurationWarningThresholdExceeded: renderDestinations(
          webhook.onDurationWarningThresholdExceeded,
        ),
        onStreamingBacklogExceeded: renderDestinations(webhook.onStreamingBacklogExceeded),
      },
    }),
    // The provider requires at least one rule in the block.
    ...(health &&
      health.length > 0 && {
        health: {
          rules: health.map(({ metric, greaterThan }) => ({
            metric,
            op: "GREATER_THAN",
            value: greaterThan,
          })),
        },
      }),
  };
}

function unlessEmpty(addresses: readonly string[] | undefined): string[] | undefined {
  return addresses === undefined || addresses.length === 0 ? undefined : [...addresses];
}

/** Sorts the ids, as the provider does. In another order, every plan would show a diff. */
function renderDestinations(ids: readonly string[] | undefined): { id: string }[] | undefined {
  return ids === undefined || ids.length === 0 ? undefined : [...ids].sort().map((id) => ({ id }));
}
