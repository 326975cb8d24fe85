import type { User } from "../access/principal";

/** The recipient of an alert or a dashboard: a user, or a notification destination by its id. */
export type Subscriber = User | { readonly destinationId: string };

export function renderSubscribers(
  subscribers: readonly Subscriber[] | undefined,
): { userName?: string; destinationId?: string }[] | undefined {
  return subscribers?.map((subscriber) =>
    "destinationId" in subscriber ? { destinationId: subscriber.destinationId } : { userName: subscriber.name },
  );
}
