import type { IUser } from "../access/principal";
import type { INotificationDestination } from "../workspace/notification-destination";

/**
 * The recipient of an alert or a dashboard: a user or a notification destination. A destination can
 * also be given as its id.
 */
export type Subscriber = IUser | INotificationDestination | { readonly destinationId: string };

/** Renders subscribers as user names and ids of destinations. */
export function renderSubscribers(
  subscribers: readonly Subscriber[] | undefined,
): { userName?: string; destinationId?: string }[] | undefined {
  return subscribers?.map((subscriber) => {
    if ("destinationId" in subscriber) return { destinationId: subscriber.destinationId };
    return subscriber.kind === "user"
      ? { userName: subscriber.renderName() }
      : { destinationId: subscriber.renderId() };
  });
}
