import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { existingId } from "../core/names";
import { checkOneOf } from "../core/one-of";
import { WorkspaceStack } from "../core/workspace-stack";
import type { SecretValue } from "../secrets/secret-value";

export interface NotificationDestinationProps {
  /** The name, without the environment's prefix. */
  readonly displayName: string;
  /** E-mail addresses. */
  readonly email?: {
    /** The e-mail addresses of the recipients. */
    readonly addresses: readonly string[];
  };
  /** Set `url` for an incoming webhook, or `oauthToken` and `channelId` for a bot. */
  readonly slack?: {
    /** The address of the webhook. */
    readonly url?: SecretValue;
    /** The OAuth token of the Slack app. */
    readonly oauthToken?: SecretValue;
    /** The id of the channel. */
    readonly channelId?: SecretValue;
  };
  /** A PagerDuty service. */
  readonly pagerduty?: {
    /** The integration key of the service. */
    readonly integrationKey: SecretValue;
  };
  /** Set `url` for an incoming webhook, or the other properties for an app. */
  readonly microsoftTeams?: {
    /** The address of the webhook. */
    readonly url?: SecretValue;
    /** The id of the Teams app. */
    readonly appId?: SecretValue;
    /** The secret of the Teams app. */
    readonly authSecret?: SecretValue;
    /** The address of the channel. */
    readonly channelUrl?: SecretValue;
    /** The id of the Microsoft Entra tenant. */
    readonly tenantId?: SecretValue;
  };
  /** A webhook. */
  readonly genericWebhook?: {
    /** The address of the webhook. */
    readonly url: SecretValue;
    /** The user name for basic authentication. @default - none */
    readonly username?: SecretValue;
    /** The password for basic authentication. @default - none */
    readonly password?: SecretValue;
  };
}

/**
 * A notification destination, managed by this stack or elsewhere. Used as a subscriber, and with
 * `renderId()` in webhook notifications of workflows.
 */
export interface INotificationDestination {
  /** Distinguishes a destination from other handles at compile time. */
  readonly kind: "notification destination";
  /** Returns the id, which is a Terraform reference for a destination of this stack. */
  renderId(): string;
}

/**
 * Where notifications are sent: an e-mail address, Slack, PagerDuty, Microsoft Teams or a webhook.
 * The platform does not return the addresses, so verify cannot check them.
 *
 * @example
 * const oncall = new NotificationDestination(stack, "oncall", {
 *   displayName: "oncall",
 *   slack: { url: SecretValue.fromEnvironment("SLACK_WEBHOOK_URL") },
 * });
 * const nightly = new Workflow(stack, "nightly", {
 *   name: "nightly",
 *   webhookNotifications: { onFailure: [oncall.renderId()] },
 * });
 * nightly.addTask("load", { run: NotebookTask.at("/Shared/load"), on: Serverless.compute });
 * @see https://docs.databricks.com/aws/en/admin/workspace-settings/notification-destinations
 */
export class NotificationDestination extends Element implements INotificationDestination {
  /**
   * Refers to the destination with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(destinationId: string): INotificationDestination {
    const id = existingId("notification destination", destinationId, {
      example: "8b4fb6c4-2d2a-4a0c-9c3e-5a1f0d6b7e11",
    });
    return { kind: "notification destination", renderId: () => id };
  }

  readonly kind = "notification destination";
  readonly #id: string;

  /** @throws ConstructError ONE_OF unless exactly one destination type is set */
  constructor(scope: Construct, id: string, props: NotificationDestinationProps) {
    super(scope, id);
    const { displayName, email, slack, pagerduty, microsoftTeams, genericWebhook } = props;
    checkOneOf(this, "a notification destination", {
      email,
      slack,
      pagerduty,
      microsoftTeams,
      genericWebhook,
    });
    const { NotificationDestination: NotificationDestinationResource } = load(
      "notification-destination",
    );
    const resource = new NotificationDestinationResource(this, "Resource", {
      displayName: WorkspaceStack.around(this).named(displayName),
      config: {
        email: email && { addresses: [...email.addresses] },
        slack: this.#renderSecrets(slack),
        pagerduty: this.#renderSecrets(pagerduty),
        microsoftTeams: this.#renderSecrets(microsoftTeams),
        genericWebhook: this.#renderSecrets(genericWebhook),
      },
    });
    this.#id = resource.id;
  }

  renderId(): string {
    return this.#id;
  }

  #renderSecrets(
    secrets: Readonly<Record<string, SecretValue | undefined>> | undefined,
  ): Record<string, string> | undefined {
    if (secrets === undefined) return undefined;
    const renderedEntries = Object.entries(secrets).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.render(this)] as const],
    );
    return Object.fromEntries(renderedEntries);
  }
}
